"""What the lecture on what came after says of its experiments: true on the records, and able to fail.

A claim is a function of rows. The first test holds it against the committed records, the second against rows
altered so that its sentence is false.
"""

from statistics import mean, median, stdev
from typing import Any

from torchvision.models import get_model_weights

from course.experiments.catalogue.afterwards import EQUAL_WORK
from course.experiments.recipe_parts import PARTS
from course.records.published import TORCHVISION_RECIPE
from course.records.statistics import geometric, last_epoch, only
from tests.claims.harness import (  # noqa: F401
    Claims,
    Rows,
    test_the_claim_fails_on_records_that_say_otherwise,
    test_the_records_support_the_claim,
    times,
    to,
    where,
)


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
        assert min(errors) > 0 if family == "stochastic-depth" else max(errors) == 0, family


def densenet_makes_the_fewest_errors_under_every_seed(rows: Rows) -> None:
    dense = ends(rows, "densenet", "test_error", 5)
    for family, _ in EQUAL_WORK[:-1]:
        assert all(a < b for a, b in zip(dense, ends(rows, family, "test_error", 5)))


def eight_wide_layers_make_fewer_errors_than_twenty_under_every_seed(rows: Rows) -> None:
    wide, deep = (ends(rows, family, "test_error", 5) for family in ("wide", "original"))
    assert all(a < b for a, b in zip(wide, deep))


def more_than_half_of_that_gain_comes_from_few_layers_alone(rows: Rows) -> None:
    wide, shallow, deep = (
        mean(ends(rows, family, "test_error", 5)) for family in ("wide", "shallow", "original")
    )
    assert wide < shallow < deep and deep - shallow > 0.5 * (deep - wide)


def stochastic_depth_makes_fewer_errors_than_resnet_20_under_four_of_five_seeds(rows: Rows) -> None:
    with_it, without = (ends(rows, family, "test_error", 5) for family in ("stochastic-depth", "original"))
    assert sum(a < b for a, b in zip(with_it, without)) == 4


def four_times_as_long_both_fit_and_stochastic_depth_makes_fewer_under_every_seed(rows: Rows) -> None:
    for family in ("stochastic-depth", "original"):
        assert max(ends(rows, family, "train_error", 5)) == 0
    with_it, without = (ends(rows, family, "test_error", 5) for family in ("stochastic-depth", "original"))
    assert all(a < b for a, b in zip(with_it, without))


def bottlenecks_make_more_errors_than_resnet_20_under_every_seed(rows: Rows) -> None:
    base = ends(rows, "original", "test_error", 5)
    for family in ("bottleneck", "resnext"):
        assert all(a > b for a, b in zip(ends(rows, family, "test_error", 5), base)), family


def groups_gain_less_than_the_seeds_differ_by(rows: Rows) -> None:
    whole, groups = (ends(rows, family, "test_error", 5) for family in ("bottleneck", "resnext"))
    differences = [a - b for a, b in zip(whole, groups)]
    assert min(differences) < 0 < max(differences) and abs(mean(differences)) < 1


# --- normalisation and the size of the mini-batch


def errors_at(rows: Rows, run: str, size: int, **values: Any) -> list[float]:
    found = only(rows, run=run, size=size, **values)
    assert len(found) == 5
    return [row["test_error"] for row in found]


def layer_and_group_normalisation_do_not_see_the_size_of_the_batch(rows: Rows) -> None:
    for run in ("sizes-layer", "sizes-group"):
        means = [mean(errors_at(rows, run, size)) for size in (2, 4, 8, 16, 32, 64, 128)]
        assert max(means) - min(means) < 1 and max(means) < 10, run


def batch_normalisation_collapses_at_two_and_is_the_best_of_all_at_sixteen(rows: Rows) -> None:
    batch = {
        size: mean(errors_at(rows, "sizes", size, batch_norm=True)) for size in (2, 4, 8, 16, 32, 64, 128)
    }
    assert batch[2] > 40 and min(batch, key=batch.__getitem__) == 16
    others = [errors_at(rows, "sizes-layer", 16), errors_at(rows, "sizes-group", 16)]
    assert batch[16] < min(map(mean, [*others, errors_at(rows, "sizes", 16, batch_norm=False)]))


def four_layers_without_any_normalisation_train_at_every_size(rows: Rows) -> None:
    found = [row for row in rows if row["run"] == "sizes" and not row["batch_norm"]]
    assert len(found) == 35 and max(row["train_error"] for row in found) < 1


