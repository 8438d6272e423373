"""Plain and residual networks, for small images and for ImageNet (He et al. 2016a).

Attribute names are torchvision's, so that its trained weights load strictly.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.networks.layers import BasicBlock, Block, Bottleneck, conv, init_he

SHORTCUTS = ("pad", "project", None)


class ResNet(nn.Module):
    """A first convolution, stages of blocks, global average pooling and one fully connected layer.

    stages: (width, blocks) for each stage; all but the first start with stride 2.
    imagenet: begin with a 7x7 convolution and a max-pool, both of stride 2 (He et al. 2016a, Table 1), not
    with a 3x3.
    """

    def __init__(
        self,
        block: type[Block],
        stages: list[tuple[int, int]],
        shortcut: str | None,
        in_channels: int,
        num_classes: int,
        imagenet: bool,
    ):
        super().__init__()
        channels = stages[0][0]
        if imagenet:
            self.conv1 = nn.Conv2d(in_channels, channels, 7, stride=2, padding=3, bias=False)
        else:
            self.conv1 = conv(in_channels, channels, 3)
        self.bn1 = nn.BatchNorm2d(channels)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if imagenet else nn.Identity()
        for number, (width, blocks) in enumerate(stages, start=1):
            stage = nn.Sequential()
            for position in range(blocks):
                stride = 2 if number > 1 and position == 0 else 1
                stage.append(block(channels, width, stride, shortcut))
                channels = width * block.expansion
            self.add_module(f"layer{number}", stage)
        self.stages = len(stages)
        self.fc = nn.Linear(channels, num_classes)
        init_he(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) -> logits (N, num_classes)"""
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        for number in range(1, self.stages + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return self.fc(x.mean(dim=(2, 3)))


def cifar_resnet(
    depth: int, shortcut: str | None = "pad", in_channels: int = 3, num_classes: int = 10
) -> ResNet:
    """The network of He et al. 2016a, section 4.2: 6n + 2 layers for small images;
    shortcut=None makes it plain.

    Raises CourseError (a ValueError) for a depth that is not 6n + 2 or an unknown shortcut.
    """
    check_shortcut(shortcut)
    return ResNet(BasicBlock, cifar_stages(depth), shortcut, in_channels, num_classes, imagenet=False)


def cifar_stages(depth: int) -> list[tuple[int, int]]:
    """Width and blocks of the three stages. Raises CourseError for a depth that is not 6n + 2."""
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise CourseError(
            f"no cifar_resnet has {depth} layers: the depth is 6n + 2 (8, 14, 20, 26, ...), three stages of "
            "n blocks of two layers between the first and the last; the paper trains 20, 32, 44, 56, 110 and "
            "1202"
        )
    return [(16, blocks), (32, blocks), (64, blocks)]


# He et al. 2016a, Table 1: the blocks in conv2_x, conv3_x, conv4_x and conv5_x.
IMAGENET = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


def imagenet_resnet(depth: int, shortcut: str | None = "project", num_classes: int = 1000) -> ResNet:
    """The network of He et al. 2016a, Table 1, for 224x224 images; shortcut=None makes it plain.

    Raises CourseError (a ValueError) for a depth outside the table or an unknown shortcut.
    """
    check_shortcut(shortcut)
    if depth not in IMAGENET:
        raise CourseError(
            f"no imagenet_resnet has {depth} layers: choose one of {', '.join(map(str, IMAGENET))}"
        )
    block, counts = IMAGENET[depth]
    return ResNet(block, list(zip((64, 128, 256, 512), counts)), shortcut, 3, num_classes, imagenet=True)


def check_shortcut(shortcut: str | None) -> None:
    if shortcut not in SHORTCUTS:
        raise CourseError(
            f'unknown shortcut {shortcut!r}: "pad" (option A), "project" (option B) or None (a plain network)'
        )
