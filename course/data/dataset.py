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

    def plan(self, batch: int, augment: bool, generator: torch.Generator) -> tuple[Tensor, ...]:
        """What is drawn for an epoch, on the device, a row a batch: its images (N,), and with `augment` the
        corners of their crops (2, N, 1) and which are mirrored (N, 1).

        The order is new and random, in batches of exactly `batch`; the remainder waits for another epoch.
        `generator` lives on the CPU, so that a seed draws the same for every device.
        """
        order = torch.randperm(len(self.train_x), generator=generator)
        order = order[: len(order) // batch * batch].view(-1, batch)
        crops = [draw_crops(batch, generator) for _ in order] if augment else []
        plan = (order, *map(torch.stack, zip(*crops)))
        # non_blocking: a GPU would otherwise finish all that it has to do before it takes the numbers.
        return tuple(part.to(self.train_x.device, non_blocking=True) for part in plan)

    def batch(self, chosen: Tensor, *crops: Tensor) -> tuple[Tensor, Tensor]:
        """A row of the plan -> normalised images (N, C, H, W), cropped and mirrored, and labels (N,).

        Of several processes each gets its share of every batch.
        """
        x = self.normalise(self.train_x[chosen])
        if crops:
            corners, mirrored = crops
            x = crop_flip(x, corners, mirrored)
        return share(x), share(self.train_y[chosen])

    def training(
        self, batch: int, augment: bool, generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch to train on: the batches of a new plan."""
        return (self.batch(*row) for row in zip(*self.plan(batch, augment, generator)))

    def testing(self, batch: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """This process's share of the test images, once, normalised, a single view each; the last batch may
        be smaller.

        A CPU is fastest with batches that fit its cache; a GPU has to be started once for each, and likes
        them large.
        """
        batch = batch or (250 if self.test_x.device.type == "cpu" else 2000)
        for x, y in zip(share(self.test_x).split(batch), share(self.test_y).split(batch)):
            yield self.normalise(x), y


def draw_crops(n: int, generator: torch.Generator, pad: int = 4) -> tuple[Tensor, Tensor]:
    """For n images: where each is cropped, top and left (2, n, 1), and whether it is mirrored (n, 1)."""
    corners = torch.randint(2 * pad + 1, (2, n, 1), generator=generator)
    return corners, torch.rand(n, 1, generator=generator) < 0.5


def crop_flip(x: Tensor, corners: Tensor, mirrored: Tensor, pad: int = 4) -> Tensor:
    """Pad by `pad` zeros, crop back at a random place, mirror half of the images
    (He et al. 2016a, section 4.2); what is random is drawn by draw_crops.

    x: (N, C, H, W) normalised, so that a zero is the mean image -> (N, C, H, W).
    """
    n, _, h, w = x.shape
    top, left = corners
    rows = top + torch.arange(h, device=x.device)  # (N, H)
    columns = left + torch.arange(w, device=x.device)  # (N, W)
    columns = torch.where(mirrored, columns.flip(1), columns)
    x = F.pad(x, (pad, pad, pad, pad))
    images = torch.arange(n, device=x.device)
    return x[images[:, None, None], :, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)
