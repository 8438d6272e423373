"""What the lecture on what came after says of its experiments: true on the records, and able to fail.

A claim is a function of rows. The first test holds it against the committed records, the second against rows
altered so that its sentence is false.
"""

from collections.abc import Callable, Iterable
from math import sqrt
from statistics import geometric_mean, mean, median
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model_weights

from course import records
from course.experiments.catalogue.afterwards import EQUAL_WORK
from course.experiments.successors import VARIANTS
from course.records.published import TORCHVISION_RECIPE
from course.records.statistics import last_epoch, only

Rows = list[dict[str, Any]]


def ends(rows: Rows, run: str, key: str, seeds: int) -> list[float]:
    """At the last epoch, or of the one row, seed by seed."""
    found = only(rows, run=run)
    found = last_epoch(found) if "epoch" in found[0] else found
    assert len(found) == seeds, f"{run} has {len(found)} seeds"
    return [row[key] for row in found]


# --- networks of equal work


def all_but_stochastic_depth_fit_their_256_images(rows: Rows) -> None:
    for family, _ in EQUAL_WORK:
        errors = ends(rows, family, "train_error", 5)
        assert min(errors) > 1 if family == "stochastic-depth" else max(errors) < 0.5, family


def densenet_makes_the_fewest_errors_under_every_seed(rows: Rows) -> None:
    dense = ends(rows, "densenet", "test_error", 5)
    for family, _ in EQUAL_WORK[:-1]:
        assert all(a < b for a, b in zip(dense, ends(rows, family, "test_error", 5)))


def eight_wide_layers_make_fewer_errors_than_twenty_under_every_seed(rows: Rows) -> None:
    wide, deep = (ends(rows, family, "test_error", 5) for family in ("wide", "original"))
    assert all(a < b for a, b in zip(wide, deep))


def bottlenecks_and_stochastic_depth_make_more_errors_than_resnet_20_under_every_seed(rows: Rows) -> None:
    base = ends(rows, "original", "test_error", 5)
    for family in ("bottleneck", "stochastic-depth", "resnext"):
        assert all(a > b for a, b in zip(ends(rows, family, "test_error", 5), base)), family


def groups_gain_less_than_the_seeds_differ_by(rows: Rows) -> None:
    whole, groups = (ends(rows, family, "test_error", 5) for family in ("bottleneck", "resnext"))
    differences = [a - b for a, b in zip(whole, groups)]
    assert min(differences) < 0 < max(differences) and abs(mean(differences)) < 1
