"""The gradient of a residual network, by the number of branches that its paths cross (Veit et al. 2016)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course.networks.resnet import ResNet
from course.networks.surgery import blocks


def gradients_by_length(net: ResNet, x: Tensor, y: Tensor) -> Tensor:
    """What arrives at the first block by all paths through 0, 1, ... branches: (blocks + 1, N, C, H, W).

    Their sum over the first dimension is the gradient of each example's cross-entropy with respect to what
    enters the first block. Nothing is drawn: from the last block to the first, what has crossed k branches
    either goes around the block and has still crossed k, or through it and has crossed one more. At
    inference, so that the examples are apart. x: (N, C, H, W) normalised.  y: (N,)
    """
    net.eval()
    with torch.no_grad():
        h = net.maxpool(F.relu(net.bn1(net.conv1(x))))
    entered, parts = [], [net.get_submodule(name) for name in blocks(net)]
    with torch.no_grad():
        for part in parts:
            entered.append(h)
            h = part(h)
    h.requires_grad_()
    (end,) = torch.autograd.grad(F.cross_entropy(net.fc(h.mean(dim=(2, 3))), y, reduction="sum"), h)
    arrived = [end]
    for part, h in zip(reversed(parts), reversed(entered)):
        arrived = one_block_back(part, h, arrived)
    return torch.stack(arrived)


def one_block_back(part: Any, h: Tensor, arrived: list[Tensor]) -> list[Tensor]:
    """h: what enters the block.  arrived: at its output, by the number of branches crossed so far."""
    h = h.detach().requires_grad_()
    through, around = part.branch(h), part.downsample(h)
    passed = [gradient * (through + around > 0) for gradient in arrived]  # the ReLU after the addition
    longer = [torch.autograd.grad(through, h, gradient, retain_graph=True)[0] for gradient in passed]
    # The shortcut is linear, and may be nothing but h itself.
    same = [torch.autograd.grad(around * 1, h, gradient, retain_graph=True)[0] for gradient in passed]
    zero = torch.zeros_like(h)
    return [a + b for a, b in zip([*same, zero], [zero, *longer])]
