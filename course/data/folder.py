"""Photographs that stay on disk: ImageNet, or any folder of its layout, as a stream of batches.

    root/train/CLASS/*.JPEG
    root/val/CLASS/*.JPEG

It has those methods of `course.data.Dataset` that the loop calls: the loop does not know the difference.
Worker processes read and crop, a picture at a time; colours are changed and normalised a batch at a time on
the device. What is done to an image depends on the seed and the epoch alone, never on how many workers or
GPUs share the work.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from course import CourseError
from course.machine.parallel import share

SIDE = 224  # pixels
SAMPLE = 1000  # pictures, of which the statistics are
# He et al. 2016a, section 3.4: the shorter side random in [256, 480], a random crop or its mirror image.
TRAIN = v2.Compose(
    [
        v2.PILToTensor(),
        v2.RandomShortestSize(list(range(256, 481))),
        v2.RandomCrop(SIDE),
        v2.RandomHorizontalFlip(),
    ]
)
TEST = v2.Compose([v2.PILToTensor(), v2.Resize(256), v2.CenterCrop(SIDE)])
STATISTICS = v2.Compose([v2.PILToTensor(), v2.Resize((32, 32))])


class Pictures(ImageFolder):
    """An ImageFolder whose items are asked for as (index, seed):
    the seed decides what a random transform does.
    """

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, int]:
        """-> (C, H, W) uint8 and its label. Raises CourseError for a file that is no image."""
        index, seed = key
        path, label = self.samples[index]
        try:
            picture = self.loader(path)
        # What Pillow raises: an UnidentifiedImageError is an OSError, a broken PNG a SyntaxError.
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise CourseError(
                f"{path} cannot be read as an image ({str(error).partition(' <')[0]}): replace or remove it"
            ) from None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.transform(picture), label


@dataclass(frozen=True)
class FolderDataset:
    """train, test: the pictures of the two splits.  device: where the batches go.  workers:
    processes that read.

    mean: (3, 1, 1) float32 in [0, 1], the mean colour of the training pixels.  std: one number,
    the deviation from it.
    shifts: (3, 3), a row a principal component of the training pixels times its variance, the least first.
    digest: SHA-256 of the names of all files and their classes.
    """

    name: str
    train: Pictures
    test: Pictures
    mean: Tensor
    std: float
    shifts: Tensor
    digest: str
    workers: int
    device: str | torch.device = "cpu"

    @property
    def classes(self) -> int:
        return len(self.train.classes)

    @property
    def channels(self) -> int:
        return 3

    def sizes(self) -> dict[str, int]:
        return {"train": len(self.train), "test": len(self.test)}

    def to(self, device: str | torch.device) -> "FolderDataset":
        return replace(self, device=device, mean=self.mean.to(device), shifts=self.shifts.to(device))

    def normalise(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 -> float32 with the mean colour at zero and unit deviation.

        He et al. subtract the mean of each pixel;
        under crops of random scale that is the mean colour, nearly.
        """
        return (x.float() / 255 - self.mean) / self.std

    def training(
        self, batch: int, augment: bool, generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch: this process's share of batches of `batch` images, (N, 3, 224, 224)
        normalised, and labels (N,).

        With `augment`: random scale, crop and mirror image, and the colour shift
        of Krizhevsky et al. 2012, section 4.1.
        """
        pictures = self.train if augment else seen_through(TEST, self.train)
        order = torch.randperm(len(pictures), generator=generator)
        seeds = torch.randint(2**62, (len(pictures),), generator=generator)
        keys = torch.stack([order, seeds], dim=1)[: len(order) // batch * batch]
        for x, y in self.read(pictures, map(share, keys.split(batch))):
            amounts = share(0.1 * torch.randn(batch, 3, generator=generator)).to(
                self.device, non_blocking=True
            )
            x = self.normalise(x)
            yield x + (amounts @ self.shifts)[:, :, None, None] / self.std if augment else x, y

    def testing(self, batch: int = 250) -> Iterator[tuple[Tensor, Tensor]]:
        """This process's share of the test images, once:
        the centre crop of each with its shorter side at 256.
        """
        for x, y in self.read(self.test, share(unseeded(self.test)).split(batch)):
            yield self.normalise(x), y

    def read(self, pictures: Pictures, keys: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """keys: for each batch, (N, 2) of index and seed -> (N, 3, H, W) uint8, (N,), on the device."""
        batches = ([tuple(key) for key in batch.tolist()] for batch in keys)
        loader: DataLoader = DataLoader(
            pictures,
            batch_sampler=batches,
            num_workers=self.workers,
            pin_memory=torch.device(self.device).type == "cuda",
        )
        try:
            for x, y in loader:
                yield x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True)
        except CourseError as error:
            # A worker's error comes wrapped in its traceback; the last line is what it said.
            raise CourseError(
                str(error).strip().splitlines()[-1].removeprefix("course.CourseError: ")
            ) from None


def seen_through(transform: v2.Transform, pictures: Pictures) -> Pictures:
    other = copy(pictures)
    other.transform = transform
    return other


def unseeded(pictures: Pictures) -> Tensor:
    """The keys of all pictures, in order, for a transform that draws nothing."""
    return torch.stack([torch.arange(len(pictures)), torch.zeros(len(pictures), dtype=torch.int64)], dim=1)


def open_folder(name: str, root: Path, workers: int) -> FolderDataset:
    """The two splits under `root`, with colour statistics from up to 1,000 training pictures.

    Raises CourseError where the layout is another one, or the splits have different classes.
    """
    train, test = (
        open_split(root, split, transform) for split, transform in (("train", TRAIN), ("val", TEST))
    )
    check_links([path for split in (train, test) for path, _ in split.samples])
    for one, other, split in ((train, test, "val"), (test, train, "train")):
        if missing := sorted(set(one.classes) - set(other.classes)):
            some = ", ".join(missing[:3]) + ", ..." * (len(missing) > 3)
            raise CourseError(
                f"{len(missing)} of the {len(one.classes)} classes have no folder in {root / split} "
                f"({some}): both splits need the same classes"
            )
    files = [
        f"{Path(path).relative_to(root).as_posix()} {label}"
        for split in (train, test)
        for path, label in split.samples
    ]
    data = FolderDataset(
        name,
        train,
        test,
        torch.zeros(3, 1, 1),
        1.0,
        torch.zeros(3, 3),
        hashlib.sha256("\n".join(files).encode()).hexdigest(),
        workers,
    )
    return with_statistics(data)


def open_split(root: Path, split: str, transform: v2.Transform) -> Pictures:
    if not (root / split).is_dir():
        raise CourseError(
            f"there is no folder {root / split}: --root names a folder with train/CLASS/*.JPEG and "
            "val/CLASS/*.JPEG, as ImageNet is laid out"
        )
    try:
        return Pictures(str(root / split), transform)
    except FileNotFoundError as error:  # no class folders, or one without a picture
        found = str(error).partition(". Supported extensions are")[0]
        raise CourseError(
            f"{root / split}: {found}: every class is a folder with at least one picture, and no other "
            "folder is there"
        ) from None


def check_links(paths: list[str]) -> None:
    """Raises CourseError where a link shows pictures a second time, as one to its own folder does."""
    seen: dict[str, str] = {}
    for path in [*dict.fromkeys(map(os.path.dirname, paths)), *filter(os.path.islink, paths)]:
        real = os.path.realpath(path)
        # A picture is there already through its own path, or through another link.
        before = seen.get(real) or seen.get(os.path.dirname(real)) if os.path.isfile(path) else seen.get(real)
        if before:
            raise CourseError(f"{path} shows what lies in {before} a second time: remove the link")
        seen[real] = path


def with_statistics(data: FolderDataset) -> FolderDataset:
    """Every process reads all of these pictures: the statistics must be the same everywhere."""
    small = seen_through(STATISTICS, data.train)
    keys = unseeded(small)[:: -(-len(small) // SAMPLE)]
    pixels = (
        torch.cat([x for x, _ in data.read(small, keys.split(50))]).movedim(1, -1).reshape(-1, 3).double()
        / 255
    )
    variances, components = torch.linalg.eigh(pixels.T.cov())
    mean = pixels.mean(0)
    std = (pixels - mean).square().mean().sqrt().item()
    return replace(data, mean=mean.float()[:, None, None], std=std, shifts=(components * variances).T.float())
