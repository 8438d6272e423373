"""Measurements on plain and residual networks that look for the cause of degradation: the constructed
solution executed, gradients while training fails, blocks taken out, responses, and gradients along a line.
"""

from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from course import records
from course.data.dataset import Dataset
from course.experiments.spec import Setting
from course.networks.families import build
from course.networks.layers import weight_layers
from course.networks.probe import probe
from course.networks.resnet import ResNet
from course.networks.surgery import blocks, deepen, without
from course.records.statistics import Rows
from course.training import weights
from course.training.loop import evaluate, fit
from course.training.recipe import Recipe


def network(family: str, depth: int, seed: int, given: Setting) -> ResNet:
    """family: "plain" or "resnet" (option A)."""
    torch.manual_seed(seed)
    net: Any = build(family, depth, "small", given.data.channels, given.data.classes)
    return net.to(given.device)


def training_images(data: Dataset) -> list[tuple[Tensor, Tensor]]:
    """All of them, normalised, as one batch."""
    return [(data.normalise(data.train_x), data.train_y)]


@dataclass(frozen=True)
class Construction:
    """The argument of He et al. 2016a, section 1, executed: a trained plain network gets identity layers,
    and is trained on.

    first: how the shallow network of `layers` layers is trained.  further: how the network of `depth` layers
    is trained on. One row an epoch, 0 before the further training. Errors over all images: train_error and
    test_error with running statistics (at inference), batch_error of the training images in one batch,
    with its own statistics (batch mode).
    """

    name: str
    data: str
    first: Recipe
    further: Recipe
    layers: int = 20
    depth: int = 56

    @property
    def work(self) -> int:
        return self.further.iterations * self.depth + self.first.iterations * self.layers

    def measure(self, given: Setting) -> Rows:
        train = training_images(given.data)
        shallow = network("plain", self.layers, given.seed, given)
        fit(shallow, given.data, self.first, given.seed)
        given.progress(self.first.iterations * self.layers, f"{self.layers} layers trained")
        deep = deepen(shallow, self.depth, train[0][0])
        shallow_error = evaluate(shallow, train)
        rows = []

        def look(epoch: int) -> None:
            errors = {
                "train_error": evaluate(deep, train),
                "test_error": evaluate(deep, given.data.testing()),
            }
            rows.append(
                {"epoch": epoch, "shallow_error": shallow_error, "batch_error": batch_mode_error(deep, train)}
                | errors
            )

        look(0)
        fit(deep, given.data, self.further, given.seed, lambda row: look(row.epoch))
        given.progress(self.further.iterations * self.depth, f"{self.depth} layers trained on")
        return rows


@torch.no_grad()
def batch_mode_error(net: ResNet, batches: list[tuple[Tensor, Tensor]]) -> float:
    """The error in percent, each batch normalised by its own statistics;
    the running ones of `net` stay as they are.
    """
    copy = deepcopy(net).train()
    wrong = sum((copy(x).argmax(1) != y).sum().item() for x, y in batches)
    return 100 * wrong / sum(len(y) for _, y in batches)


@dataclass(frozen=True)
class TrainingGradients:
    """Gradients by layer before training and after each epoch, on the same 256 training images;
    one row a layer and epoch.

    weight: Frobenius norm of the layer's weights. Batch normalisation makes the loss blind to it, and the
    gradients at the weights and at the layer's output inversely proportional to it: only weight_gradient
    times weight compares layers whose weights have grown apart (Ioffe and Szegedy 2015, section 3.3).
    """

    name: str
    family: str
    depth: int
    data: str
    recipe: Recipe
    images: int = 256

    @property
    def work(self) -> int:
        return self.recipe.iterations * self.depth

    def measure(self, given: Setting) -> Rows:
        net = network(self.family, self.depth, given.seed, given)
        x, y = given.data.normalise(given.data.train_x[: self.images]), given.data.train_y[: self.images]
        rows = []

        def look(epoch: int) -> None:
            probed = deepcopy(net).train()  # a copy: the running statistics stay out of it
            for found, (_, layer) in zip(probe(probed, x, y), weight_layers(probed), strict=True):
                norms = {
                    "weight_gradient": found.weight_gradient,
                    "backpropagated": found.backpropagated,
                    "weight": layer.weight.norm().item(),
                }
                rows.append({"epoch": epoch, "layer": found.layer} | norms)

        look(0)
        fit(net, given.data, self.recipe, given.seed, lambda row: look(row.epoch))
        given.progress(self.work, "trained")
        return rows


