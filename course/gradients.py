"""The gradient laboratory: what every layer of many networks receives,
untrained and in its first steps of training.

A record has one row a network and step. What was found in its layers stands in that row as lists, in the
order of `layers`, and summarises the seeds: see `summary`.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from statistics import mean, stdev
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data import Dataset
from course.measurements import Rows, Setting
from course.models import INITIALISATIONS, cifar_resnet, mlp
from course.probe import STATISTICS, probe, probe_stack
from course.stack import Stack

PROBED = 64  # training examples that the layers are looked at with, always the same


@dataclass(frozen=True)
class Perceptrons:
    """Perceptrons of one activation, with or without batch normalisation: every skip, depth, init and scale,
    under `seeds` seeds.

    scales: what the initial weights are multiplied by.  steps:
    after how many steps of gradient descent the layers are looked at.
    """

    name: str
    activation: str
    batch_norm: bool = False
    inits: tuple[str, ...] = tuple(INITIALISATIONS)
    scales: tuple[float, ...] = (1.0,)
    skips: tuple[bool, ...] = (False, True)
    depths: tuple[int, ...] = (2, 4, 8, 16, 32, 64)
    steps: tuple[int, ...] = (0, 1, 10, 100)
    learning_rate: float = 0.1
    batch: int = 32
    seeds: int = 5
    data: str = "digits"

    @property
    def work(self) -> int:
        return len(self.inits) * len(self.scales) * len(self.skips) * sum(self.depths) * max(self.steps)

    def network(self, depth: int, init: str, scale: float, skip: bool, seed: int) -> nn.Sequential:
        torch.manual_seed(seed)
        net = mlp(depth, activation=self.activation, init=init, batch_norm=self.batch_norm, skip=skip)
        with torch.no_grad():
            for weight in (p for p in net.parameters() if p.ndim == 2):
                weight.mul_(scale)
        return net

    def measure(self, given: Setting) -> Rows:
        x, y = probed(given.data)
        kinds = list(product(self.inits, self.scales))
        rows = []
        for skip, depth in product(self.skips, self.depths):
            stack = Stack(
                [
                    self.network(depth, *kind, skip, given.seed + s)
                    for kind in kinds
                    for s in range(self.seeds)
                ]
            ).to(given.device)
            for step, since in descent(
                given.data, stack, stack.loss, self.steps, self.batch, self.learning_rate
            ):
                precise = copy.deepcopy(stack).double()
                found, scores = probe_stack(precise, x, y), precise(x).detach()
                for (init, scale), layers, logits in zip(
                    kinds, found.split(self.seeds, dim=2), scores.split(self.seeds)
                ):
                    known = {"init": init, "scale": scale, "skip": skip, "depth": depth, "step": step}
                    rows.append(known | summary(layers, logits, y))
                given.progress(len(kinds) * depth * since, f"{depth} layers, step {step}")
        return rows


@dataclass(frozen=True)
class Convolutions:
    """The networks of He et al. 2016a, section 4.2, plain or with shortcut "pad": ReLU, batch normalisation,
    He initialisation.
    """

    name: str
    shortcut: str | None
    depths: tuple[int, ...] = (20, 56, 110)
    steps: tuple[int, ...] = (0, 1, 10, 100)
    learning_rate: float = 0.1
    batch: int = 32
    seeds: int = 3
    data: str = "digits"
    activation: str = "relu"
    batch_norm: bool = True

    @property
    def work(self) -> int:
        # a convolution takes the time of a hundred layers of a perceptron
        return 100 * sum(self.depths) * max(self.steps)

    def network(self, depth: int, seed: int, data: Dataset) -> nn.Module:
        torch.manual_seed(seed)
        return cifar_resnet(depth, self.shortcut, in_channels=data.channels, num_classes=data.classes)

    def measure(self, given: Setting) -> Rows:
        x, y = probed(given.data)
        rows = []
        for depth in self.depths:
            nets = nn.ModuleList(
                self.network(depth, given.seed + s, given.data) for s in range(self.seeds)
            ).to(given.device)
            loss = lambda x, y: sum(F.cross_entropy(net(x), y) for net in nets)  # noqa: E731
            for step, since in descent(given.data, nets, loss, self.steps, self.batch, self.learning_rate):
                precise = copy.deepcopy(nets).double()
                found = torch.tensor(
                    [
                        [[getattr(row, key) for row in probe(net, x, y)] for key in STATISTICS]
                        for net in precise
                    ]
                )
                scores = torch.stack([net(x).detach().t() for net in precise])
                known = {
                    "init": "he",
                    "scale": 1.0,
                    "skip": self.shortcut is not None,
                    "depth": depth,
                    "step": step,
                }
                rows.append(known | summary(found.permute(2, 1, 0), scores, y))
                given.progress(100 * depth * since, f"{depth} layers, step {step}")
        return rows


def probed(data: Dataset) -> tuple[Tensor, Tensor]:
    """The examples that the layers are looked at with, in float64:
    64 sigmoid layers leave a gradient below float32's 1e-38.
    """
    return data.normalise(data.train_x[:PROBED]).double(), data.train_y[:PROBED]


def descent(
    data: Dataset,
    nets: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    steps: tuple[int, ...],
    batch: int,
    learning_rate: float,
) -> Iterator[tuple[int, int]]:
    """Plain gradient descent that stops after each of `steps`,
    with the number of the step and the steps since the last stop.

    In float32: what that cannot hold would not move a weight. All networks see the same batches.
    """
    torch.set_flush_denormal(True)  # numbers below 1e-38 would take ten times as long
    generator, parameters = torch.Generator().manual_seed(0), list(nets.parameters())
    stream = (examples for _ in iter(int, 1) for examples in data.training(batch, False, generator))
    before = 0
    for step in range(max(steps) + 1):
        if step in steps:
            yield step, step - before
            before = step
        if step < max(steps):
            gradients = torch.autograd.grad(loss(*next(stream)), parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-learning_rate)
    torch.set_flush_denormal(False)


def layers_shown(depth: int) -> list[int]:
    """All of up to 31 layers, some thirty of more, always the first, the last hidden and the last; even gaps,
    as a block has two.
    """
    gap = max(1, depth // 32 * 2)
    return sorted({*range(1, depth, gap), depth - 1, depth} - {0})


def summary(found: Tensor, logits: Tensor, y: Tensor) -> dict[str, Any]:
    """What a record keeps of one network under K seeds.  found: (layers, STATISTICS, K).
     logits: (K, classes, N).

    layers: which ones the lists are of.
    backpropagated, weight_gradient, deviation: log10, mean over the seeds; ..._spread:
    its standard deviation.
    mean: as it is.  saturated, dead: in percent.
    decay: log10 of the first layer's back-propagated gradient over the last layer's, for each seed.
    loss, error: of the probed examples, for each seed; the error in percent.
    None: not a number (a training that diverged) or the logarithm of zero, in every seed.
    """
    layers = layers_shown(len(found))
    by_name = dict(zip(STATISTICS, found[[layer - 1 for layer in layers]].unbind(dim=1)))  # (layers, K) each
    row: dict[str, Any] = {"layers": layers}
    for name in ("backpropagated", "weight_gradient", "deviation"):
        row[name] = [average(values) for values in by_name[name].log10().tolist()]
    for name in ("backpropagated", "weight_gradient"):
        row[f"{name}_spread"] = [scatter(values) for values in by_name[name].log10().tolist()]
    row["mean"] = [average(values, significant=3) for values in by_name["mean"].tolist()]
    for name in ("saturated", "dead"):
        row[name] = [average(values, digits=1) for values in (100 * by_name[name]).tolist()]
    ends = by_name["backpropagated"].log10()
    row["decay"] = [short(value) for value in (ends[0] - ends[-1]).tolist()]
    losses = F.cross_entropy(logits, y.expand(len(logits), -1), reduction="none").mean(dim=1)
    row["loss"] = [short(value, 3) for value in losses.tolist()]
    wrong = 100 * (logits.argmax(dim=1) != y).double().mean(dim=1)
    row["error"] = [
        None if loss is None else short(value, 1) for loss, value in zip(row["loss"], wrong.tolist())
    ]
    return row


def average(values: list[float], digits: int = 2, significant: int = 99) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return short(float(f"{mean(finite):.{significant}g}"), digits) if finite else None


def scatter(values: list[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return short(stdev(finite)) if len(finite) > 1 else None


def short(value: float, digits: int = 2) -> float | None:
    """Rounded, for a short record; None for what is not finite."""
    if not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
