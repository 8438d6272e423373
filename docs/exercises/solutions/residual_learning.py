"""Residual learning: the block, the shortcut, the sum behind the gradient, paths, and blocks taken out."""
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch normalisation, and the identity around them."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Exercise 2. relu(F(x) + x), where F is conv1, bn1, ReLU, conv2, bn2 (He et al. 2016a, Figure 2)."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + x)


def pad_shortcut(x: Tensor, out: int) -> Tensor:
    """Exercise 3. Option A: every second row and column of x, from the first on, and zeros for the new channels, half before and half after.

    x: (N, C, H, W) -> (N, out, H / 2, W / 2); out - C is even.
    """
    zeros = (out - x.shape[1]) // 2
    return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, zeros, zeros))


def residuals(x: Tensor, branches: list[nn.Module]) -> list[Tensor]:
    """Exercise 4. What each branch adds: F_1(x_1), F_2(x_2), ..., where x_1 is x and x_(l+1) = x_l + F_l(x_l)."""
    added = []
    for branch in branches:
        added.append(branch(x))
        x = x + added[-1]
    return added


def gradient_terms(x: Tensor, branches: list[nn.Module], upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Exercise 4. The two terms of the loss's gradient by x: what comes straight from the end, and what comes through the branches.

    upstream: the gradient of the loss with respect to x_L = x + F_1(x_1) + F_2(x_2) + ..., of the shape of x.
    """
    x = x.detach().requires_grad_()
    (through,) = torch.autograd.grad(sum(residuals(x, branches)), x, upstream)
    return upstream, through


def share_of_gradient(blocks: int, gain: float, shortest: int, longest: int) -> float:
    """Exercise 5. The share of the gradient that comes by paths through `shortest` to `longest` branches, if each branch multiplies it by `gain`.

    At each block a path either takes the shortcut, which passes the gradient on as it is, or crosses the branch. All
    2^blocks paths add up.
    """
    carried = [math.comb(blocks, crossed) * gain**crossed for crossed in range(blocks + 1)]
    return sum(carried[shortest : longest + 1]) / sum(carried)


@torch.inference_mode()
def errors_without_each(net: nn.Sequential, x: Tensor, t: Tensor) -> list[float]:
    """Exercise 6. The error in percent on the images x with labels t when one hidden layer is replaced by nn.Identity().

    One number for each layer of net[2:-1], in order; `net` itself stays as it is. net[0] flattens, net[1] is the first
    layer, net[-1] the last.
    """
    layers, errors = list(net), []
    for place in range(2, len(layers) - 1):
        without = nn.Sequential(*layers[:place], nn.Identity(), *layers[place + 1 :])
        errors.append(100 * (without(x).argmax(dim=1) != t).float().mean().item())
    return errors
