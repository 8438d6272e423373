"""What came after the residual network, as small changes to it: another order in the block, grouped
convolutions, concatenation instead of addition. Stochastic depth is among `course.networks.variants`.

All are for small images, as `cifar_resnet`, with option A.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.networks.layers import BasicBlock, Block, Bottleneck, conv, init_he
from course.networks.resnet import ResNet


class PreActivation(BasicBlock):
    """F(x) + x, where F is BN, ReLU, 3x3, BN, ReLU, 3x3: nothing stands on the path
    (He et al. 2016b, Table 2, full pre-activation).
    """

    relu_on_path = False

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__(channels, width, stride, kind)
        self.bn1 = nn.BatchNorm2d(channels)  # of what enters, not of what the convolution makes of it

    def branch(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.bn1(x)))
        return self.conv2(F.relu(self.bn2(y)))


class PreActivationResNet(ResNet):
    """last_norm: normalise what the path has added up before the last layer reads it."""

    def __init__(self, stages: list[tuple[int, int]], in_channels: int, num_classes: int, last_norm: bool):
        super().__init__(PreActivation, stages, "pad", in_channels, num_classes, imagenet=False)
        del self.bn1  # the first block normalises
        self.last = nn.BatchNorm2d(stages[-1][0]) if last_norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) -> logits (N, num_classes)"""
        x = self.conv1(x)
        for number in range(1, self.stages + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return self.fc(F.relu(self.last(x)).mean(dim=(2, 3)))


class Aggregated(Bottleneck):
    """A bottleneck whose 3x3 convolution works in groups, and is wider for it (Xie et al. 2017)."""

    expansion = 2
    cardinality = 18

    def __init__(self, channels: int, width: int, stride: int, kind: str | None):
        super().__init__(channels, width, stride, kind)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, groups=self.cardinality, bias=False)


class DenseLayer(nn.Module):
    """[x, F(x)]: what the layer computes stands beside what it got (Huang et al. 2017)."""

    def __init__(self, channels: int, growth: int):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)
        self.conv = conv(channels, growth, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv(F.relu(self.bn(x)))], dim=1)


class Transition(nn.Module):
    """Between two stages of a DenseNet: 1x1, then the mean of every four pixels."""

    def __init__(self, channels: int):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels)
        self.conv = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.conv(F.relu(self.bn(x))), 2)


def pre_activation_resnet(
    depth: int, last_norm: bool = True, in_channels: int = 3, num_classes: int = 10
) -> ResNet:
    """`cifar_resnet` with full pre-activation. Raises CourseError for a depth that is not 6n + 2."""
    return PreActivationResNet(three_stages(depth, 6), in_channels, num_classes, last_norm)


def wide_resnet(depth: int, width: int, in_channels: int = 3, num_classes: int = 10) -> ResNet:
    """`cifar_resnet` with `width`, twice and four times `width` channels, not 16, 32 and 64.

    Zagoruyko and Komodakis 2016 use pre-activation; here width alone is changed.
    """
    stages = three_stages(depth, 6, width)
    return ResNet(BasicBlock, stages, "pad", in_channels, num_classes, imagenet=False)


def bottleneck_resnet(
    depth: int, width: int, block: type[Block] = Bottleneck, in_channels: int = 3, num_classes: int = 10
) -> ResNet:
    """9n + 2 layers of bottlenecks; with block=Aggregated, a ResNeXt."""
    return ResNet(block, three_stages(depth, 9, width), "pad", in_channels, num_classes, imagenet=False)


def densenet(depth: int, growth: int, in_channels: int = 3, num_classes: int = 10) -> nn.Sequential:
    """3n + 4 layers: a first convolution, three stages of n layers, two transitions, one fully connected."""
    layers, rest = divmod(depth - 4, 3)
    if rest or layers < 1:
        raise CourseError(f"no densenet has {depth} layers: the depth is 3n + 4 (7, 10, 13, ...)")
    channels = 16
    net = nn.Sequential(conv(in_channels, channels, 3))
    for stage in range(3):
        for _ in range(layers):
            net.append(DenseLayer(channels, growth))
            channels += growth
        if stage < 2:
            net.append(Transition(channels))
    net.extend([nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()])
    net.append(nn.Linear(channels, num_classes))
    init_he(net)
    return net


def three_stages(depth: int, layers: int, width: int = 16) -> list[tuple[int, int]]:
    """(width, blocks) of each: the first layer, the last and three stages make `depth` layers.

    layers: of three blocks, one in each stage.
    """
    blocks, rest = divmod(depth - 2, layers)
    if rest or blocks < 1:
        raise CourseError(f"there is no such network of {depth} layers: the depth is {layers}n + 2")
    return [(width, blocks), (2 * width, blocks), (4 * width, blocks)]
