"""The gradient laboratory: what every layer of many networks receives,
untrained and in its first steps of training.

A record has one row a network and step. What was found in its layers stands in that row as lists, in the
order of `layers`, and summarises the seeds: see `summary`.
"""

import copy
import math
from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import mean, stdev
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data.dataset import Dataset
from course.experiments.spec import Setting
from course.networks.mlp import INITIALISATIONS, mlp
from course.networks.probe import STATISTICS, probe, probe_stack
from course.networks.resnet import cifar_resnet
from course.networks.stack import Stack
from course.records.statistics import Rows
from course.training.descent import descend

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
    def kinds(self) -> list[tuple[str, float]]:
        return list(product(self.inits, self.scales))

    @property
    def work(self) -> int:
        return len(self.kinds) * len(self.skips) * sum(self.depths) * max(self.steps)

    def network(self, depth: int, init: str, scale: float, skip: bool, seed: int) -> nn.Sequential:
        torch.manual_seed(seed)
        net = mlp(depth, activation=self.activation, init=init, batch_norm=self.batch_norm, skip=skip)
        with torch.no_grad():
            for weight in (p for p in net.parameters() if p.ndim == 2):
                weight.mul_(scale)
        return net

    def measure(self, given: Setting) -> Rows:
        rows: Rows = []
        for skip, depth in product(self.skips, self.depths):
            seeds = range(given.seed, given.seed + self.seeds)
            nets = [self.network(depth, *kind, skip, seed) for kind in self.kinds for seed in seeds]
            stack = Stack(nets).to(given.device)
            look = partial(self.look, given, stack, skip, depth, rows)
            descend(given.data, stack, stack.loss, self.steps, self.batch, self.learning_rate, look)
        return rows

    def look(
        self, given: Setting, stack: Stack, skip: bool, depth: int, rows: Rows, step: int, since: int
    ) -> None:
        """Append a row for each kind of network in the stack."""
        x, y = probed(given.data)
        precise = copy.deepcopy(stack).double()
        statistics, scores = probe_stack(precise, x, y), precise(x).detach()
        for (init, scale), layers, logits in zip(
            self.kinds, statistics.split(self.seeds, dim=2), scores.split(self.seeds)
        ):
            known = {"init": init, "scale": scale, "skip": skip, "depth": depth, "step": step}
            rows.append(known | summary(layers, logits, y))
        given.progress(len(self.kinds) * depth * since, f"{depth} layers, step {step}")


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
        return (
            100 * sum(self.depths) * max(self.steps)
        )  # a convolution takes as long as a hundred perceptrons' layers

    def network(self, depth: int, seed: int, data: Dataset) -> nn.Module:
        torch.manual_seed(seed)
        return cifar_resnet(depth, self.shortcut, in_channels=data.channels, num_classes=data.classes)

    def measure(self, given: Setting) -> Rows:
        rows: Rows = []
        for depth in self.depths:
            seeds = range(given.seed, given.seed + self.seeds)
            nets = nn.ModuleList(self.network(depth, seed, given.data) for seed in seeds).to(given.device)
            look = partial(self.look, given, nets, depth, rows)
            loss = partial(summed_loss, nets)
            descend(given.data, nets, loss, self.steps, self.batch, self.learning_rate, look)
        return rows

    def look(
        self, given: Setting, nets: nn.ModuleList, depth: int, rows: Rows, step: int, since: int
    ) -> None:
        """Append a row."""
        x, y = probed(given.data)
        precise = copy.deepcopy(nets).double()
        statistics = torch.tensor(
            [[[getattr(row, key) for row in probe(net, x, y)] for key in STATISTICS] for net in precise]
        )
        scores = torch.stack([net(x).detach().t() for net in precise])
        known = {"init": "he", "scale": 1.0, "skip": self.shortcut is not None, "depth": depth, "step": step}
        rows.append(known | summary(statistics.permute(2, 1, 0), scores, y))
        given.progress(100 * depth * since, f"{depth} layers, step {step}")


def summed_loss(nets: nn.ModuleList, x: Tensor, y: Tensor) -> Tensor:
    return torch.stack([F.cross_entropy(net(x), y) for net in nets]).sum()


def probed(data: Dataset) -> tuple[Tensor, Tensor]:
    """The examples that the layers are looked at with, in float64:
    64 sigmoid layers leave a gradient below float32's 1e-38.
    """
    return data.normalise(data.train_x[:PROBED]).double(), data.train_y[:PROBED]


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
        row[f"{name}_spread"] = [deviation(values) for values in by_name[name].log10().tolist()]
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


def deviation(values: list[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return short(stdev(finite)) if len(finite) > 1 else None


def short(value: float, digits: int = 2) -> float | None:
    """Rounded, for a short record; None for what is not finite."""
    if not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
