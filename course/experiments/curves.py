"""Trainings, and what they say while they last."""

import time
from dataclasses import asdict, dataclass

import torch
from torch import nn

from course.experiments.spec import Progress, Setting
from course.networks import build
from course.records.statistics import Rows
from course.training import Epoch, Recipe, fit, weights


@dataclass(frozen=True)
class Curves:
    """Train a network; one row an epoch.

    family: "plain", "resnet", "vgg" or "vgg-bn" (with batch normalisation).  On "imagenet" they are the
    networks for large images; residual ones have option A, and option B from 50 layers on
    (He et al. 2016a, section 4.1).
    """

    name: str
    family: str
    depth: int
    data: str
    recipe: Recipe

    @property
    def work(self) -> int:
        return self.recipe.iterations * self.depth

    def network(self, channels: int, classes: int) -> nn.Module:
        large = self.data == "imagenet"
        shortcut = "project" if large and self.depth >= 50 else "pad"
        return build(self.family, self.depth, "large" if large else "small", channels, classes, shortcut)

    def measure(self, given: Setting) -> Rows:
        torch.manual_seed(given.seed)
        net = self.network(given.data.channels, given.data.classes).to(given.device)
        history = self.train(net, given)
        if given.weights:
            weights.keep(net, given.data, history[-1].test_error, given.weights)
        return [asdict(row) for row in history]

    def train(self, net: nn.Module, given: Setting) -> list[Epoch]:
        """Train `net` in place, going on from the checkpoint where there is one, and tell how far it is."""
        watch = Watch(given.progress, self.recipe, given.data.sizes()["train"], self.depth)
        return fit(net, given.data, self.recipe, given.seed, watch.epoch, given.checkpoint, watch.step)


class Watch:
    """Turns the iterations of a training into words on its progress,
    each epoch and each second of a long one.
    """

    def __init__(self, progress: Progress, recipe: Recipe, images: int, work: int):
        """images: in the training set.  work: of an iteration."""
        self.progress, self.batch, self.work = progress, recipe.batch, work
        self.iterations = max(1, images // recipe.batch)  # in an epoch
        self.epochs = -(-recipe.iterations // self.iterations)
        self.done, self.errors = 0, ""
        self.since: float | None = None

    def step(self, done: int) -> None:
        if self.since is None:  # from here on there is a rate
            self.progress(done * self.work, "going on" if done else "starting")
            self.done, self.since = done, time.perf_counter()
        elif time.perf_counter() - self.since > 1:
            self.tell(done)

    def epoch(self, row: Epoch) -> None:
        self.errors = f", error {row.train_error:.1f} % training, {row.test_error:.1f} % test"
        self.tell(row.iteration)

    def tell(self, done: int) -> None:
        now = time.perf_counter()
        assert self.since is not None  # step was told that it starts
        epoch, rate = -(-done // self.iterations), (done - self.done) * self.batch / (now - self.since)
        self.progress(
            (done - self.done) * self.work,
            f"epoch {epoch} of {self.epochs}{self.errors}, {rate:,.0f} images/s",
        )
        self.done, self.since = done, now
