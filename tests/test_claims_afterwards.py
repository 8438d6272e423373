"""What the lecture on what came after says of its experiments: true on the records, and able to fail.

A claim is a function of rows. The first test holds it against the committed records, the second against rows
altered so that its sentence is false.
"""

from collections.abc import Callable, Iterable
from statistics import mean, median, stdev
from typing import Any

import pytest
from torchvision.models import get_model_weights

from course import records
from course.experiments.catalogue.afterwards import EQUAL_WORK
from course.experiments.recipe_parts import PARTS
from course.records.published import TORCHVISION_RECIPE
from course.records.statistics import geometric, last_epoch, only
from tests.test_claims import times, to, where

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


# --- the documented steps of a recipe


def test_the_documented_steps_lead_from_torchvisions_first_weights_to_its_second():
    stated = [
        get_model_weights("resnet50")[name].meta["_metrics"]["ImageNet-1K"]["acc@1"]
        for name in ("IMAGENET1K_V1", "IMAGENET1K_V2")
    ]
    assert [TORCHVISION_RECIPE[0][1], TORCHVISION_RECIPE[-1][1]] == stated
    assert round(stated[1] - stated[0], 3) == 4.728


def test_the_long_training_is_listed_as_the_largest_step_with_1_8_points_and_no_step_does_harm():
    gains = {
        name: round(after - before, 3)
        for (_, before), (name, after) in zip(TORCHVISION_RECIPE, TORCHVISION_RECIPE[1:])
    }
    assert max(gains, key=gains.__getitem__) == "600 epochs, not 90" and min(gains.values()) > 0
    assert gains["600 epochs, not 90"] == 1.8


# --- normalisation and the size of the mini-batch


def tested(rows: Rows, run: str, size: int, **values: Any) -> list[float]:
    found = [row["test_error"] for row in only(rows, run=run, size=size) if row.items() >= values.items()]
    assert len(found) == 5
    return found


# --- parts of a recipe


def label_smoothing_alone_helps_under_every_seed_of_the_short_training(rows: Rows) -> None:
    base = ends(rows, "old", "test_error", 5)
    helped = {
        part: all(a < b for a, b in zip(ends(rows, part, "test_error", 5), base)) for part in PARTS
    }
    assert [part for part in PARTS if helped[part]] == ["smoothing"]


def cosine_mixup_and_averages_change_less_than_the_seeds_differ_by(rows: Rows) -> None:
    base = ends(rows, "old", "test_error", 5)
    for part in ("cosine", "mixup", "averaging"):
        assert abs(mean(ends(rows, part, "test_error", 5)) - mean(base)) < stdev(base), part


def shifts_do_harm_in_the_short_training(rows: Rows) -> None:
    assert mean(ends(rows, "shifts", "test_error", 5)) > mean(ends(rows, "old", "test_error", 5)) + 1


def the_new_recipe_is_worse_in_a_short_training_which_it_has_not_finished(rows: Rows) -> None:
    assert mean(ends(rows, "new", "test_error", 5)) > mean(ends(rows, "old", "test_error", 5)) + 0.5
    assert min(ends(rows, "new", "train_error", 5)) > 0 == max(ends(rows, "old", "train_error", 5))


def with_time_the_new_recipe_is_the_better_one_and_gains_more_from_it(rows: Rows) -> None:
    old, new, old_long, new_long = (
        mean(ends(rows, run, "test_error", 5)) for run in ("old", "new", "old-long", "new-long")
    )
    assert new_long < old_long and 0.3 < old - old_long < 0.8 and new - new_long > 2


def the_seeds_of_both_long_trainings_overlap(rows: Rows) -> None:
    old, new = (ends(rows, run, "test_error", 5) for run in ("old-long", "new-long"))
    assert max(new) > min(old) and any(a > b for a, b in zip(new, old))


# --- 110 layers, in two orders


def with_pre_activation_110_layers_learn_at_0_1_and_in_the_original_order_they_do_not(rows: Rows) -> None:
    assert min(ends(rows, "original-0.1", "train_error", 3)) > 80
    assert max(ends(rows, "pre-activation-0.1", "train_error", 3)) < 2


def at_0_01_the_original_order_learns_and_each_at_its_better_rate_pre_activation_is_ahead(rows: Rows) -> None:
    original, early = (ends(rows, f"{name}-0.01", "train_error", 3) for name in ("original", "pre-activation"))
    assert max(original) < 15 and median(early) > median(original)
    better = ends(rows, "pre-activation-0.1", "train_error", 3)
    assert all(a < min(b, c) for a, b, c in zip(better, original, early))


def without_the_last_normalisation_0_1_is_too_large_and_0_01_fits(rows: Rows) -> None:
    large, small = (ends(rows, f"pre-activation-unnormalised-{rate}", "train_error", 3) for rate in (0.1, 0.01))
    assert all(a > b + 10 for a, b in zip(large, ends(rows, "pre-activation-0.1", "train_error", 3)))
    assert all(a < b for a, b in zip(small, ends(rows, "pre-activation-0.01", "train_error", 3)))
    assert median(small) < median(ends(rows, "original-0.01", "train_error", 3)) and max(small) < 10
