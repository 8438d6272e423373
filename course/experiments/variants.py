"""Residual networks with one thing changed, trained; what each block adds and passes back, and what it is
worth.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.experiments.degradation import settled, training_images
from course.experiments.spec import Setting
from course.experiments.starts import STARTS
from course.networks.lengths import gradients_by_length
from course.networks.resnet import ResNet
from course.networks.surgery import blocks, without
from course.networks.variants import residual
from course.records.statistics import Rows
from course.training.loop import Diverged, evaluate, fit
from course.training.recipe import Recipe

CHANCE = 90.0  # the error of a network that diverged, in percent
AFTER = ("added_after", "back_after", "distance", "turn", "without")  # None where it diverged
TRAINED: dict[
    tuple, tuple[ResNet, bool]
] = {}  # in this process: several experiments look at the same networks


def untrained(variant: str, depth: int, given: Setting) -> ResNet:
    """variant: see course.networks.variants; or "plain" and "plain-identity", from the starts of these
    names.
    """
    if variant.startswith("plain"):
        return STARTS["identity" if variant == "plain-identity" else "he"](given, "plain", depth)
    torch.manual_seed(given.seed)
    return residual(variant, depth, given.data.channels, given.data.classes).to(given.device)


def trained(variant: str, depth: int, recipe: Recipe, given: Setting) -> tuple[ResNet, bool]:
    """The network after its training, and whether the loss stayed a number."""
    key = (variant, depth, recipe, given.seed, given.device, given.data.digest)
    if key not in TRAINED:
        net, finite = untrained(variant, depth, given), True
        try:
            fit(net, given.data, recipe, given.seed)
        except Diverged:
            finite = False
        TRAINED[key] = net, finite
    net, finite = TRAINED[key]
    return deepcopy(net).eval(), finite


def finished(variant: str, depth: int, recipe: Recipe, given: Setting) -> ResNet:
    """The network after its training. Raises Diverged where the loss did not stay a number, since nothing can
    be measured of such a network.
    """
    net, finite = trained(variant, depth, recipe, given)
    if not finite:
        raise Diverged("training diverged: nothing is measured of such a network", [])
    return net


@dataclass(frozen=True)
class Blocks:
    """A network, block by block, before its training and after it; one row a block.

    recipe: of no iterations for networks that are not trained, whose rows say nothing of what is after it.
    added_before, added_after: the deviation of what the branch adds over that of what goes around it, on
    `images` training images in batch mode; not of a plain network, around whose blocks nothing goes.
    back_before, back_after: the norm of the loss's gradient by what enters the block over that by what
    leaves it. distance, turn: how far the block's convolutions have come from their start, as a share of
    their norm, and in degrees. without: training error in percent of the first `images` images without the
    block; whole: with it. train_error, test_error: of the network, 90 where it diverged.
    """

    name: str
    variant: str
    depth: int
    data: str
    recipe: Recipe
    images: int = 256

    @property
    def work(self) -> int:
        return self.depth * max(1, self.recipe.iterations)

    def measure(self, given: Setting) -> Rows:
        ((images, labels),) = training_images(given.data)
        x, y = images[: self.images], labels[: self.images]
        start = untrained(self.variant, self.depth, given)
        rows: Rows = [{"block": number} for number in range(1, len(blocks(start)) + 1)]
        around = parts(start)[0].residual
        if around:
            put(rows, "added_before", added(start, x))
        put(rows, "back_before", passed_back(start, x, y))
        if self.recipe.iterations:
            net, finite = trained(self.variant, self.depth, self.recipe, given)
            after: dict[str, list] = {key: [None] * len(rows) for key in AFTER}
            errors = {"train_error": CHANCE, "test_error": CHANCE, "diverged": not finite, "whole": CHANCE}
            if finite:
                after["added_after"] = added(net, x) if around else after["added_after"]
                after["back_after"] = passed_back(net, x, y)
                after["distance"], after["turn"] = moved(start, net, distance), moved(start, net, turn)
                after["without"] = lesions(net, [(x, y)])
                errors["whole"] = evaluate(net, [(x, y)])
                errors["train_error"] = evaluate(net, [(images, labels)])
                errors["test_error"] = evaluate(net, given.data.testing())
            for key, values in after.items():
                put(rows, key, values)
            rows = [row | errors for row in rows]
        given.progress(self.work, "measured")
        return rows


def put(rows: Rows, key: str, values: list) -> None:
    for row, value in zip(rows, values, strict=True):
        row[key] = value


@torch.no_grad()
def added(net: ResNet, x: Tensor) -> list[float]:
    found: list[float] = []

    def look(block: Any, inputs: tuple) -> None:
        found.append((block.branch(inputs[0]).std() / block.downsample(inputs[0]).std()).item())

    net = deepcopy(net).train()
    for part in parts(net):
        part.register_forward_pre_hook(look)
    net(x)
    return found


def passed_back(net: ResNet, x: Tensor, y: Tensor) -> list[float]:
    """In batch mode."""
    states: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        output.retain_grad()
        states.append(output)

    net = deepcopy(net).train()
    first, *others = parts(net)
    first.register_forward_pre_hook(lambda module, inputs: keep(module, inputs, inputs[0]))
    for part in (first, *others):
        part.register_forward_hook(keep)
    F.cross_entropy(net(x), y).backward()
    norms = [state.grad.norm().item() if state.grad is not None else 0.0 for state in states]
    return [before / after if after else 0.0 for before, after in zip(norms, norms[1:])]


def parts(net: ResNet) -> list[Any]:
    return [net.get_submodule(name) for name in blocks(net)]


def moved(start: ResNet, end: ResNet, measure: Any) -> list[float]:
    return [
        measure(
            *(torch.cat([conv.weight.flatten() for conv in (part.conv1, part.conv2)]) for part in pair)
        ).item()
        for pair in zip(parts(start), parts(end), strict=True)
    ]


def distance(start: Tensor, end: Tensor) -> Tensor:
    return (end - start).norm() / start.norm() if start.norm() else torch.tensor(torch.nan)


def turn(start: Tensor, end: Tensor) -> Tensor:
    return F.cosine_similarity(start, end, dim=0).clamp(-1, 1).acos().rad2deg()


def lesions(net: ResNet, images: list[tuple[Tensor, Tensor]]) -> list[float]:
    errors = []
    for name in blocks(net):
        with without(net, name):
            errors.append(evaluate(net, images))
    return errors


@dataclass(frozen=True)
class Lengths:
    """The gradient that arrives at the first block of a residual network, by the branches that its paths
    cross; one row a number of branches, before the training and after it.

    together_before, together_after: norm of what all paths of this length bring together, over that of the
    gradient. left_before, left_after: what of the gradient is left when all paths of this length and shorter
    ones are taken off, as a share of its norm: 0 where they are all of it.  Root mean squares over `images`
    training images.
    """

    name: str
    depth: int
    data: str
    recipe: Recipe
    images: int = 64

    @property
    def work(self) -> int:
        return self.depth * self.recipe.iterations

    def measure(self, given: Setting) -> Rows:
        ((images, labels),) = training_images(given.data)
        start = settled(untrained("usual", self.depth, given), images)
        end = finished("usual", self.depth, self.recipe, given)
        columns: dict[str, list[float]] = {}
        for when, net in (("before", start), ("after", end)):
            found = gradients_by_length(
                net.double(), images[: self.images].double(), labels[: self.images]
            ).flatten(1)
            whole = found.sum(dim=0)
            columns[f"together_{when}"] = (found.norm(dim=1) / whole.norm()).tolist()
            columns[f"left_{when}"] = ((whole - found.cumsum(dim=0)).norm(dim=1) / whole.norm()).tolist()
        given.progress(self.work, "measured")
        return [
            {"length": length} | dict(zip(columns, values))
            for length, values in enumerate(zip(*columns.values()))
        ]
