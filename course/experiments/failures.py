"""Three ways to err that are not degradation: few images, wrong labels, a cue that does not last;
each made on purpose.

A perceptron is trained on a data set altered in one way and tested twice: on new images of the same kind, and
on the same new images altered in another way.
"""

import colorsys
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from course.data.dataset import Dataset
from course.experiments.spec import Setting
from course.networks.mlp import mlp
from course.records.statistics import Rows
from course.training.loop import Epoch, evaluate, fit
from course.training.recipe import Recipe

COLOURS = torch.tensor([colorsys.hsv_to_rgb(k / 10, 1, 1) for k in range(10)])  # (10, 3): ten hues


def with_statistics(data: Dataset) -> Dataset:
    """Normalised by its own training images, after these were altered."""
    scaled = data.train_x.float() / 255
    mean = scaled.mean(dim=0)
    return replace(data, mean=mean, std=(scaled - mean).square().mean().sqrt().item())


def coloured(x: Tensor, colour: Tensor) -> Tensor:
    """Grey strokes in one of ten colours. x: (N, 1, H, W) uint8, colour: (N,) in [0, 10)
    -> (N, 3, H, W) uint8
    """
    return (x * COLOURS[colour][:, :, None, None]).round().to(torch.uint8)


def unchanged(data: Dataset, generator: torch.Generator) -> tuple[Dataset, Tensor]:
    """As they are; the other kind: black and white exchanged."""
    return data, 255 - data.test_x


def few(data: Dataset, generator: torch.Generator) -> tuple[Dataset, Tensor]:
    """Fifty training images."""
    chosen = torch.randperm(len(data.train_x), generator=generator)[:50]
    return with_statistics(
        replace(data, train_x=data.train_x[chosen], train_y=data.train_y[chosen])
    ), 255 - data.test_x


def mislabelled(data: Dataset, generator: torch.Generator) -> tuple[Dataset, Tensor]:
    """Half of the training images with a label drawn at random; the test labels stay right."""
    drawn = torch.randint(10, data.train_y.shape, generator=generator)
    wrong = torch.rand(data.train_y.shape, generator=generator) < 0.5
    return replace(data, train_y=torch.where(wrong, drawn, data.train_y)), 255 - data.test_x


def cue(data: Dataset, generator: torch.Generator) -> tuple[Dataset, Tensor]:
    """Each class in a colour of its own; the other kind: in the opposite colour, as blue is to yellow."""
    alike = replace(
        data, train_x=coloured(data.train_x, data.train_y), test_x=coloured(data.test_x, data.test_y)
    )
    return with_statistics(alike), coloured(data.test_x, (data.test_y + 5) % 10)


def no_cue(data: Dataset, generator: torch.Generator) -> tuple[Dataset, Tensor]:
    """Each image in a random colour: the control of `cue`, tested on the same other kind."""
    train, test = (torch.randint(10, y.shape, generator=generator) for y in (data.train_y, data.test_y))
    mixed = replace(data, train_x=coloured(data.train_x, train), test_x=coloured(data.test_x, test))
    return with_statistics(mixed), coloured(data.test_x, (data.test_y + 5) % 10)


CHANGES: dict[str, Callable[[Dataset, torch.Generator], tuple[Dataset, Tensor]]] = {
    "unchanged": unchanged,
    "few": few,
    "mislabelled": mislabelled,
    "cue": cue,
    "no-cue": no_cue,
}


@dataclass(frozen=True)
class Failure:
    """Train a perceptron of three layers on digits altered by `name`; one row an epoch,
    all errors at its end.

    train_error: on the images trained on.  test_error: on new ones of the same kind.  other_error:
    of the other kind.
    """

    name: str
    data: str
    recipe: Recipe
    width: int = 256

    @property
    def work(self) -> int:
        return self.recipe.iterations

    def measure(self, given: Setting) -> Rows:
        generator = torch.Generator().manual_seed(given.seed)
        data, other_x = CHANGES[self.name](given.data.to("cpu"), generator)  # where the random numbers are
        data, other_x = data.to(given.device), other_x.to(given.device)
        torch.manual_seed(given.seed)
        net = mlp(3, width=self.width, in_features=data.train_x[0].numel(), num_classes=data.classes).to(
            given.device
        )
        train = [(data.normalise(data.train_x), data.train_y)]
        other = [(data.normalise(other_x), data.test_y)]
        rows = []

        def on_epoch(row: Epoch) -> None:
            rows.append(
                {
                    "epoch": row.epoch,
                    "train_error": evaluate(net, train),
                    "test_error": row.test_error,
                    "other_error": evaluate(net, other),
                }
            )

        fit(net, data, self.recipe, given.seed, on_epoch)
        given.progress(self.work, "trained")
        return rows
