"""The recipe and the loop: stochastic gradient descent as He et al. 2015, section 4.2 use it, on a CPU or a GPU."""
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.data import Dataset, batches, crop_flip


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; counted in iterations (mini-batches), as in the paper.

    learning_rate is divided by ten at each of `drops`; `warm_up` iterations run at a tenth of it before.
    augment: "crop-flip" (pad 4, crop, mirror) or None.
    """

    iterations: int
    drops: tuple[int, ...] = ()
    batch: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    warm_up: int = 0
    augment: str | None = None


@dataclass(frozen=True)
class Epoch:
    """One row of the curves. Errors are percentages of wrong answers.

    train_loss, train_error: over the batches of the epoch as they were trained on.
    test_error: of the network at the end of the epoch, with running statistics, over the whole test set.
    """

    epoch: int
    iteration: int
    learning_rate: float
    train_loss: float
    train_error: float
    test_error: float


def learning_rate(recipe: Recipe, step: int) -> float:
    """The rate of iteration `step`, counted from 0: the k-th drop makes it 10^-k of the first."""
    if step < recipe.warm_up:
        return recipe.learning_rate / 10
    return recipe.learning_rate / 10 ** sum(step >= drop for drop in recipe.drops)


def fit(
    net: nn.Module,
    data: Dataset,
    recipe: Recipe,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] = lambda row: None,
) -> list[Epoch]:
    """Train `net` in place, on the device it lies on, and return its curves; `seed` fixes the order and the augmentation.

    Raises CourseError when the loss stops being a number, or when the images do not fill a batch.
    """
    if len(data.train_x) < recipe.batch:
        raise CourseError(f"{len(data.train_x)} training images do not fill a batch of {recipe.batch}: choose a smaller batch")
    device = next(net.parameters()).device
    data = data.to(device)
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.SGD(
        net.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay
    )
    history: list[Epoch] = []
    step = 0
    while step < recipe.iterations:
        net.train()
        loss_sum = torch.zeros((), device=device)
        wrong = torch.zeros((), device=device)
        seen = 0
        for x, y in batches(data.train_x, data.train_y, recipe.batch, generator):
            x = data.normalise(x)
            if recipe.augment == "crop-flip":
                x = crop_flip(x, generator)
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(recipe, step)
            logits = net(x)
            loss = F.cross_entropy(logits, y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss_sum += loss.detach() * len(y)
            wrong += (logits.argmax(1) != y).sum()
            seen += len(y)
            step += 1
            if step == recipe.iterations:
                break
        mean_loss = loss_sum.item() / seen
        if not mean_loss < float("inf"):
            raise CourseError(f"training diverged: the loss of the epoch that ends at iteration {step} is {mean_loss}")
        row = Epoch(
            epoch=len(history) + 1,
            iteration=step,
            learning_rate=learning_rate(recipe, step - 1),
            train_loss=mean_loss,
            train_error=100 * wrong.item() / seen,
            test_error=evaluate(net, data, data.test_x, data.test_y),
        )
        history.append(row)
        on_epoch(row)
    return history


@torch.inference_mode()
def evaluate(net: nn.Module, data: Dataset, x: Tensor, y: Tensor, batch: int = 1000) -> float:
    """The error in percent on images x (N, C, H, W) uint8 with labels y (N,), in inference mode, a single view each."""
    net.eval()
    wrong = torch.zeros((), device=x.device)
    for images, labels in zip(x.split(batch), y.split(batch)):
        wrong += (net(data.normalise(images)).argmax(1) != labels).sum()
    return 100 * wrong.item() / len(x)
