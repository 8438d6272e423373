"""What measurements of speed share: a network with its recipe, a few of the images, a turn of our loop."""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from course import CourseError
from course.data import Dataset
from course.experiments.catalogue import EXPERIMENTS
from course.experiments.curves import Curves
from course.training.loop import begin, train_epoch

TURN = {"cpu": 20, "cuda": 390}  # batches; 390 are an epoch of CIFAR-10


def parser(description: str) -> argparse.ArgumentParser:
    """Of a script that measures speed, with what all of them ask for."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--network", default="resnet-20", help="a network of cifar10 or cifar10-vgg (default: resnet-20)"
    )
    made.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    made.add_argument("--root", default="data", help="where CIFAR-10 lies (default: data)")
    return made


def choose_network(name: str) -> Curves:
    """A network of CIFAR-10 with its recipe at a rate of zero: all the arithmetic, and nothing that diverges.

    Raises CourseError for an unknown name.
    """
    specs: dict[str, Any] = {
        spec.name: spec for name in ("cifar10", "cifar10-vgg") for spec in EXPERIMENTS[name].specs
    }
    if name not in specs:
        raise CourseError(f"unknown network {name!r}: choose from {', '.join(specs)}")
    return replace(specs[name], recipe=replace(specs[name].recipe, learning_rate=0.0))


def first_batches(data: Dataset, spec: Curves, count: int) -> Dataset:
    """The images of the first `count` batches: to train on, and at most as many to test on."""
    images = count * spec.recipe.batch
    parts = ("train_x", "train_y", "test_x", "test_y")
    return replace(data, **{part: getattr(data, part)[:images] for part in parts})


def our_loop(spec: Curves, data: Dataset, device: torch.device) -> Callable[[], object]:
    """A turn is an epoch of `course.training` over all of `data`, with a single image to test on."""
    data = replace(data, test_x=data.test_x[:1], test_y=data.test_y[:1]).to(device)
    state = begin(spec.network(data.channels, data.classes).to(device), data, spec.recipe, seed=0)
    return lambda: train_epoch(state)


def timed(turn: Callable[[], object], device: torch.device) -> float:
    """Seconds, until the device has done what it was given."""
    start = time.perf_counter()
    turn()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start
