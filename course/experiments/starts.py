"""Where a training starts from, and what that is worth: weights as usual, identity layers, branches that
begin at zero, shifted normalisations.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course.experiments.curves import Curves
from course.experiments.degradation import gradients_along_a_line, likeness, network, settled, training_images
from course.experiments.spec import Setting
from course.networks.layers import BasicBlock
from course.networks.probe import probe
from course.networks.resnet import ResNet
from course.networks.surgery import blocks, deepen
from course.records.statistics import Rows
from course.training.loop import evaluate

SHALLOW = (
    20  # layers that the identity start leaves as they are initialised; all others pass on what they get
)
SHIFT = 2.0


def he(given: Setting, family: str, depth: int) -> ResNet:
    """Independent weights of He's variance, gamma = 1, beta = 0: the usual start
    (He et al. 2015, section 2.2).
    """
    return network(family, depth, given.seed, given)


def identity(given: Setting, family: str, depth: int) -> ResNet:
    """A plain network of SHALLOW layers from the usual start, and identity layers after each of its stages:
    nothing is trained.

    The construction of He et al. 2016a, section 1, without its trained layers.
    """
    ((images, _),) = training_images(given.data)
    return deepen(settled(he(given, family, SHALLOW), images), depth, images)


def zero(given: Setting, family: str, depth: int) -> ResNet:
    """The last gamma of each block 0, so that a residual block passes on what it gets (Goyal et al. 2017)."""
    net = he(given, family, depth)
    for block in net.modules():
        if isinstance(block, BasicBlock):
            nn.init.zeros_(block.bn2.weight)
    return net


def shifted(given: Setting, family: str, depth: int) -> ResNet:
    """Every beta at SHIFT deviations, so that the ReLU behind it cuts off little: of its inputs,
    the 2 % below -SHIFT.
    """
    net = he(given, family, depth)
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.constant_(norm.bias, SHIFT)
    return net


STARTS: dict[str, Callable[[Setting, str, int], ResNet]] = {
    "he": he,
    "identity": identity,
    "zero": zero,
    "shifted": shifted,
}


@dataclass(frozen=True)
class Trial(Curves):
    """Train a network from one of STARTS; one row an epoch.  rate:
    what the recipe does about the size of steps, in a word.

    train_error: in batch mode, of the batches as they were trained on.  inference_error: of all training
    images with the running statistics, after the last epoch; None before.
    """

    start: str
    rate: str

    def measure(self, given: Setting) -> Rows:
        net = STARTS[self.start](given, self.family, self.depth)
        rows = [asdict(epoch) | {"inference_error": None} for epoch in self.train(net, given)]
        rows[-1]["inference_error"] = evaluate(net, training_images(given.data))
        return rows


@dataclass(frozen=True)
class Outset:
    """What each of STARTS is like before training; one row a start.

    first_gradient, last_gradient: back-propagated to the first and the last layer,
    of `images` training images in batch mode.
    likeness: of the gradients at neighbouring inputs, see course.experiments.degradation.Shattering.
    between_images: of the variance of what enters the last batch normalisation, the share that lies between
    images and not between places in an image: where it is small, the padding has drowned the images.
    """

    name: str
    family: str
    depth: int
    starts: tuple[str, ...]
    data: str
    images: int = 256

    @property
    def work(self) -> int:
        return self.depth * len(self.starts)

    def measure(self, given: Setting) -> Rows:
        ((images, labels),) = training_images(given.data)
        rows = []
        for start in self.starts:
            net = STARTS[start](given, self.family, self.depth)
            layers = probe(deepcopy(net).train(), images[: self.images], labels[: self.images])
            rows.append(
                {
                    "start": start,
                    "first_gradient": layers[0].backpropagated,
                    "last_gradient": layers[-1].backpropagated,
                    "likeness": likeness(gradients_along_a_line(net, images, given.seed)),
                    "between_images": between_images(net, images[: self.images]),
                }
            )
            given.progress(self.depth, start)
        return rows


@torch.no_grad()
def between_images(net: ResNet, images: Tensor) -> float:
    """Of the variance of what enters the last batch normalisation, the share that lies between images."""
    entered: list[Tensor] = []
    net = deepcopy(net).train()
    last: Any = net.get_submodule(blocks(net)[-1])
    last.bn2.register_forward_pre_hook(lambda module, inputs: entered.append(inputs[0]))
    net(images)
    z = entered[0]  # (N, C, H, W)
    return (z.var(dim=0).mean(dim=(1, 2)) / z.var(dim=(0, 2, 3))).mean().item()
