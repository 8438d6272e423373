"""AlexNet, as it won ILSVRC 2012 (Krizhevsky et al. 2012)."""

from typing import Any

from torch import Tensor, nn

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
        layers: list[Any] = [m for m in self.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        for layer, bias in zip(layers, (0, 1, 0, 1, 1, 1, 1, 0), strict=True):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 224, 224) -> logits (N, num_classes)"""
        return self.classifier(self.features(x).flatten(1))


def alexnet(num_classes: int = 1000) -> AlexNet:
    return AlexNet(num_classes)
