"""An image data set is two tensors on the device; crop, flip and batches are functions of a batch.

Small data sets fit in memory (CIFAR-10 is 180 MB), so there is no loader and no worker process: an epoch
is a permutation and a walk over its slices. That is short to read, and fast on a CPU and on a GPU. What does
not fit, ImageNet, is a stream of the same shape: `course.data.folder`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from course.machine.parallel import share


@dataclass(frozen=True)
class Dataset:
    """Images in [0, 255] with their labels, and the statistics that normalise them.

    train_x, test_x: (N, C, H, W) uint8.  train_y, test_y: (N,) int64 in [0, classes).
    mean: (C, H, W) float32, the mean training image.  std: one number, the deviation from it.
    digest: SHA-256 of the four arrays, so that a record can say which data it was measured on.
    """

    name: str
    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    mean: Tensor
    std: float
    digest: str

    @property
    def classes(self) -> int:
        return int(self.train_y.max()) + 1

    @property
    def channels(self) -> int:
        return self.train_x.shape[1]

    def sizes(self) -> dict[str, int]:
        return {"train": len(self.train_x), "test": len(self.test_x)}

    def to(self, device: str | torch.device) -> "Dataset":
        moved = {f: getattr(self, f).to(device) for f in ("train_x", "train_y", "test_x", "test_y", "mean")}
        return replace(self, **moved)

    def normalise(self, x: Tensor) -> Tensor:
        """(N, C, H, W) uint8 -> float32 with the mean training image at zero and unit deviation.

        He et al. 2016a, section 4.2 subtract the per-pixel mean and stop there. The division by one number
        for all pixels is ours: networks without batch normalisation need inputs of unit scale.
        """
        return (x.float() / 255 - self.mean) / self.std

    def training(
        self, batch: int, augment: bool, generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch to train on: normalised images (batch, C, H, W), cropped and mirrored if `augment`,
        and labels (batch,).

        Of several processes each gets its share of every batch.
        """
        for x, y in batches(self.train_x, self.train_y, batch, generator):
            x = self.normalise(x)
            yield share(crop_flip(x, generator) if augment else x), share(y)

    def testing(self, batch: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """This process's share of the test images, once, normalised, a single view each; the last batch may
        be smaller.

        A CPU is fastest with batches that fit its cache; a GPU has to be started once for each, and likes
        them large.
        """
        batch = batch or (250 if self.test_x.device.type == "cpu" else 2000)
        for x, y in zip(share(self.test_x).split(batch), share(self.test_y).split(batch)):
            yield self.normalise(x), y


def batches(x: Tensor, y: Tensor, size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in a new random order, in batches of exactly `size`; the remainder waits for another epoch.

    `generator` lives on the CPU, so that a seed gives the same order on every device.
    """
    order = torch.randperm(len(x), generator=generator).to(x.device, non_blocking=True)
    for chosen in order[: len(x) // size * size].split(size):
        yield x[chosen], y[chosen]


def crop_flip(x: Tensor, generator: torch.Generator, pad: int = 4) -> Tensor:
    """Pad by `pad` zeros, crop back at a random place, mirror half of the images
    (He et al. 2016a, section 4.2).

    x: (N, C, H, W) normalised, so that a zero is the mean image -> (N, C, H, W).
    """
    n, _, h, w = x.shape
    # non_blocking: a GPU would otherwise finish all that it has to do before it takes the numbers.
    top, left = torch.randint(2 * pad + 1, (2, n, 1), generator=generator).to(x.device, non_blocking=True)
    mirror = (torch.rand(n, 1, generator=generator) < 0.5).to(x.device, non_blocking=True)
    rows = top + torch.arange(h, device=x.device)  # (N, H)
    columns = left + torch.arange(w, device=x.device)  # (N, W)
    columns = torch.where(mirror, columns.flip(1), columns)
    x = F.pad(x, (pad, pad, pad, pad))
    images = torch.arange(n, device=x.device)
    return x[images[:, None, None], :, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)
