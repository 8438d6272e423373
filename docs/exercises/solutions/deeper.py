"""Is deeper the answer? One function by a deep and by a shallow network, what training keeps in memory, and what training finds."""
import torch
from torch import Tensor, nn


def fold(x: Tensor, layers: int) -> Tensor:
    """t(t(...t(x))): `layers` times t(x) = 1 - |1 - 2x|, which goes up and down once on [0, 1]."""
    for _ in range(layers):
        x = 1 - (1 - 2 * x).abs()
    return x


def deep_network(layers: int) -> nn.Sequential:
    """Exercise 2. A network that computes fold(x, layers) exactly on [0, 1]: `layers` hidden layers of two ReLUs each.

    (N, 1) -> (N, 1): Linear(1, 2), ReLU, Linear(2, 2), ReLU, ..., Linear(2, 1).
    """
    sizes = [1, *[2] * layers]
    net = nn.Sequential()
    for before, after in zip(sizes, sizes[1:]):
        net.append(nn.Linear(before, after)).append(nn.ReLU())
    net.append(nn.Linear(2, 1))
    with torch.no_grad():
        for number, layer in enumerate(net[::2]):
            # Two ReLUs of h are relu(h) and relu(h - 1/2), and t(h) is 2 relu(h) - 4 relu(h - 1/2).
            layer.weight.copy_(torch.ones(2, 1) if number == 0 else torch.tensor([[2.0, -4.0]]).expand_as(layer.weight))
            layer.bias.copy_(torch.tensor([0.0, -0.5])[: len(layer.bias)])
    return net


def shallow_network(layers: int) -> nn.Sequential:
    """Exercise 3. A network with one hidden layer of 2^layers ReLUs that computes fold(x, layers) on [0, 1].

    (N, 1) -> (N, 1): Linear(1, 2^layers), ReLU, Linear(2^layers, 1).
    """
    pieces = 2**layers
    net = nn.Sequential(nn.Linear(1, pieces), nn.ReLU(), nn.Linear(pieces, 1))
    with torch.no_grad():
        net[0].weight.fill_(1)
        net[0].bias.copy_(-torch.arange(pieces) / pieces)  # the unit of number i bends the line at i / pieces
        net[2].weight.copy_(2.0 * pieces * (-1.0) ** torch.arange(pieces))  # from slope +pieces to -pieces and back
        net[2].weight[0, 0] = pieces
        net[2].bias.zero_()
    return net


def kept_numbers(net: nn.Module, x: Tensor) -> int:
    """Exercise 4. How many numbers the convolutions and fully connected layers of `net` give out for the batch x.

    A backward pass needs (nearly) all of them, so training has to keep them in memory.
    """
    counts: list[int] = []
    hooks = [
        layer.register_forward_hook(lambda module, inputs, output: counts.append(output.numel()))
        for layer in net.modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return sum(counts)


def trained_error(layers: int, units: int, steps: int = 1000) -> float:
    """Exercise 5. The mean absolute error with which a trained network fits fold(x, 3), which has eight straight pieces.

    Under seed 0, build `layers` hidden layers of `units` ReLUs (Linear, ReLU, ..., Linear). Train with torch.optim.Adam,
    learning rate 0.01, on the mean squared error at 257 points from 0 to 1, all of them in each step.
    """
    x = torch.linspace(0, 1, 257)[:, None]
    y = fold(x, 3)
    torch.manual_seed(0)
    sizes = [1, *[units] * layers]
    net = nn.Sequential(*[part for before, after in zip(sizes, sizes[1:]) for part in (nn.Linear(before, after), nn.ReLU())], nn.Linear(units, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        (net(x) - y).square().mean().backward()
        optimiser.step()
    return (net(x) - y).abs().mean().item()
