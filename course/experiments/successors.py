"""Networks that came after, trained as those before: another order in the block, other architectures for the
same work.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from course.data.dataset import Dataset
from course.experiments.curves import Curves
from course.experiments.failures import with_statistics
from course.experiments.spec import Setting
from course.networks.layers import Bottleneck
from course.networks.resnet import cifar_resnet
from course.networks.successors import (
    Aggregated,
    bottleneck_resnet,
    densenet,
    pre_activation_resnet,
    wide_resnet,
)
from course.networks.variants import residual
from course.records.statistics import Rows

# (depth, channels, classes) -> an untrained network. Widths are chosen so that all do the work of ResNet-20.
VARIANTS: dict[str, Callable[[int, int, int], nn.Module]] = {
    "original": lambda depth, *shape: cifar_resnet(depth, "pad", *shape),
    "pre-activation": lambda depth, *shape: pre_activation_resnet(depth, True, *shape),
    "pre-activation-unnormalised": lambda depth, *shape: pre_activation_resnet(depth, False, *shape),
    "stochastic-depth": lambda depth, *shape: residual("sometimes", depth, *shape),
    "wide": lambda depth, *shape: wide_resnet(depth, 29, *shape),
    "bottleneck": lambda depth, *shape: bottleneck_resnet(depth, 19, Bottleneck, *shape),
    "resnext": lambda depth, *shape: bottleneck_resnet(depth, 36, Aggregated, *shape),
    "densenet": lambda depth, *shape: densenet(depth, 13, *shape),
}


@dataclass(frozen=True)
class Successor(Curves):
    """Train one of VARIANTS, its family; one row an epoch.

    images: train on so many and test on all others, drawn by the seed; None: on the usual ones. Errors on the
    360 usual test images of the digits hardly tell good networks apart.
    """

    images: int | None = None

    def network(self, channels: int, classes: int) -> nn.Module:
        return VARIANTS[self.family](self.depth, channels, classes)

    def measure(self, given: Setting) -> Rows:
        return super().measure(
            replace(given, data=few(given.data, given.seed, self.images)) if self.images else given
        )


def few(data: Dataset, seed: int, images: int) -> Dataset:
    """So many of all images to train on, drawn by the seed, and the rest to test on."""
    x, y = torch.cat([data.train_x, data.test_x]), torch.cat([data.train_y, data.test_y])
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed)).to(x.device)
    train, test = order[:images], order[images:]
    return with_statistics(replace(data, train_x=x[train], train_y=y[train], test_x=x[test], test_y=y[test]))
