"""Batch normalisation, seen: what enters and leaves it, how much a mini-batch's statistics err,
how small it may be, and what its running statistics are worth.
"""

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from course.data.dataset import Dataset
from course.experiments.curves import Curves
from course.experiments.gradients import short
from course.experiments.spec import Setting
from course.machine import parallel
from course.networks.mlp import mlp
from course.networks.stack import Stack
from course.records.statistics import Rows
from course.training.descent import descend
from course.training.loop import evaluate

QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)


def stack(
    spec: "Distributions | BatchSizes | Noise",
    batch_norm: bool,
    given: Setting,
    groups: int | None = None,
) -> Stack:
    nets = []
    for seed in range(given.seed, given.seed + spec.seeds):
        torch.manual_seed(seed)
        nets.append(
            mlp(
                spec.depth,
                activation=spec.activation,
                init=spec.init,
                batch_norm=batch_norm,
                groups=groups,
            )
        )
    return Stack(nets).to(given.device)


def quantiles(values: Tensor) -> list[float | None]:
    at = torch.tensor(QUANTILES, dtype=torch.float64, device=values.device)
    return [short(value, 3) for value in values.detach().flatten().double().quantile(at).tolist()]


def within(values: Tensor) -> float:
    """How far one unit's value varies between images:
    the root mean square over units and networks of its deviation.  (K, units, N)
    """
    return values.detach().var(dim=2, correction=0).mean().sqrt().item()


@dataclass(frozen=True)
class Distributions:
    """Perceptrons in training, layer by layer: QUANTILES of what enters and what leaves the normalisation,
    of gamma and of beta.

    One row a step and hidden layer, over all training images, units and seeds; within_before and within_after
    are of each unit between images. Without batch normalisation what enters is what leaves. steps:
    of gradient descent.
    """

    name: str
    activation: str
    init: str
    batch_norm: bool
    depth: int = 8
    steps: tuple[int, ...] = (0, 10, 100, 1000)
    learning_rate: float = 0.1
    batch: int = 32
    seeds: int = 5
    data: str = "digits"

    @property
    def work(self) -> int:
        return max(self.steps)

    def measure(self, given: Setting) -> Rows:
        x = given.data.normalise(given.data.train_x)
        nets = stack(self, self.batch_norm, given)
        rows = []

        def look(step: int, since: int) -> None:
            seen: Any = copy.deepcopy(nets)  # looking moves running statistics
            hidden = zip(seen.layers[:-1], seen.trace(x))
            for number, (layer, (entered, left, _)) in enumerate(hidden, start=1):
                row = {"step": step, "layer": number, "before": quantiles(entered), "after": quantiles(left)}
                row |= {"within_before": within(entered), "within_after": within(left)}
                row["gamma"] = quantiles(layer.gamma) if self.batch_norm else None
                row["beta"] = quantiles(layer.beta) if self.batch_norm else None
                rows.append(row)
            given.progress(since, f"step {step}")

        descend(given.data, nets, nets.loss, self.steps, self.batch, self.learning_rate, look)
        return rows