@dataclass(frozen=True)
class Dissection:
    """What each layer and each block of a trained network does; one row a layer.

    deviation: standard deviation of the layer's output after batch normalisation, before ReLU and addition
    (He et al. 2016a, Figure 7).  train_error, test_error: of the network without the layer's block (Veit et
    al. 2016); the first layer and the last belong to none, their rows (block 0)
    have the errors of the whole network.
    """

    name: str
    family: str
    depth: int
    data: str
    recipe: Recipe

    @property
    def work(self) -> int:
        return self.recipe.iterations * self.depth

    def measure(self, given: Setting) -> Rows:
        net = network(self.family, self.depth, given.seed, given)
        fit(net, given.data, self.recipe, given.seed)
        train = training_images(given.data)

        def errors() -> dict[str, float]:
            return {"train_error": evaluate(net, train), "test_error": evaluate(net, given.data.testing())}

        names = blocks(net)
        layer_block = {
            f"{name}.conv{half}": number for number, name in enumerate(names, start=1) for half in (1, 2)
        }
        lesions = {0: errors()}
        for number, name in enumerate(names, start=1):
            with without(net, name):
                lesions[number] = errors()
        deviations = responses(net, train[0][0])
        given.progress(self.work, "trained and taken apart")
        return [
            {"layer": place, "block": layer_block.get(name, 0), "deviation": deviations[name]}
            | lesions[layer_block.get(name, 0)]
            for place, (name, layer) in enumerate(weight_layers(net), start=1)
            if isinstance(layer, nn.Conv2d)
        ]


@torch.inference_mode()
def responses(net: ResNet, images: Tensor) -> dict[str, float]:
    """The standard deviation of what leaves the batch normalisation after each convolution:
    "layer1.0.conv1" -> 1.4, ...
    """
    found: dict[str, float] = {}

    def keep(name: str):
        return lambda module, inputs, output: found.__setitem__(name, output.std(correction=0).item())

    norms = [(name, module) for name, module in net.named_modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [module.register_forward_hook(keep(name.replace("bn", "conv"))) for name, module in norms]
    net.eval()(images)
    for hook in hooks:
        hook.remove()
    return found


@dataclass(frozen=True)
class Responses:
    """How far each layer's responses vary in a network that another experiment has trained, from the weights
    that it kept; one row a layer.

    deviation: standard deviation of the layer's output after batch normalisation, before ReLU and addition
    (He et al. 2016a, Figure 7), over the first `images` test images, with running statistics.
    """

    name: str
    family: str
    depth: int
    trained: str
    data: str
    images: int = 2000

    @property
    def work(self) -> int:
        return self.depth

    def measure(self, given: Setting) -> Rows:
        stem = records.stem(self.trained, self.name, given.seed)
        net: Any = weights.restore(partial(build, self.family, self.depth, "small"), stem)
        images = given.data.normalise(given.data.test_x[: self.images])
        with torch.no_grad():
            found = responses(net.to(given.device), images)
        given.progress(self.work, "measured")
        return [
            {"layer": layer, "deviation": deviation}
            for layer, deviation in enumerate(found.values(), start=1)
        ]


@dataclass(frozen=True)
class Shattering:
    """How alike the gradients at neighbouring inputs are in untrained networks (after Balduzzi et al. 2017).

    The inputs are `points` steps of the straight line from one training image to another; the gradient is
    that of the first logit by the input. One row a depth and lag: the mean inner product of two gradients
    `lag` steps apart over the mean square. Batch normalisation uses the statistics of all training images, so
    that each gradient depends on its own input alone.
    """

    name: str
    data: str
    depths: tuple[int, ...] = (8, 20, 32, 44, 56)
    points: int = 128
    lags: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)

    @property
    def work(self) -> int:
        return sum(self.depths)

    def measure(self, given: Setting) -> Rows:
        images = given.data.normalise(given.data.train_x)
        rows = []
        for depth in self.depths:
            gradient = gradients_along_a_line(
                network(self.name, depth, given.seed, given), images, given.seed, self.points
            )
            rows += [
                {"depth": depth, "lag": lag, "correlation": likeness(gradient, lag)} for lag in self.lags
            ]
            given.progress(depth, f"{depth} layers")
        return rows


def gradients_along_a_line(net: ResNet, images: Tensor, seed: int, points: int = 128) -> Tensor:
    """The gradients of the first logit by the input, at steps of the line from one image to another:
    (points, pixels).
    """
    start, end = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:2]]
    way = torch.linspace(0, 1, points, device=images.device)[:, None, None, None]
    x = ((1 - way) * start + way * end).requires_grad_()
    (gradient,) = torch.autograd.grad(settled(net, images)(x)[:, 0].sum(), x)
    return gradient.flatten(1)


def likeness(gradient: Tensor, lag: int = 1) -> float:
    """The mean inner product of two gradients `lag` steps apart over the mean square. gradient:
    (points, pixels).
    """
    return ((gradient[:-lag] * gradient[lag:]).sum(1).mean() / gradient.square().sum(1).mean()).item()


@torch.no_grad()
def settled(net: ResNet, images: Tensor) -> ResNet:
    """`net` at inference, with the statistics of these images as its running statistics."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the mean of all batches, here of one
    net.train()(images)
    return net.eval()
