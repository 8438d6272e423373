"""An image data set is two tensors on the device; crop, flip and batches are functions of a batch.

Small data sets fit in memory (CIFAR-10 is 180 MB), so there is no loader and no worker process: an epoch
is a permutation and a walk over its slices. That is short to read, and fast on a CPU and on a GPU. What does
not fit, ImageNet, is a stream of the same shape: `course.folder`.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Union

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course import CourseError, files, parallel
from course.parallel import share

if TYPE_CHECKING:
    from course.folder import FolderDataset


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


Images = Union[Dataset, "FolderDataset"]


def load(name: str = "digits", root: str | Path = "data") -> Images:
    """The data set called `name`.

    "digits" comes with scikit-learn, "cifar10" lies in or is fetched into `root`, "imagenet" is what lies as
    train/CLASS/ and val/CLASS/ under `root`.

    Raises CourseError for an unknown name, a damaged file, a wrong layout, or a download without a network.
    """
    if name == "imagenet":
        from course.folder import open_folder  # here, since torchvision takes as long to import as torch

        return open_folder(name, Path(root), workers=parallel.cores())
    if name not in SOURCES:
        raise CourseError(
            f"unknown data set {name!r}: choose one of {', '.join(sorted([*SOURCES, 'imagenet']))}"
        )
    arrays = [np.ascontiguousarray(a) for a in SOURCES[name](Path(root))]
    train_x, train_y, test_x, test_y = (torch.from_numpy(a) for a in arrays)
    scaled = train_x.float() / 255
    mean = scaled.mean(dim=0)
    std = (scaled - mean).square().mean().sqrt().item()
    digest = hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()
    return Dataset(name, train_x, train_y, test_x, test_y, mean, std, digest)


def batches(x: Tensor, y: Tensor, size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in a new random order, in batches of exactly `size`; the remainder waits for another epoch.

    `generator` lives on the CPU, so that a seed gives the same order on every device.
    """
    order = torch.randperm(len(x), generator=generator).to(x.device, non_blocking=True)
    for chosen in order[: len(x) // size * size].split(size):
        yield x[chosen], y[chosen]


def crop_flip(x: Tensor, generator: torch.Generator, pad: int = 4) -> Tensor:
    """Pad by `pad` zeros, crop back at a random place, mirror half of the images (He et al.
    2016a, section 4.2).

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


def digits(root: Path) -> tuple[np.ndarray, ...]:
    """1,797 handwritten digits of 8x8 pixels (E. Alpaydin and C. Kaynak, 1998); scikit-learn carries them.

    The first 1,437 train, the last 360 test: the split that scikit-learn's own examples make.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.round(x / 16 * 255).astype(np.uint8).reshape(-1, 1, 8, 8)
    y = y.astype(np.int64)
    return x[:1437], y[:1437], x[1437:], y[1437:]


def cifar10(root: Path) -> tuple[np.ndarray, ...]:
    """50,000 + 10,000 photographs of 32x32 pixels (A. Krizhevsky, 2009), read from `root`/cifar10.npz.

    Where that file is missing, torchvision downloads the official archive and we write it.
    """
    path = root / "cifar10.npz"
    if not path.exists():
        prepare_cifar10(root, path)
    try:
        with np.load(path) as file:
            arrays = [file[key] for key in ("train_x", "train_y", "test_x", "test_y")]
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CourseError(
            f"{path} is damaged ({error}): delete it and run again, and it is prepared anew"
        ) from None
    shapes = [a.shape for a in arrays]
    if shapes != [(50000, 32, 32, 3), (50000,), (10000, 32, 32, 3), (10000,)]:
        raise CourseError(
            f"{path} is not CIFAR-10 (its arrays have shapes {shapes}): delete it and run again"
        )
    train_x, train_y, test_x, test_y = arrays
    labels = hashlib.sha256(b"".join(y.astype(np.int64).tobytes() for y in (train_y, test_y))).hexdigest()
    if labels != LABELS or np.abs(train_x.mean(axis=(0, 1, 2)) - COLOUR).max() > 1:
        raise CourseError(
            f"{path} has CIFAR-10's shapes and holds other labels or images: delete it and run again, and it "
            "is prepared anew"
        )
    return (
        train_x.transpose(0, 3, 1, 2),
        train_y.astype(np.int64),
        test_x.transpose(0, 3, 1, 2),
        test_y.astype(np.int64),
    )


def prepare_cifar10(root: Path, path: Path) -> None:
    from torchvision.datasets import CIFAR10

    try:
        train, test = (CIFAR10(str(root), train=split, download=True) for split in (True, False))
    except (OSError, RuntimeError) as error:
        raise CourseError(
            f"CIFAR-10 is not in {root} and could not be downloaded ({error}): "
            f"connect once, or put cifar-10-python.tar.gz or a prepared cifar10.npz into {root}"
        ) from None
    content = io.BytesIO()
    np.savez(content, train_x=train.data, train_y=train.targets, test_x=test.data, test_y=test.targets)
    files.write(path, content.getvalue())


SOURCES = {"digits": digits, "cifar10": cifar10}
# What tells the official set from any other: the digest of its labels in their order,
# and the mean of red, green and blue.
LABELS = "5083e6dd0895f94970ae8513f046bf3004b333931aad82b619d23ab76f2e1845"
COLOUR = (125.3, 123.0, 113.9)