@dataclass(frozen=True)
class BatchSizes:
    """Perceptrons trained with mini-batches of several sizes, with and without batch normalisation.

    One row a size, network and seed: errors in percent over the training and the test images in inference
    mode, and, as `batch_error`, over the test images with the statistics of test mini-batches of that size.
    learning_rate: for a batch of 32; in proportion for the others.
    """

    name: str
    activation: str = "relu"
    init: str = "he"
    depth: int = 4
    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128)
    epochs: int = 20
    learning_rate: float = 0.1
    seeds: int = 5
    data: str = "digits"

    @property
    def work(self) -> int:
        return 2 * sum(self.epochs * 1437 // size for size in self.sizes)

    def measure(self, given: Setting) -> Rows:
        data, rows = given.data, []
        for size, batch_norm in product(self.sizes, (True, False)):
            nets = stack(self, batch_norm, given)
            steps = self.epochs * len(data.train_x) // size
            descend(data, nets, nets.loss, (steps,), size, self.learning_rate * size / 32)
            errors = errors_in_inference(nets, data)
            nets.train()
            batches = zip(data.normalise(data.test_x).split(size), data.test_y.split(size))
            errors["batch_error"] = torch.stack(
                [wrong(nets, x, y) for x, y in batches if len(x) == size]
            ).mean(dim=0)
            for seed, values in enumerate(
                zip(*(value.tolist() for value in errors.values())), start=given.seed
            ):
                rows.append(
                    {"size": size, "batch_norm": batch_norm, "network": seed} | dict(zip(errors, values))
                )
            given.progress(steps, f"batches of {size}")
        return rows


@dataclass(frozen=True)
class GroupSizes(BatchSizes):
    """The same perceptrons with group normalisation in `groups` groups of units (Wu and He 2018); 1 is layer
    normalisation.

    One row a size and network. Training and test compute the same, so there is no batch_error.
    """

    groups: int = 1

    @property
    def work(self) -> int:
        return super().work // 2

    def measure(self, given: Setting) -> Rows:
        rows = []
        for size in self.sizes:
            nets = stack(self, False, given, self.groups)
            steps = self.epochs * len(given.data.train_x) // size
            descend(given.data, nets, nets.loss, (steps,), size, self.learning_rate * size / 32)
            errors = errors_in_inference(nets, given.data)
            for seed, values in enumerate(
                zip(*(value.tolist() for value in errors.values())), start=given.seed
            ):
                rows.append({"size": size, "network": seed} | dict(zip(errors, values)))
            given.progress(steps, f"batches of {size}")
        return rows


def errors_in_inference(nets: Stack, data: Dataset) -> dict[str, Tensor]:
    """Of each network, over all training and all test images."""
    nets.eval()
    return {
        "train_error": wrong(nets, data.normalise(data.train_x), data.train_y),
        "test_error": wrong(nets, data.normalise(data.test_x), data.test_y),
    }


@torch.no_grad()
def wrong(nets: Stack, x: Tensor, y: Tensor) -> Tensor:
    """The error of each network in percent."""
    return 100 * (nets(x).argmax(dim=1) != y).double().mean(dim=1)


@dataclass(frozen=True)
class Noise:
    """How far the statistics of a mini-batch lie from those of all training images, in a trained perceptron.

    One row a size and layer.  mean_noise: of (mean of the batch - mean of all) / deviation of all.
    deviation_noise: of deviation of the batch / deviation of all - 1.  Both are root mean squares over units,
    seeds and one epoch of batches.
    disagreement: percentage of training images whose answer in that company is not
    the answer in inference mode.
    """

    name: str
    activation: str = "relu"
    init: str = "he"
    depth: int = 4
    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128, 256)
    steps: tuple[int, ...] = (1000,)
    learning_rate: float = 0.1
    batch: int = 32
    seeds: int = 5
    data: str = "digits"
    work: int = 1

    @torch.no_grad()
    def measure(self, given: Setting) -> Rows:
        data = given.data
        nets = stack(self, True, given)
        with torch.enable_grad():
            descend(data, nets, nets.loss, self.steps, self.batch, self.learning_rate)
        x = data.normalise(data.train_x)
        nets.eval()
        answers = nets(x).argmax(dim=1)  # (K, N)
        nets.train()
        whole = [(z.mean(dim=2), z.std(dim=2, correction=0)) for z, _, _ in nets.trace(x)[:-1]]
        rows = []
        for size in self.sizes:
            order = torch.randperm(len(x), generator=torch.Generator().manual_seed(given.seed))
            squares, different = torch.zeros(self.depth - 1, 2, device=x.device), []
            parts = order[: len(x) // size * size].split(size)
            for part in parts:
                traced = nets.trace(x[part])
                for number, ((z, _, _), (mean, deviation)) in enumerate(zip(traced, whole)):
                    errors = ((z.mean(dim=2) - mean) / deviation, z.std(dim=2, correction=0) / deviation - 1)
                    squares[number] += torch.stack([error.square().mean() for error in errors])
                different.append((traced[-1][0].argmax(dim=1) != answers[:, part]).double().mean())
            disagreement = 100 * torch.stack(different).mean().item()
            for number, noise in enumerate((squares / len(parts)).sqrt().tolist(), start=1):
                rows.append(
                    {
                        "size": size,
                        "layer": number,
                        "mean_noise": noise[0],
                        "deviation_noise": noise[1],
                        "disagreement": disagreement,
                    }
                )
        given.progress(1, "measured")
        return rows


@dataclass(frozen=True)
class Averaged(Curves):
    """Train a network; one row an epoch.

    still_error, averaged_error: as test_error, after the last epoch, but after another epoch of batches in
    which the weights stand still: with the running statistics again, and with averages over all the batches
    in their place; None before. Both passes compute in float32.
    """

    def measure(self, given: Setting) -> Rows:
        torch.manual_seed(given.seed)
        net = self.network(given.data.channels, given.data.classes).to(given.device)
        history = self.train(net, given)
        rows = [asdict(epoch) | {"still_error": None, "averaged_error": None} for epoch in history]
        with torch.no_grad():
            for x, _ in self.epoch(given):
                net.train()(x)
        rows[-1]["still_error"] = self.test(net, given)
        update_bn(self.epoch(given), net)
        rows[-1]["averaged_error"] = self.test(net, given)
        return rows

    def epoch(self, given: Setting) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.Generator().manual_seed(given.seed)
        return given.data.training(self.recipe.batch, self.recipe.augment, order)

    def test(self, net: nn.Module, given: Setting) -> float:
        parallel.align(net)
        return evaluate(net, given.data.testing())
