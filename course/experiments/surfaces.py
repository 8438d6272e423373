"""The loss around trained networks, along random directions (Li et al. 2018)."""

import math
from copy import deepcopy
from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from course.experiments.degradation import training_images
from course.experiments.spec import Setting
from course.experiments.variants import finished
from course.networks.resnet import ResNet
from course.records.statistics import Rows
from course.training.loop import evaluate
from course.training.recipe import Recipe


@dataclass(frozen=True)
class Surface:
    """The loss of a trained network on `images` training images, a and b steps along two random directions;
    one row a point.

    scaling "filter": each filter of a direction has the norm of the network's own; biases and batch
    normalisations stay as they are (Li et al. 2018). "whole": only the direction as a whole has the norm of
    the network's weights; along the first direction alone.  statistics: "running" as at inference, or
    "batch": those of the images at each point. points: in a row and in a column of the square from -1 to 1.
    loss: None where it is not a number. train_error: of the network in the middle, over all training images.
    """

    name: str
    variant: str
    depth: int
    data: str
    recipe: Recipe
    points: int = 25
    images: int = 64

    @property
    def work(self) -> int:
        return self.depth * self.recipe.iterations

    @torch.no_grad()
    def measure(self, given: Setting) -> Rows:
        ((images, labels),) = training_images(given.data)
        with torch.enable_grad():
            net = finished(self.variant, self.depth, self.recipe, given)
        error = evaluate(net, [(images, labels)])
        x, y = images[: self.images], labels[: self.images]
        steps = torch.linspace(-1, 1, self.points).tolist()
        rows: Rows = []
        for scaling, statistics in (("filter", "running"), ("filter", "batch"), ("whole", "running")):
            pair = [direction(net, scaling, 2 * given.seed + which) for which in range(2)]
            there = deepcopy(net).train(statistics == "batch")
            square = product(steps, steps if (scaling, statistics) == ("filter", "running") else [0.0])
            for a, b in square:
                move(there, net, pair, (a, b))
                loss = F.cross_entropy(there(x), y).item()
                point = {"scaling": scaling, "statistics": statistics, "a": a, "b": b, "train_error": error}
                rows.append(point | {"loss": loss if math.isfinite(loss) else None})
        given.progress(self.work, "measured")
        return rows


def direction(net: ResNet, scaling: str, seed: int) -> list[Tensor]:
    """A step for each of the parameters of `net`; zero for those of one dimension."""
    generator = torch.Generator().manual_seed(seed)
    steps = []
    for weight in net.parameters():
        step = torch.randn(weight.shape, generator=generator).to(weight.device)
        if weight.dim() == 1:
            step.zero_()
        elif scaling == "filter":
            over = tuple(range(1, weight.dim()))
            norm, own = (each.detach().square().sum(over, keepdim=True).sqrt() for each in (step, weight))
            step *= own / (norm + 1e-10)
        steps.append(step)
    if scaling == "whole":
        own = sum(weight.detach().square().sum() for weight in net.parameters() if weight.dim() > 1) ** 0.5
        length = sum(step.square().sum() for step in steps) ** 0.5
        steps = [step * own / length for step in steps]
    return steps


def move(there: ResNet, net: ResNet, pair: list[list[Tensor]], at: tuple[float, float]) -> None:
    """Put the weights of a copy of `net` so many steps away from those of `net`."""
    for weight, middle, first, second in zip(there.parameters(), net.parameters(), *pair):
        weight.copy_(middle).add_(first, alpha=at[0]).add_(second, alpha=at[1])
