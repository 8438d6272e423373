"""VGG: 3x3 convolutions, and nothing else, 11 to 19 layers deep (Simonyan and Zisserman 2015).

Attribute names are torchvision's, so that its trained weights load strictly.
"""

from typing import Any

from torch import Tensor, nn

from course import CourseError
from course.networks.layers import init_he

# Simonyan and Zisserman 2015, Table 1: columns A, B, D and E. A number is a 3x3 convolution, "M" a max-pool.
VGG = {
    11: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    13: [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    16: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    19: [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"],
}


class VGGNet(nn.Module):
    """3x3 convolutions and max-pools after a table; three fully connected layers, or one for small images."""

    def __init__(self, table: list[Any], batch_norm: bool, num_classes: int, imagenet: bool):
        super().__init__()
        self.features = nn.Sequential()
        channels = 3
        for row in table:
            if row == "M":
                self.features.append(nn.MaxPool2d(2))
                continue
            self.features.append(nn.Conv2d(channels, row, 3, padding=1))
            if batch_norm:
                self.features.append(nn.BatchNorm2d(row))
            self.features.append(nn.ReLU())
            channels = row
        self.avgpool = nn.AdaptiveAvgPool2d(7 if imagenet else 1)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        ) if imagenet else nn.Linear(512, num_classes)  # fmt: skip
        init_he(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> logits (N, num_classes); H = W = 224 in the paper, 32 for small images"""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg(depth: int = 16, batch_norm: bool = False, num_classes: int = 1000) -> VGGNet:
    """VGG-11, 13, 16 or 19; batch normalisation is a later addition (the paper predates it).

    He initialisation, not the paper's: it trained shallow nets first and grew them, since one fixed scale
    does not suit all depths.
    """
    return VGGNet(vgg_table(depth), batch_norm, num_classes, imagenet=True)


def cifar_vgg(depth: int = 16, batch_norm: bool = True, num_classes: int = 10) -> VGGNet:
    """The same convolutions for 32x32 images, of which five pools leave one pixel,
    and one fully connected layer.

    Not of the paper: the usual network for CIFAR-10 under this name. It counts depth as the paper does, two
    layers more than it has.
    """
    return VGGNet(vgg_table(depth), batch_norm, num_classes, imagenet=False)


def vgg_table(depth: int) -> list[Any]:
    if depth not in VGG:
        raise CourseError(f"no vgg has {depth} layers: choose one of {', '.join(map(str, VGG))}")
    return VGG[depth]
