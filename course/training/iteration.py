"""One iteration of stochastic gradient descent, all of it on the device."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data import Images
from course.machine import parallel
from course.machine.devices import precision
from course.training.recipe import Recipe


class Iteration:
    """A batch through the net in the recipe's precision, its gradient, a step, and the sums for the curves.

    net: to train, on the device of `data`.
    sums: (3,), of the losses and of the wrong answers over the images of an epoch, and the number of its
    iterations that were finite. They stay on the device: reading one back would make a GPU wait.
    """

    def __init__(self, net: nn.Module, data: Images, recipe: Recipe):
        self.net, self.data, self.recipe = net, data, recipe
        self.device = next(net.parameters()).device
        net.to(memory_format=recipe.layout)
        self.passes: Callable[[Tensor], Tensor] = parallel.synchronised(net)
        self.compare: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = compare
        self.optimiser = torch.optim.SGD(
            net.parameters(),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            fused=self.device.type == "cuda",
        )
        self.sums = torch.zeros(3, device=self.device)

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
        """An epoch of what the iteration is called with."""
        return self.data.training(self.recipe.batch, self.recipe.augment, generator)

    def set_rate(self, rate: Any) -> None:
        """The learning rate of the next iteration."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def __call__(self, *batch: Tensor) -> None:
        """Images (N, C, H, W), labels (N,)"""
        x, y = batch
        low = precision(self.recipe.precision, self.device) == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            logits = self.passes(x.contiguous(memory_format=self.recipe.layout))
        loss, errors = self.compare(logits, y)
        self.optimiser.zero_grad()
        loss.backward()
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
        self.optimiser.step()
        losses, wrong, finite = self.sums
        losses += loss.detach() * len(y)
        wrong += errors
        finite += torch.isfinite(losses)


def compare(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (N, classes), labels (N,) -> mean loss (), wrong answers ()"""
    return F.cross_entropy(logits.float(), y), (logits.argmax(1) != y).sum()
