"""Residual networks with one thing changed: what the branch starts from, what scales it, which way the
gradient takes.

Each is a block of the same two convolutions, to be put into `course.networks.resnet.ResNet`.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.networks.layers import BasicBlock, Block, conv
from course.networks.resnet import ResNet, cifar_stages


class Around(BasicBlock):
    """The same function; on the way back the gradient takes the shortcut alone, so that it reaches each
    block by one path, which crosses no other.
    """

    def branch(self, x: Tensor) -> Tensor:
        return super().branch(x.detach())


class Through(BasicBlock):
    """The same function; on the way back the gradient takes the branch alone, as in a plain network."""

    def set_shortcut(self, kind: str | None, channels: int, out: int, stride: int) -> None:
        super().set_shortcut(kind, channels, out, stride)
        self.downsample = nn.Sequential(self.downsample, Closed())


class Closed(nn.Module):
    """Passes on what it gets, and no gradient."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


class Sometimes(BasicBlock):
    """Stochastic depth: in training the branch is left out with a probability, at inference it counts for
    its chance (Huang et al. 2016).
    """

    survival = 1.0
    recordable = False  # as a CUDA graph: which blocks are left out is drawn on the host

    def branch(self, x: Tensor) -> Tensor:
        return super().branch(x) if self.training else self.survival * super().branch(x)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and torch.rand(()) >= self.survival:
            return F.relu(self.downsample(x))
        return super().forward(x)


class Bare(Block):
    """Two convolutions with biases and no batch normalisation."""

    expansion = 1

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.set_shortcut(kind, channels, width, stride)

    def branch(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(x)))


class SkipInit(Bare):
    """The branch times one learned scalar, 0 at the start (De and Smith 2020)."""

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__(channels, width, stride, kind)
        self.alpha = nn.Parameter(torch.zeros(()))

    def branch(self, x: Tensor) -> Tensor:
        return self.alpha * super().branch(x)


class Fixup(Block):
    """A scalar bias before each convolution and the ReLU, a scalar factor on the branch, no normalisation
    (Zhang et al. 2019). How its weights start stands in `residual`.
    """

    expansion = 1

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__()
        self.conv1 = conv(channels, width, 3, stride)
        self.conv2 = conv(width, width, 3)
        self.biases = nn.Parameter(torch.zeros(4))
        self.factor = nn.Parameter(torch.ones(()))
        self.set_shortcut(kind, channels, width, stride)

    def branch(self, x: Tensor) -> Tensor:
        before, first, middle, last = self.biases
        y = F.relu(self.conv1(x + before) + first)
        return self.factor * self.conv2(y + middle) + last


VARIANTS: dict[str, type[Block]] = {
    "usual": BasicBlock,
    "around": Around,
    "through": Through,
    "sometimes": Sometimes,
    "skipinit": SkipInit,
    "fixup": Fixup,
}


def residual(variant: str, depth: int, in_channels: int = 3, num_classes: int = 10) -> ResNet:
    """The residual network of `cifar_resnet` (option A) with the blocks of one of VARIANTS.

    Blocks without batch normalisation stand in a network without any.
    Raises CourseError for an unknown variant, or a depth that is not 6n + 2.
    """
    if variant not in VARIANTS:
        raise CourseError(f"unknown variant {variant!r}: choose one of {', '.join(VARIANTS)}")
    net: Any = ResNet(VARIANTS[variant], cifar_stages(depth), "pad", in_channels, num_classes, imagenet=False)
    parts = [module for module in net.modules() if isinstance(module, VARIANTS[variant])]
    if issubclass(VARIANTS[variant], Bare | Fixup):
        net.bn1 = nn.Identity()
    for place, part in enumerate(parts, start=1):
        if isinstance(part, Sometimes):
            part.survival = 1 - 0.5 * place / len(parts)  # from nearly always to every other time
        if isinstance(part, Fixup):
            with torch.no_grad():
                part.conv1.weight.mul_(len(parts) ** -0.5)
            nn.init.zeros_(part.conv2.weight)
    if variant == "fixup":
        nn.init.zeros_(net.fc.weight)
    return net
