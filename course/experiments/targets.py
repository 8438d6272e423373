"""One residual block and one plain one learn to turn vectors: is a target easier the nearer it lies to the
identity?
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from course.experiments.spec import Setting
from course.records.statistics import Rows


@dataclass(frozen=True)
class Turned:
    """Regression to H(x) = R x with R a rotation by an angle in each of width / 2 planes, on Gaussian x, by
    a chain of blocks V relu(W x), with x added or not; one row an angle, kind and network.

    The distance of H from the identity is 2 sin(angle / 2) lengths of x, its distance from zero is 1: they
    are equal at 60 degrees.  W has He's variance, and V gives a plain block's output the length of its
    input; in a residual chain it is divided by the root of the number of blocks. A single block starts from
    the same weights in both kinds. start: the loss over the mean square of the target before training.
    loss: after it, on new x.
    """

    name: str
    residual: bool
    blocks: int
    angles: tuple[int, ...] = (0, 15, 30, 45, 60, 75, 90, 120, 150, 180)
    width: int = 16
    hidden: int = 64
    steps: int = 300
    batch: int = 64
    learning_rate: float = 0.02
    seeds: int = 5
    data: None = None

    @property
    def work(self) -> int:
        return len(self.angles) * self.blocks * self.steps

    def measure(self, given: Setting) -> Rows:
        rows: Rows = []
        for angle in self.angles:
            torch.manual_seed(given.seed)
            weights = self.weights()
            target = rotation(angle, self.width)
            start = self.loss(weights, target).tolist()
            for _ in range(self.steps):
                gradients = torch.autograd.grad(self.loss(weights, target).sum(), weights)
                with torch.no_grad():
                    for weight, gradient in zip(weights, gradients):
                        weight.sub_(self.learning_rate * gradient)
            losses = self.loss(weights, target).tolist()
            rows += [
                {"angle": angle, "network": number, "start": before, "loss": after}
                for number, (before, after) in enumerate(zip(start, losses))
            ]
            given.progress(self.blocks * self.steps, f"{angle} degrees")
        return rows

    def weights(self) -> list[Tensor]:
        """W and V of each block, of all networks: (seeds, hidden, width), (seeds, width, hidden), ..."""
        shapes = [(self.hidden, self.width), (self.width, self.hidden)]
        variances = [2 / self.width, 1 / self.hidden / (self.blocks if self.residual else 1)]
        return [
            (variance**0.5 * torch.randn(self.seeds, *shape)).requires_grad_()
            for _ in range(self.blocks)
            for shape, variance in zip(shapes, variances)
        ]

    def loss(self, weights: list[Tensor], target: Tensor) -> Tensor:
        """The squared distance to the target over that of zero, on a new batch: (seeds,)"""
        x = torch.randn(self.width, self.batch).expand(self.seeds, -1, -1)
        h = x
        for first, second in zip(weights[::2], weights[1::2]):
            branch = second @ (first @ h).relu()
            h = branch + h if self.residual else branch
        return (h - target @ x).square().sum(dim=1).mean(dim=1) / self.width


def rotation(angle: float, width: int) -> Tensor:
    """By `angle` degrees in each of the planes of coordinates 1 and 2, 3 and 4, ..."""
    turn = torch.deg2rad(torch.tensor(float(angle)))
    plane = torch.stack([torch.stack([turn.cos(), -turn.sin()]), torch.stack([turn.sin(), turn.cos()])])
    return torch.block_diag(*[plane] * (width // 2))
