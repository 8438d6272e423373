"""How a network is trained: stochastic gradient descent as He et al. 2016a, section 4.2 use it."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; counted in iterations (mini-batches), as in the paper.

    learning_rate is divided by ten at each of `drops`; `warm_up` iterations run at a tenth of it before.
    augment: pad by 4, crop and mirror the training images.
    clip: the largest Euclidean norm of the gradient with respect to all weights together;
    a longer one is shortened to it (Pascanu et al. 2013).
    precision: "float32", or "bfloat16" for the forward and backward pass where the device has instructions
    for it, see course.machine.devices; weights, updates and tests stay float32. A GPU's convolutions shorten
    the mantissa of float32 to ten bits (TF32), as is PyTorch's default.
    """

    iterations: int
    drops: tuple[int, ...] = ()
    batch: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    warm_up: int = 0
    augment: bool = False
    clip: float | None = None
    precision: str = "float32"

    @property
    def layout(self) -> torch.memory_format:
        """Convolutions of 32x32 images and larger are fastest with the channels last, in either precision,
        on a CPU and on a GPU.

        The digits' recipe asks for float32 and keeps the usual order, in which its records were made.
        """
        return torch.channels_last if self.precision == "bfloat16" else torch.contiguous_format


def learning_rate(recipe: Recipe, step: int) -> float:
    """The rate of iteration `step`, counted from 0: the k-th drop makes it 10^-k of the first."""
    if step < recipe.warm_up:
        return recipe.learning_rate / 10
    return recipe.learning_rate / 10 ** sum(step >= drop for drop in recipe.drops)
