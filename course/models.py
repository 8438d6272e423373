"""The networks of the course as tables: AlexNet, VGG, plain and residual networks, deep perceptrons.

Attribute names are torchvision's where torchvision has the network,
so that its trained weights load strictly.
"""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.layers import BasicBlock, Block, Bottleneck, Dense, conv, init_he, weight_layers

SHORTCUTS = ("pad", "project", None)


class ResNet(nn.Module):
    """A first convolution, stages of blocks, global average pooling and one fully connected layer.

    stages: (width, blocks) for each stage; all but the first start with stride 2.
    imagenet: begin with a 7x7 convolution and a max-pool, both of stride 2 (He et al. 2016a,
    Table 1), not with a 3x3.
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
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise CourseError(
            f"no cifar_resnet has {depth} layers: the depth is 6n + 2 (8, 14, 20, 26, ...), three stages of "
            "n blocks of two layers between the first and the last; the paper trains 20, 32, 44, 56, 110 and "
            "1202"
        )
    return ResNet(
        BasicBlock,
        [(16, blocks), (32, blocks), (64, blocks)],
        shortcut,
        in_channels,
        num_classes,
        imagenet=False,
    )


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


# Simonyan and Zisserman 2015, Table 1: columns A, B, D and E. A number is a 3x3 convolution, "M" a max-pool.
VGG = {
    11: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    13: [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    16: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    19: [
        64,
        64,
        "M",
        128,
        128,
        "M",
        256,
        256,
        256,
        256,
        "M",
        512,
        512,
        512,
        512,
        "M",
        512,
        512,
        512,
        512,
        "M",
    ],
}


class VGGNet(nn.Module):
    """3x3 convolutions and max-pools after a table, then three fully connected layers,
    or one for small images.
    """

    def __init__(self, table: list[int | str], batch_norm: bool, num_classes: int, imagenet: bool):
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

    He initialisation, not the paper's: it trained shallow nets first and grew them,
    since one fixed scale does not suit all depths.
    """
    return VGGNet(vgg_table(depth), batch_norm, num_classes, imagenet=True)


def cifar_vgg(depth: int = 16, batch_norm: bool = True, num_classes: int = 10) -> VGGNet:
    """The same convolutions for 32x32 images, of which five pools leave one pixel,
    and one fully connected layer.

    Not of the paper: the usual network for CIFAR-10 under this name. It counts depth as the paper does,
    two layers more than it has.
    """
    return VGGNet(vgg_table(depth), batch_norm, num_classes, imagenet=False)


def vgg_table(depth: int) -> list[int | str]:
    if depth not in VGG:
        raise CourseError(f"no vgg has {depth} layers: choose one of {', '.join(map(str, VGG))}")
    return VGG[depth]


# Krizhevsky et al. 2012, section 3.5: out, kernel, stride, padding, groups, then "normalise" and "pool" after
# the ReLU. Two groups are the two GPUs: a convolution sees only the half of the
# channels that lies on its own card.
ALEXNET = [
    (96, 11, 4, 2, 1, True, True),
    (256, 5, 1, 2, 2, True, True),
    (384, 3, 1, 1, 1, False, False),
    (384, 3, 1, 1, 2, False, False),
    (256, 3, 1, 1, 2, False, True),
]


class AlexNet(nn.Module):
    """The network that won ILSVRC 2012, as published (torchvision's `alexnet` is a later one-GPU variant).

    Five convolutions and three fully connected layers, 60,965,224 parameters. The paper prints 224x224
    inputs, whose arithmetic needs two rows and columns of padding.
    """

    def __init__(self, num_classes: int = 1000):
        super().__init__()
        self.features = nn.Sequential()
        channels = 3
        for out, size, stride, padding, groups, normalise, pool in ALEXNET:
            self.features.append(nn.Conv2d(channels, out, size, stride, padding, groups=groups))
            self.features.append(nn.ReLU())
            if normalise:
                # torch averages the squares over the window, the paper sums them: hence the factor 5.
                self.features.append(nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0))
            if pool:
                self.features.append(nn.MaxPool2d(3, stride=2))  # 3 > 2: overlapping pooling, section 3.4
            channels = out
        self.classifier = nn.Sequential(
            nn.Linear(256 * 6 * 6, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        )  # fmt: skip
        self.init_published()

    def init_published(self) -> None:
        """Weights from N(0, 0.01^2); biases 1 in conv2, 4, 5 and the hidden fully connected layers,
        else 0 (section 5).
        """
        layers = [m for m in self.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        for layer, bias in zip(layers, (0, 1, 0, 1, 1, 1, 1, 0), strict=True):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 224, 224) -> logits (N, num_classes)"""
        return self.classifier(self.features(x).flatten(1))


def alexnet(num_classes: int = 1000) -> AlexNet:
    return AlexNet(num_classes)


ACTIVATIONS = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
}
INITIALISATIONS = {
    "normal": lambda w: nn.init.normal_(w, std=0.01),
    "xavier": nn.init.xavier_normal_,
    "he": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
}


def mlp(
    depth: int,
    width: int = 64,
    activation: str = "relu",
    init: str = "he",
    batch_norm: bool = False,
    skip: bool = False,
    in_features: int = 64,
    num_classes: int = 10,
) -> nn.Sequential:
    """`depth` fully connected layers, the last of which gives the logits;
    the activation follows all the others.

    init: "normal" (deviation 0.01), "xavier" (Glorot and Bengio 2010), "he" (He et al. 2015),
    "orthogonal" (Saxe et al. 2014).
    skip: add each hidden layer's input to its output, where their widths agree.
    Raises CourseError (a ValueError) for a depth below 1, an unknown activation or an unknown initialisation.
    """
    if depth < 1:
        raise CourseError(f"an mlp of {depth} layers does not exist: the depth is 1 or more")
    for what, name, legal in (
        ("activation", activation, ACTIVATIONS),
        ("initialisation", init, INITIALISATIONS),
    ):
        if name not in legal:
            raise CourseError(f"unknown {what} {name!r}: choose one of {', '.join(legal)}")
    widths = [in_features, *[width] * (depth - 1)]
    hidden = [Dense(a, b, ACTIVATIONS[activation](), batch_norm, skip) for a, b in pairwise(widths)]
    net = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(widths[-1], num_classes))
    for _, layer in weight_layers(net):
        INITIALISATIONS[init](layer.weight)
        nn.init.zeros_(layer.bias)
    return net
