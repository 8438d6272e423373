"""Perceptrons of one shape side by side: their weights lie in one tensor,
so that many small products become one large one.

A hundred networks that differ in their weights alone train in the time of a few. They do not touch one
another: each network of a stack computes what it would compute alone.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.networks.layers import Dense


class Layer(nn.Module):
    """The same layer of K perceptrons, each Dense or, the last, nn.Linear.

    Shapes: weight (K, out, in), bias (K, out, 1), gamma and beta (K * out).
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, layers: list[Any]):
        super().__init__()
        hidden = isinstance(layers[0], Dense)
        linear = [layer.linear if hidden else layer for layer in layers]
        self.weight = nn.Parameter(torch.stack([one.weight.detach() for one in linear]))
        self.bias = nn.Parameter(torch.stack([one.bias.detach() for one in linear])[..., None])
        self.activation = layers[0].activation if hidden else nn.Identity()
        self.residual = hidden and layers[0].residual
        self.batch_norm = hidden and isinstance(layers[0].norm, nn.BatchNorm1d)
        self.groups = layers[0].norm.num_groups if hidden and isinstance(layers[0].norm, nn.GroupNorm) else 0
        self.size = len(layers)
        if self.batch_norm or self.groups:
            self.gamma = nn.Parameter(torch.cat([layer.norm.weight.detach() for layer in layers]))
            self.beta = nn.Parameter(torch.cat([layer.norm.bias.detach() for layer in layers]))
        if self.batch_norm:
            self.register_buffer("running_mean", torch.zeros_like(self.beta))
            self.register_buffer("running_var", torch.ones_like(self.gamma))

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(K, in, N) -> W h + b, what enters the activation, what leaves it, and what the next layer gets:
        (K, out, N) each.
        """
        z = torch.baddbmm(self.bias, self.weight, h)
        a = self.normalise(z) if self.batch_norm or self.groups else z
        f = self.activation(a)
        return z, a, f, f + h if self.residual else f

    def normalise(self, z: Tensor) -> Tensor:
        """Each unit of each network over its N examples, or, in inference mode,
        with its running statistics; or each example over the units of each group.
        """
        if self.groups:
            by_example = z.permute(2, 0, 1)  # (N, K, out)
            groups = self.size * self.groups
            return (
                F.group_norm(by_example.flatten(1), groups, self.gamma, self.beta)
                .view_as(by_example)
                .permute(1, 2, 0)
            )
        flat = z.view(1, -1, z.shape[-1])
        return F.batch_norm(
            flat, self.running_mean, self.running_var, self.gamma, self.beta, self.training
        ).view_as(z)


class Stack(nn.Module):
    """K perceptrons of `course.networks.mlp` that differ in their weights alone."""

    def __init__(self, nets: list[nn.Sequential]):
        super().__init__()
        self.size = len(nets)
        self.layers = nn.ModuleList(
            Layer(list(same)) for same in zip(*(net[1:] for net in nets), strict=True)
        )

    def trace(self, x: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(N, ...) -> for each layer W h + b, what enters its activation and what leaves it:
        (K, out, N) each.
        """
        h = x.flatten(1).t().expand(self.size, -1, -1)
        found = []
        for layer in self.layers:
            *kept, h = layer(h)
            found.append(tuple(kept))
        return found

    def forward(self, x: Tensor) -> Tensor:
        """(N, ...) -> logits (K, classes, N)"""
        return self.trace(x)[-1][0]

    def losses(self, logits: Tensor, y: Tensor) -> Tensor:
        """The mean cross-entropy of each network: (K, classes, N), (N,) -> (K,)"""
        return F.cross_entropy(logits, y.expand(self.size, -1), reduction="none").mean(dim=1)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over the networks, whose gradient is each network's own."""
        return self.losses(self(x), y).sum()