# --- parts of a recipe


def label_smoothing_alone_helps_under_every_seed_of_the_short_training(rows: Rows) -> None:
    base = ends(rows, "old", "test_error", 5)
    helped = {part: all(a < b for a, b in zip(ends(rows, part, "test_error", 5), base)) for part in PARTS}
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
    original, early = (
        ends(rows, f"{name}-0.01", "train_error", 3) for name in ("original", "pre-activation")
    )
    assert max(original) < 15 and median(early) > median(original)
    better = ends(rows, "pre-activation-0.1", "train_error", 3)
    assert all(a < min(b, c) for a, b, c in zip(better, original, early))


def without_the_last_normalisation_0_1_is_too_large_and_0_01_fits(rows: Rows) -> None:
    large, small = (
        ends(rows, f"pre-activation-unnormalised-{rate}", "train_error", 3) for rate in (0.1, 0.01)
    )
    assert all(a > b + 10 for a, b in zip(large, ends(rows, "pre-activation-0.1", "train_error", 3)))
    assert all(a < b for a, b in zip(small, ends(rows, "pre-activation-0.01", "train_error", 3)))
    assert median(small) < median(ends(rows, "original-0.01", "train_error", 3)) and max(small) < 10


# --- the residual stream


def gradient(rows: Rows, kind: str, blocks: int, block: int) -> float:
    found = only([row for row in rows if row["run"] == f"gradients-{kind}"], blocks=blocks, block=block)
    assert len(found) == 3
    (s,) = geometric(found, "gradient", "run").values()
    return s.centre


def at_the_last_block_the_gradient_stays_with_post_and_falls_with_pre_normalisation(rows: Rows) -> None:
    post, pre = ([gradient(rows, kind, n, n) for n in (6, 12, 24, 48)] for kind in ("post", "pre"))
    assert max(post) / min(post) < 1.6
    assert pre[0] > pre[1] > pre[2] and 0.33 < pre[3] / pre[0] < 0.45


def post_normalisation_leans_towards_the_end_and_pre_normalisation_towards_the_beginning(rows: Rows) -> None:
    post, pre = (gradient(rows, kind, 24, 24) / gradient(rows, kind, 24, 1) for kind in ("post", "pre"))
    assert 1.5 < post < 5 and 1.5 < 1 / pre < 5


def post_normalisation_needs_a_warm_up_or_smaller_steps(rows: Rows) -> None:
    bare = ends(rows, "post-0.001", "train_error", 3)
    for other in ("post-0.001-warm-up", "post-0.0003"):
        assert all(a + 15 < b for a, b in zip(ends(rows, other, "train_error", 3), bare)), other
    assert min(bare) > 35


def pre_normalisation_needs_neither(rows: Rows) -> None:
    for run in ("pre-0.001", "pre-0.001-warm-up", "pre-0.0003"):
        assert max(ends(rows, run, "train_error", 3)) < 10, run


