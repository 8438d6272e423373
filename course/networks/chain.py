"""Deep perceptrons of equal layers, in each of which something else stands in for the skip, or for what
makes it work: the start, the activation, a factor on the branch.

Several of a kind lie in one tensor and are computed together, as in `course.networks.stack`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError


def he(weight: Tensor) -> None:
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def gaussian(weight: Tensor) -> None:
    """Variance 1 / fan-in: for tanh the edge of chaos, without biases (Schoenholz et al. 2017)."""
    nn.init.normal_(weight, std=weight.shape[1] ** -0.5)


def orthogonal(weight: Tensor) -> None:
    nn.init.orthogonal_(weight)


def orthogonal_he(weight: Tensor) -> None:
    """An orthogonal matrix with the mean square of He's."""
    nn.init.orthogonal_(weight, gain=2**0.5)


def identity(weight: Tensor) -> None:
    nn.init.eye_(weight)


def mirrored(weight: Tensor) -> None:
    """(W, -W) with W orthogonal: "looks linear" behind `both_signs` (Balduzzi et al. 2017)."""
    half = torch.empty(weight.shape[0], weight.shape[1] // 2)
    nn.init.orthogonal_(half)
    weight.copy_(torch.cat([half, -half], dim=1))


def both_signs(z: Tensor) -> Tensor:
    """(K, n, N) -> (K, 2n, N): the part above zero and the part below it."""
    return torch.cat([F.relu(z), F.relu(-z)], dim=1)


@dataclass(frozen=True)
class Kind:
    """h -> act(bn(W h + b)), or with a path around it, path * h + alpha * act(bn(W h + b)).

    start: of the hidden weights.  alpha: of the branch; "root" is one over the root of the depth.
    learned: whether alpha is.
    """

    start: Callable[[Tensor], None]
    activation: Callable[[Tensor], Tensor] = F.relu
    batch_norm: bool = False
    path: float | None = None
    alpha: float | str = 1.0
    learned: bool = False


KINDS = {
    "he": Kind(he),
    "orthogonal": Kind(orthogonal_he),
    "tanh": Kind(gaussian, torch.tanh),
    "tanh-orthogonal": Kind(orthogonal, torch.tanh),
    "identity": Kind(identity),
    "looks-linear": Kind(mirrored, both_signs),
    "bn": Kind(he, batch_norm=True),
    "skip": Kind(he, path=1.0),
    "skip-bn": Kind(he, batch_norm=True, path=1.0),
    "skip-bn-halved": Kind(he, batch_norm=True, path=0.5**0.5, alpha=0.5**0.5),
    "skip-root": Kind(he, path=1.0, alpha="root"),
    "skipinit": Kind(he, path=1.0, alpha=0.0, learned=True),
}


class Chain(nn.Module):
    """A perceptron of one of KINDS for each seed: a first layer, depth - 2 hidden ones of one width, a last.

    Only the hidden ones differ between kinds; the first and the last are orthogonal (behind both signs the
    last is mirrored) and have no path around them. Raises CourseError for an unknown kind or a depth below 3.
    """

    def __init__(
        self, kind: str, depth: int, seeds: list[int], width: int = 64, inputs: int = 64, classes: int = 10
    ):
        super().__init__()
        if kind not in KINDS:
            raise CourseError(f"unknown kind {kind!r}: choose one of {', '.join(KINDS)}")
        if depth < 3:
            raise CourseError(f"a chain of {depth} layers does not exist: the depth is 3 or more")
        self.kind, self.size, self.depth = KINDS[kind], len(seeds), depth
        both = self.kind.activation is both_signs
        wide = 2 * width if both else width
        shapes = [(width, inputs), *[(width, wide)] * (depth - 2), (classes, wide)]
        starts = [orthogonal, *[self.kind.start] * (depth - 2), mirrored if both else orthogonal]
        self.weights = nn.ParameterList(torch.empty(self.size, *shape) for shape in shapes)
        self.biases = nn.ParameterList(torch.zeros(self.size, shape[0], 1) for shape in shapes)
        with torch.no_grad():
            for place, seed in enumerate(seeds):
                torch.manual_seed(seed)
                for start, weight in zip(starts, self.weights):
                    start(weight[place])
        norms = depth - 2 if self.kind.batch_norm else 0
        self.gammas = nn.ParameterList(torch.ones(self.size * width) for _ in range(norms))
        self.betas = nn.ParameterList(torch.zeros(self.size * width) for _ in range(norms))
        alpha = depth**-0.5 if self.kind.alpha == "root" else float(self.kind.alpha)
        alphas = torch.full((depth - 2, self.size, 1, 1), alpha)
        self.alphas: Tensor
        if self.kind.learned:
            self.alphas = nn.Parameter(alphas)
        else:
            self.register_buffer("alphas", alphas)
        self.statistics: list[tuple[Tensor, Tensor]] | None = None  # frozen ones, by layer

    def forward(self, x: Tensor) -> Tensor:
        """(N, ...) or (K, inputs, N) -> logits (K, classes, N)"""
        if x.dim() != 3:
            x = x.flatten(1).t().expand(self.size, -1, -1)
        return self.last(self.hidden(self.first(x)))

    def first(self, x: Tensor) -> Tensor:
        """(K, inputs, N) -> (K, width, N), twice as wide behind `both_signs`."""
        return self.kind.activation(torch.baddbmm(self.biases[0], self.weights[0], x))

    def last(self, h: Tensor) -> Tensor:
        """What `hidden` gives -> logits (K, classes, N)"""
        return torch.baddbmm(self.biases[-1], self.weights[-1], h)

    def hidden(self, h: Tensor) -> Tensor:
        """Through the hidden layers: what `first` gives -> the same shape."""
        kind = self.kind
        for place in range(1, self.depth - 1):
            z = torch.baddbmm(self.biases[place], self.weights[place], h)
            if kind.batch_norm:
                z = self.normalised(z, place - 1)
            f = kind.activation(z)
            h = f if kind.path is None else kind.path * h + self.alphas[place - 1] * f
        return h

    def normalised(self, z: Tensor, place: int) -> Tensor:
        """Each unit over the N examples, or with the frozen statistics.  (K, width, N)"""
        flat, gamma, beta = z.view(1, -1, z.shape[-1]), self.gammas[place], self.betas[place]
        if self.statistics is None:
            return F.batch_norm(flat, None, None, gamma, beta, training=True).view_as(z)
        return F.batch_norm(flat, *self.statistics[place], gamma, beta).view_as(z)

    @torch.no_grad()
    def freeze(self, pass_on: Callable[[Tensor], Tensor], x: Tensor) -> None:
        """From now on with the statistics of these examples, so that each example is on its own.

        pass_on: the network itself, or its `hidden` layers.  x: what that takes.
        """
        self.statistics, found = None, []
        usual = self.normalised

        def keep(z: Tensor, place: int) -> Tensor:
            variance, mean = torch.var_mean(z, dim=2, correction=0)
            found.append((mean.flatten(), variance.flatten()))
            return usual(z, place)

        self.normalised = keep  # type: ignore[method-assign]
        pass_on(x)
        del self.normalised
        self.statistics = found

    def apart(self, parameter: Tensor) -> Tensor:
        """One of the parameters, or its gradient, network by network: (K, numbers), where it lies."""
        return parameter.view(-1, self.size).t() if parameter.dim() == 4 else parameter.view(self.size, -1)

    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """The mean cross-entropy of each network: (N, ...), (N,) -> (K,)"""
        return F.cross_entropy(self(x), y.expand(self.size, -1), reduction="none").mean(dim=1)
