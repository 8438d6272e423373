"""ReLU: its gradient, the initialisation that it needs, and units that die."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def relu_backward(z: Tensor, upstream: Tensor) -> Tensor:
    """Exercise 2. The gradient of the loss with respect to z, where upstream is that with respect to relu(z); both (N, units), without autograd."""
    return upstream * (z > 0)


def leaky_relu_backward(z: Tensor, upstream: Tensor, slope: float) -> Tensor:
    """Exercise 2. The same for the leaky ReLU, which is z for z > 0 and slope * z elsewhere."""
    return torch.where(z > 0, upstream, slope * upstream)


def he_deviation(layer: nn.Linear | nn.Conv2d) -> float:
    """Exercise 3. The standard deviation of the weights that He initialisation gives this layer: the root of 2 / fan_in.

    The fan-in is the number of inputs of *one* output; a convolution may have groups.
    """
    fan_in = layer.weight[0].numel()
    return (2 / fan_in) ** 0.5


def dead_units(h: Tensor) -> Tensor:
    """Exercise 4. Which units of a ReLU layer are zero for every example; (N, units) -> booleans (units,)."""
    return (h == 0).all(dim=0)


def growth(slope: float, variance: float, depth: int = 30, width: int = 256) -> float:
    """Exercise 5. The factor by which a layer of leaky ReLUs multiplies the deviation of the pre-activations.

    Under seed 0, send a batch of 64 inputs from N(0, 1), each of `width` numbers, through `depth` layers without biases.
    Their weights are width x width from N(0, variance / width), drawn one layer after the other. Compare the deviation of
    the last layer's pre-activations with that of the first layer's; between them lie depth - 1 factors.
    """
    torch.manual_seed(0)
    h, deviations = torch.randn(64, width), []
    for _ in range(depth):
        weight = torch.randn(width, width) * (variance / width) ** 0.5
        z = h @ weight.T
        deviations.append(z.std().item())
        h = F.leaky_relu(z, slope)
    return (deviations[-1] / deviations[0]) ** (1 / (depth - 1))