EQUAL: Claims = {
    all_but_stochastic_depth_fit_their_256_images: (
        where(to(train_error=0.0), run="stochastic-depth", seed=1),
        where(to(train_error=1.0), run="resnext", seed=2),
    ),
    densenet_makes_the_fewest_errors_under_every_seed: (where(to(test_error=3.0), run="wide", seed=4),),
    eight_wide_layers_make_fewer_errors_than_twenty_under_every_seed: (
        where(to(test_error=7.0), run="wide", seed=1),
    ),
    more_than_half_of_that_gain_comes_from_few_layers_alone: (
        where(times("test_error", 1.1), run="shallow"),
        where(times("test_error", 0.8), run="shallow"),
    ),
    stochastic_depth_makes_fewer_errors_than_resnet_20_under_four_of_five_seeds: (
        where(to(test_error=7.0), run="stochastic-depth", seed=1),
        where(to(test_error=5.0), run="stochastic-depth", seed=0),
    ),
    bottlenecks_make_more_errors_than_resnet_20_under_every_seed: (
        where(to(test_error=5.0), run="bottleneck", seed=2),
        where(to(test_error=5.0), run="resnext", seed=3),
    ),
    groups_gain_less_than_the_seeds_differ_by: (
        where(times("test_error", 0.7), run="resnext"),
        where(times("test_error", 2.0), run="resnext"),
    ),
}
LONGER: Claims = {
    four_times_as_long_both_fit_and_stochastic_depth_makes_fewer_under_every_seed: (
        where(to(test_error=5.5), run="stochastic-depth", seed=0),
        where(to(train_error=1.0), run="stochastic-depth", seed=4),
    ),
}
PARTS_OF_A_RECIPE: Claims = {
    label_smoothing_alone_helps_under_every_seed_of_the_short_training: (
        where(to(test_error=9.0), run="smoothing", seed=2),
        where(to(test_error=1.0), run="cosine"),
    ),
    cosine_mixup_and_averages_change_less_than_the_seeds_differ_by: (
        where(times("test_error", 2), run="mixup"),
        where(times("test_error", 0.5), run="averaging"),
    ),
    shifts_do_harm_in_the_short_training: (where(times("test_error", 0.8), run="shifts"),),
    the_new_recipe_is_worse_in_a_short_training_which_it_has_not_finished: (
        where(times("test_error", 0.8), run="new"),
        where(to(train_error=0.0), run="new", seed=3),
        where(to(train_error=0.4), run="old", seed=3),
    ),
    with_time_the_new_recipe_is_the_better_one_and_gains_more_from_it: (
        where(times("test_error", 1.2), run="new-long"),
        where(times("test_error", 0.7), run="old-long"),
    ),
    the_seeds_of_both_long_trainings_overlap: (
        where(times("test_error", 0.5), run="new-long"),
        where(times("test_error", 2.0), run="old-long"),
    ),
}
ORDERS: Claims = {
    with_pre_activation_110_layers_learn_at_0_1_and_in_the_original_order_they_do_not: (
        where(to(train_error=50.0), run="original-0.1", seed=0),
        where(to(train_error=5.0), run="pre-activation-0.1", seed=2),
    ),
    at_0_01_the_original_order_learns_and_each_at_its_better_rate_pre_activation_is_ahead: (
        where(to(train_error=40.0), run="original-0.01", seed=2),
        where(to(train_error=0.0), run="original-0.01", seed=1),
        where(to(train_error=1.0), run="pre-activation-0.01"),
    ),
    without_the_last_normalisation_0_1_is_too_large_and_0_01_fits: (
        where(to(train_error=1.0), run="pre-activation-unnormalised-0.1", seed=1),
        where(to(train_error=20.0), run="pre-activation-unnormalised-0.01", seed=0),
        where(to(train_error=6.0), run="pre-activation-unnormalised-0.01"),
    ),
}
STREAM: Claims = {
    at_the_last_block_the_gradient_stays_with_post_and_falls_with_pre_normalisation: (
        where(times("gradient", 2), run="gradients-post", blocks=48, block=48),
        where(times("gradient", 2), run="gradients-pre", blocks=48, block=48),
        where(times("gradient", 2), run="gradients-pre", blocks=24, block=24),
    ),
    post_normalisation_leans_towards_the_end_and_pre_normalisation_towards_the_beginning: (
        where(times("gradient", 2), run="gradients-post", blocks=24, block=1),
        where(times("gradient", 0.5), run="gradients-pre", blocks=24, block=1),
    ),
    post_normalisation_needs_a_warm_up_or_smaller_steps: (
        where(to(train_error=30.0), run="post-0.001", seed=1),
        where(to(train_error=50.0), run="post-0.001-warm-up", seed=2),
        where(to(train_error=50.0), run="post-0.0003", seed=2),
    ),
    pre_normalisation_needs_neither: (
        where(to(train_error=15.0), run="pre-0.001", seed=0),
        where(to(train_error=15.0), run="pre-0.0003", seed=1),
    ),
}
NORMALISATIONS: Claims = {
    layer_and_group_normalisation_do_not_see_the_size_of_the_batch: (
        where(times("test_error", 1.3), run="sizes-layer", size=2),
        where(times("test_error", 1.3), run="sizes-group", size=128),
    ),
    batch_normalisation_collapses_at_two_and_is_the_best_of_all_at_sixteen: (
        where(to(test_error=8.0), run="sizes", size=2, batch_norm=True),
        where(to(test_error=9.0), run="sizes", size=16, batch_norm=True),
        where(to(test_error=5.0), run="sizes-group", size=16),
    ),
    four_layers_without_any_normalisation_train_at_every_size: (
        where(to(train_error=2.0), run="sizes", size=2, batch_norm=False),
    ),
}
CLAIMS = {
    "batch-norm": NORMALISATIONS,
    "equal-work": EQUAL,
    "equal-work-longer": LONGER,
    "recipe-parts": PARTS_OF_A_RECIPE,
    "pre-activation": ORDERS,
    "stream": STREAM,
}


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
