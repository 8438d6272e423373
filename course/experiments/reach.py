"""How deep perceptrons of each kind train, and what their gradients are like before they do."""

from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from course.experiments.gradients import PROBED, short
from course.experiments.spec import Setting
from course.networks.chain import Chain, both_signs
from course.records.statistics import Rows
from course.training.descent import batches

CHANCE = 90.0  # the error of a network that diverged, in percent


@dataclass(frozen=True)
class Reach:
    """Perceptrons of one kind (course.networks.chain), trained at several depths and rates by plain gradient
    descent; one row a depth, rate and network.

    even: in each step every layer moves by the same share of its length, the rate, whatever its gradient's
    norm. decay: log10 of the norm of the gradient by what enters the first hidden layer over that by what
    leaves the last, untrained.
    alike: mean cosine between the gradients of the first score by the input at `PROBED` images, untrained,
    with the statistics of all training images.  error: of the training images in percent, each network
    normalised by their statistics; 90 where it diverged.
    """

    name: str
    kind: str
    depths: tuple[int, ...] = (10, 30, 100)
    rates: tuple[float, ...] = (0.1, 0.03, 0.01)
    even: bool = False
    steps: int = 264
    batch: int = 64
    seeds: int = 3
    data: str = "digits"

    @property
    def work(self) -> int:
        return sum(self.depths) * len(self.rates) * self.steps

    def measure(self, given: Setting) -> Rows:
        x, y = given.data.normalise(given.data.train_x), given.data.train_y
        rows: Rows = []
        seeds = range(given.seed, given.seed + self.seeds)
        for depth in self.depths:
            nets = self.networks(depth, seeds).to(x.device)
            decays, likenesses = decay(nets, x[:256], y[:256]), alike(nets, x)
            for place, (rate, seed) in enumerate(product(self.rates, seeds)):
                row = {"depth": depth, "rate": rate, "network": seed}
                rows.append(row | {"decay": decays[place], "alike": likenesses[place]})
            self.train(nets, given)
            for row, error in zip(rows[-nets.size :], wrong(nets, x, y)):
                row["error"] = error
            given.progress(depth * len(self.rates) * self.steps, f"{depth} layers")
        return rows

    def networks(self, depth: int, seeds: range) -> Chain:
        """All seeds at the first rate, then all at the second, ..."""
        return Chain(self.kind, depth, [*seeds] * len(self.rates))

    def train(self, nets: Chain, given: Setting) -> None:
        parameters, stream = list(nets.parameters()), batches(given.data, self.batch)
        rates = torch.tensor(self.rates, device=parameters[0].device).repeat_interleave(self.seeds)
        torch.set_flush_denormal(True)  # numbers below 1e-38 would take ten times as long
        try:
            for _ in range(self.steps):
                losses = nets.losses(*next(stream))
                if not losses.isfinite().any():
                    break  # all have diverged
                gradients = torch.autograd.grad(losses.sum(), parameters)
                with torch.no_grad():
                    for parameter, gradient in zip(parameters, gradients):
                        by_net, step = (nets.apart(each) for each in (parameter, gradient))  # (K, numbers)
                        if self.even:
                            length = by_net.norm(dim=1, keepdim=True).clamp(min=1)
                            step = step / (step.norm(dim=1, keepdim=True) + 1e-30) * length
                        by_net.sub_(rates[:, None] * step)
        finally:
            torch.set_flush_denormal(False)


@torch.no_grad()
def wrong(nets: Chain, x: Tensor, y: Tensor) -> list[float]:
    logits = nets(x)
    errors = 100 * (logits.argmax(dim=1) != y).double().mean(dim=1)
    finite = logits.isfinite().all(dim=2).all(dim=1)
    return torch.where(finite, errors, CHANCE).tolist()


def decay(nets: Chain, x: Tensor, y: Tensor) -> list[float | None]:
    flat = x.flatten(1).t().expand(nets.size, -1, -1)
    first = nets.first(flat)
    last = nets.hidden(first)
    loss = F.cross_entropy(nets.last(last), y.expand(nets.size, -1), reduction="sum")
    gradients = torch.autograd.grad(loss, [first, last])
    norms = [each.double().flatten(1).norm(dim=1) for each in gradients]
    return [short(value, 3) for value in (norms[0] / norms[1]).log10().tolist()]


def alike(nets: Chain, x: Tensor) -> list[float | None]:
    flat = x.flatten(1).t().expand(nets.size, -1, -1)  # (K, pixels, N)
    nets.freeze(nets, flat)
    inputs = flat[:, :, :PROBED].clone().requires_grad_()
    (gradients,) = torch.autograd.grad(nets(inputs)[:, 0].sum(), inputs)
    nets.statistics = None
    return [short(value, 4) for value in cosines(gradients).tolist()]


def cosines(gradients: Tensor) -> Tensor:
    """The mean cosine between the columns of each matrix: (K, numbers, N) -> (K,)"""
    unit = gradients.double() / gradients.double().norm(dim=1, keepdim=True)
    count = gradients.shape[2]
    return (unit.sum(dim=2).square().sum(dim=1) - count) / (count * (count - 1))


@dataclass(frozen=True)
class Likeness:
    """How alike the gradients at random inputs are in wide untrained perceptrons (Balduzzi et al. 2017); one
    row a depth and network.

    The gradient of one random score by what enters the first of `depth` hidden layers, at `inputs`
    independent Gaussian inputs.  frozen: with the statistics of other such inputs; trap: in training mode,
    where each example's gradient runs through the statistics of all. Without batch normalisation both are
    the same.
    """

    name: str
    kind: str
    depths: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    width: int = 300
    inputs: int = 128
    seeds: int = 3
    data: None = None

    @property
    def work(self) -> int:
        return sum(self.depths)

    def measure(self, given: Setting) -> Rows:
        rows: Rows = []
        seeds = [*range(given.seed, given.seed + self.seeds)]
        for depth in self.depths:
            nets = Chain(self.kind, depth + 2, seeds, self.width)
            torch.manual_seed(given.seed)
            x = torch.randn(self.seeds, self.width, 512)
            trap = cosines(self.gradients(nets, x[:, :, : self.inputs])).tolist()
            nets.freeze(nets.hidden, behind(nets, x))
            frozen = cosines(self.gradients(nets, x[:, :, : self.inputs])).tolist()
            rows += [
                {"depth": depth, "network": seed, "frozen": a, "trap": b}
                for seed, a, b in zip(seeds, frozen, trap)
            ]
            given.progress(depth, f"{depth} layers")
        return rows

    def gradients(self, nets: Chain, x: Tensor) -> Tensor:
        """(K, width, N) -> the same: the gradients of one random score."""
        x = x.clone().requires_grad_()
        end = nets.hidden(behind(nets, x))
        reader = torch.randn(self.width, 1, generator=torch.Generator().manual_seed(1))
        if nets.kind.activation is both_signs:
            reader = torch.cat([reader, -reader])
        return torch.autograd.grad((reader * end).sum(), x)[0]


def behind(nets: Chain, x: Tensor) -> Tensor:
    """What the hidden layers take: as many numbers as they have units, or both signs of each."""
    return both_signs(x) if nets.kind.activation is both_signs else x
