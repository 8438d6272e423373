"""Plain gradient descent of many networks at once."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from course import CourseError
from course.data import Dataset


def descend(
    data: Dataset,
    nets: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    steps: tuple[int, ...],
    batch: int,
    learning_rate: float,
    look: Callable[[int, int], None] = lambda step, since: None,
) -> None:
    """Train `nets` in place by plain gradient descent until the last of `steps`.

    loss: of a batch, summed over the nets.  look: called after each of `steps`, with its number and the steps
    since the last look. In float32: what that cannot hold would not move a weight. All networks see the same
    batches.
    """
    parameters: list[Tensor] = list(nets.parameters())
    stream, before = batches(data, batch), 0
    torch.set_flush_denormal(True)  # numbers below 1e-38 would take ten times as long
    try:
        for step in range(max(steps) + 1):
            if step in steps:
                look(step, step - before)
                before = step
            if step < max(steps):
                gradients = torch.autograd.grad(loss(*next(stream)), parameters)
                with torch.no_grad():
                    torch._foreach_add_(parameters, gradients, alpha=-learning_rate)
    finally:
        torch.set_flush_denormal(False)


def batches(data: Dataset, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Epoch after epoch, without an end. Raises CourseError where the images do not fill a batch."""
    if size > data.sizes()["train"]:
        raise CourseError(f"{data.sizes()['train']} training images do not fill a batch of {size}")
    generator = torch.Generator().manual_seed(0)
    while True:
        yield from data.training(size, False, generator)
