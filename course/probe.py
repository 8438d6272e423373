"""Gradient and activation statistics, layer by layer, of any model."""
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from course.layers import weight_layers


@dataclass(frozen=True)
class LayerStatistics:
    """What one backward pass leaves at one layer with weights.

    layer: its position from the input, 1 first.  name: its name in the model.
    weight_gradient: Frobenius norm of dL/dW, with L the mean loss over the batch.
    backpropagated: norm of dl/dz at the layer's output z, the root mean square over the batch's examples.
    mean, deviation: of z over batch, units and positions.
    """

    layer: int
    name: str
    weight_gradient: float
    backpropagated: float
    mean: float
    deviation: float


def probe(net: nn.Module, x: Tensor, y: Tensor) -> list[LayerStatistics]:
    """One forward and one backward pass of the cross-entropy on the batch (x, y); the weights stay as they are.

    x: what the net takes, (N, ...).  y: (N,) labels.  Norms below the smallest number of the net's type read 0:
    a sigmoid net of 64 layers needs `net.double()` and a double x.
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
        F.cross_entropy(net(x), y).backward()
    finally:
        for hook in hooks:
            hook.remove()

    rows = []
    for number, (name, layer) in enumerate(layers, start=1):
        z = outputs[name]
        rows.append(
            LayerStatistics(
                layer=number,
                name=name,
                weight_gradient=layer.weight.grad.norm().item(),
                # The mean loss divides each example's gradient by N; sqrt(N) turns the sum of squares into their root mean square.
                backpropagated=z.grad.norm().item() * len(x) ** 0.5,
                mean=z.mean().item(),
                deviation=z.std(correction=0).item(),
            )
        )
    net.zero_grad()
    return rows
