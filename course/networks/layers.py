"""The block of the residual network, and the one `+` that the whole course is about.

A plain network and a residual network are the same modules with the same names and the same weights.
They differ by one line in `Block.forward`.
"""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """relu(F(x) + x) if residual, relu(F(x)) if plain (He et al. 2016a, section 3.2, Eq. 1).

    Subclasses compute the paper's F in `branch` and call `set_shortcut` last.
    """

    residual: bool
    downsample: Any  # the path around it, or None
    expansion: int  # of the width, from first to last
    relu_on_path = True  # after the addition, as in 2015; pre-activation has none (He et al. 2016b)
    fusible = True  # may be compiled by itself, see course.training.cuda_graphs

    def set_shortcut(self, kind: str | None, channels: int, out: int, stride: int) -> None:
        self.residual = kind is not None
        self.downsample = shortcut(kind, channels, out, stride)

    def branch(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, out, H / stride, W / stride)"""
        y = self.branch(x)
        if self.residual:
            y = y + self.downsample(x)
        return F.relu(y) if self.relu_on_path else y


class BasicBlock(Block):
    """Two 3x3 convolutions (He et al. 2016a, Figure 5 left)."""

    expansion = 1

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__()
        self.conv1 = conv(channels, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.set_shortcut(kind, channels, width, stride)

    def branch(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return self.bn2(self.conv2(y))


class Bottleneck(Block):
    """1x1 to narrow, 3x3, 1x1 to widen by four (He et al. 2016a, Figure 5 right).

    The stride stands on the 3x3, as in torchvision; the paper puts it on the first 1x1.
    """

    expansion = 4

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__()
        out = width * self.expansion
        self.conv1 = conv(channels, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv(width, out, 1)
        self.bn3 = nn.BatchNorm2d(out)
        self.set_shortcut(kind, channels, out, stride)

    def branch(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return self.bn3(self.conv3(y))


class Dense(nn.Module):
    """One fully connected layer of a perceptron, F(x) = act(bn(W x + b)); with a skip, F(x) + x.

    A skip stands only where the widths agree.  groups: normalise each example's units in so many groups,
    not over the batch (Wu and He 2018); 1 is layer normalisation.
    """

    def __init__(
        self,
        width: int,
        out: int,
        activation: nn.Module,
        batch_norm: bool,
        skip: bool,
        groups: int | None = None,
    ):
        super().__init__()
        self.linear = nn.Linear(width, out)
        self.norm: nn.Module = nn.BatchNorm1d(out) if batch_norm else nn.Identity()
        if groups:
            self.norm = nn.GroupNorm(groups, out)
        self.activation = activation
        self.residual = skip and width == out

    def branch(self, x: Tensor) -> Tensor:
        return self.activation(self.norm(self.linear(x)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, width) -> (N, out)"""
        y = self.branch(x)
        return y + x if self.residual else y


class Pad(nn.Module):
    """Option A: every second pixel, and zeros for the new channels,
    half before and half after; no parameters.

    The paper does not say where the zeros go. Trained weights do depend on it, so they lie here where widely
    used published weights expect them.
    """

    def __init__(self, channels: int, out: int, stride: int):
        super().__init__()
        self.stride = stride
        self.before = (out - channels) // 2
        self.after = out - channels - self.before

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))

    def extra_repr(self) -> str:
        return f"stride={self.stride}, channels {self.before} before, {self.after} after"


def shortcut(kind: str | None, channels: int, out: int, stride: int) -> nn.Module | None:
    """The path around a block: the identity, or, where the shape changes, option A ("pad") or B ("project").

    He et al. 2016a, section 3.3. None: no path, a plain network.
    """
    if kind is None:
        return None
    if stride == 1 and channels == out:
        return nn.Identity()
    if kind == "pad":
        return Pad(channels, out, stride)
    return nn.Sequential(conv(channels, out, 1, stride), nn.BatchNorm2d(out))


def conv(channels: int, out: int, size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps height and width at stride 1;
    the batch normalisation after it makes a bias redundant.
    """
    return nn.Conv2d(channels, out, size, stride, padding=size // 2, bias=False)


def init_he(net: nn.Module) -> None:
    """Weights from N(0, 2 / fan_in), biases zero (He et al. 2015, section 2.2)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def weight_layers(net: nn.Module) -> list[tuple[str, Any]]:
    """The layers that depth counts, in order: convolutions and fully connected layers,
    not the projections.
    """
    return [
        (name, module)
        for name, module in net.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear) and "downsample" not in name
    ]
