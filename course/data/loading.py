"""A data set by its name."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np
import torch

from course import CourseError
from course.data.dataset import Dataset
from course.data.sources import SOURCES
from course.machine import parallel

if TYPE_CHECKING:
    from course.data.folder import FolderDataset

Images = Union[Dataset, "FolderDataset"]


def load(name: str = "digits", root: str | Path = "data") -> Any:
    """The data set called `name`: a Dataset, or, for "imagenet", a FolderDataset.

    "digits" comes with scikit-learn, "cifar10" lies in or is fetched into `root`, "imagenet" is what lies as
    train/CLASS/ and val/CLASS/ under `root`.

    Raises CourseError for an unknown name, a damaged file, a wrong layout, or a download without a network.
    """
    if name == "imagenet":
        from course.data.folder import open_folder  # here, since torchvision takes as long to import as torch

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
