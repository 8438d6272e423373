"""Gradient and activation statistics, layer by layer: of any model, and of a stack of perceptrons at once."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from course import CourseError
from course.networks.layers import weight_layers
from course.networks.stack import Stack

SATURATED = 0.1  # slopes below this share of the activation's largest
DEAD = 0.001


@dataclass(frozen=True)
class LayerStatistics:
    """What one backward pass leaves at one layer with weights, and at the activation that follows it.

    layer: its position from the input, 1 first.  name: its name in the model.
    weight_gradient: Frobenius norm of dL/dW, with L the mean loss over the batch.
    backpropagated: norm of dl/dz at the layer's output z, the root mean square over the batch's examples.
    mean, deviation: of the activation's values over batch, units and positions;
    the last layer has none: of its scores.
    saturated: share of the values at which the activation's slope is below a tenth of its largest.
    dead: share of the units whose slope is below a thousandth of its largest for every example and position.
    """

    layer: int
    name: str
    weight_gradient: float
    backpropagated: float
    mean: float
    deviation: float
    saturated: float
    dead: float


STATISTICS = tuple(field.name for field in fields(LayerStatistics))[2:]


def probe(net: nn.Module, x: Tensor, y: Tensor) -> list[LayerStatistics]:
    """One forward and one backward pass of the cross-entropy on the batch (x, y);
    the weights stay as they are.

    x: what the net takes, (N, ...).  y: (N,) labels.  Norms below the smallest number of the net's type read
    0: a sigmoid net of 64 layers needs `net.double()` and a double x.
    Activations are those of `Activations.KNOWN`, as modules, functions or methods; any other counts as none.
    Raises CourseError for a net in which activations do not follow the layers one by one.
    """
    layers = weight_layers(net)
    outputs: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(module: nn.Module, inputs: tuple, output: Tensor) -> None:
            output.retain_grad()
            outputs[name] = output

        return hook

    hooks = [layer.register_forward_hook(keep(name)) for name, layer in layers]
    try:
        net.zero_grad()
        with Activations() as activations:
            logits = net(x)
        F.cross_entropy(logits, y).backward()
    finally:
        for hook in hooks:
            hook.remove()

    passed = activations.passed or [(nn.Identity(), outputs[name]) for name, _ in layers[:-1]]  # a linear net
    if len(passed) != len(layers) - 1:
        raise CourseError(
            f"the net has {len(layers)} layers and {len(passed)} activations: the probe takes one between "
            "every two layers"
        )
    rows = []
    for number, ((name, layer), (function, entered)) in enumerate(
        zip(layers, [*passed, (nn.Identity(), logits)]), start=1
    ):
        by_unit = entered.detach().movedim(1, 0).flatten(1)[None]  # (1, units, examples and positions)
        delta = outputs[name].grad
        assert delta is not None  # the pass that has just been made left it
        found = statistics(layer.weight.grad[None], delta[None], len(x), function, by_unit)
        rows.append(LayerStatistics(number, name, *found.flatten().tolist()))
    net.zero_grad()
    return rows


def probe_stack(stack: Stack, x: Tensor, y: Tensor) -> Tensor:
    """The same of every network of a stack: (layers, STATISTICS, K)."""
    traced = stack.trace(x)
    layers: list[Any] = list(stack.layers)
    weights, passes = [layer.weight for layer in layers], [z for z, _, _ in traced]
    gradients = torch.autograd.grad(stack.losses(passes[-1], y).sum(), [*weights, *passes])
    return torch.stack(
        [
            statistics(of_weight, delta, len(x), layer.activation, entered.detach())
            for layer, of_weight, delta, (_, entered, _) in zip(
                layers, gradients, gradients[len(weights) :], traced
            )
        ]
    )


def statistics(
    weight_gradient: Tensor, delta: Tensor, examples: int, function: Callable, entered: Tensor
) -> Tensor:
    """STATISTICS of one layer of K networks: (6, K).

    weight_gradient: dL/dW (K, ...).  delta: dL/dz (K, ...).  entered:
    what enters the activation (K, units, values).
    """
    values, slopes = with_slope(function, entered)
    flatness = (
        slopes
        / with_slope(function, torch.linspace(-4, 4, 801, dtype=entered.dtype, device=entered.device))[
            1
        ].max()
    )
    return torch.stack(
        [
            weight_gradient.flatten(1).norm(dim=1),
            # The mean loss divides each example's gradient by N; sqrt(N)
            # turns the sum of squares into their root mean square.
            delta.flatten(1).norm(dim=1) * examples**0.5,
            values.flatten(1).mean(dim=1),
            values.flatten(1).std(dim=1, correction=0),
            (flatness.abs() < SATURATED).flatten(1).to(values.dtype).mean(dim=1),
            (flatness.abs() < DEAD).all(dim=2).to(values.dtype).mean(dim=1),
        ]
    )


def with_slope(function: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """The function's values at x and its derivatives there."""
    x = x.detach().requires_grad_()
    values = function(x)
    (slopes,) = torch.autograd.grad(values.sum(), x)
    return values.detach(), slopes


class Activations(TorchFunctionMode):
    """Keeps every activation function that a model applies, module or not, and what enters it, in order."""

    KNOWN = (
        *(torch.sigmoid, torch.tanh, torch.relu, Tensor.sigmoid, Tensor.tanh, Tensor.relu),
        *(F.relu, F.leaky_relu, F.gelu, F.silu, F.elu, F.relu6, F.hardtanh),
    )

    def __init__(self):
        super().__init__()
        self.passed: list[tuple[Callable[[Tensor], Tensor], Tensor]] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        options = dict(kwargs or {})
        if function in self.KNOWN:
            options.pop("inplace", None)  # what entered is looked at afterwards
            self.passed.append((lambda x: function(x, *args[1:], **options), args[0]))
        return function(*args, **options)
