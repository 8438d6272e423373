"""Fewer, larger kernels for a long training on a GPU, where to start a small one takes as long as its work.

What is computed stays the same, but for the order of sums.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import nn


def compiled(net: nn.Module) -> nn.Module:
    """A twin of `net` to train with: its weights and statistics are the net's own, but what its blocks do
    between their convolutions is compiled into few kernels.

    Each block is compiled by itself, since a network of many has few shapes of them.
    """
    twin = deepcopy(net, {id(tensor): tensor for tensor in (*net.parameters(), *net.buffers())}).train()
    torch.compiler.reset()  # it keeps a limited number of shapes
    for module in twin.modules():
        if getattr(module, "fusible", False):
            module.compile(dynamic=False)
    return twin


def rounded(twin: nn.Module, optimiser: torch.optim.Optimizer) -> Callable[[], None]:
    """Give `twin` the weights of its convolutions and fully connected layers in bfloat16, as tensors of its
    own; what comes back makes them follow the optimiser's, which a step of it does too.

    Autocast rounds each weight and widens each gradient by a kernel of its own; here one kernel does it for
    all of them.
    """
    layers = [module for module in twin.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    weights = [layer.weight for layer in layers]
    for layer in layers:
        layer.weight = nn.Parameter(layer.weight.detach().bfloat16())
    own: list[Any] = [layer.weight for layer in layers]

    @torch.no_grad()
    def follow(*_) -> None:
        torch._foreach_copy_(own, weights)

    @torch.no_grad()
    def widen(*_) -> None:
        wide = [torch.empty_like(weight) for weight in weights]
        torch._foreach_copy_(wide, [weight.grad for weight in own])
        for weight, gradient, rounded_weight in zip(weights, wide, own):
            weight.grad, rounded_weight.grad = gradient, None

    optimiser.register_step_pre_hook(widen)
    optimiser.register_step_post_hook(follow)
    return follow
