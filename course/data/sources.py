"""Where the small data sets come from: scikit-learn, and the official archive of CIFAR-10."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from course import CourseError
from course.machine import files


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
