"""What the lectures on degradation and residual learning say of their experiments:
true on the records, and able to fail.

A claim is a function of rows. The first test holds it against the committed records, the second against rows
altered so that its sentence is false.
"""

from statistics import median

from course.records.statistics import distinct, geometric, last_epoch, only, spread
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
    """At the last epoch, seed by seed."""
    found = [row[key] for row in last_epoch(only(rows, run=run))]
    assert len(found) == seeds, f"{run} has {len(found)} seeds"
    return found


# --- the constructed solution


def the_constructed_plain_56_begins_with_the_training_error_of_its_plain_20(rows: Rows) -> None:
    for run in ("trained-0.1", "trained-0.01"):
        starts = only(rows, run=run, epoch=0)
        assert len(starts) == 3
        assert all(
            row["train_error"] == row["shallow_error"] < 0.2 and row["batch_error"] < 0.2 for row in starts
        )


def a_small_rate_stays_at_the_constructed_solution(rows: Rows) -> None:
    assert all(row["batch_error"] < 0.5 for row in only(rows, run="trained-0.01"))
    ends(rows, "trained-0.01", "batch_error", 3)


def worst_epochs(rows: Rows, run: str) -> list[float]:
    return [
        max(row["batch_error"] for row in only(rows, run=run, seed=seed))
        for seed in distinct(only(rows, run=run), "seed")
    ]


def the_rate_of_the_recipe_leaves_it_in_every_seed_and_is_on_its_way_back(rows: Rows) -> None:
    worst = worst_epochs(rows, "trained-0.1")
    assert min(worst) > 20
    assert all(
        end < high - 5 for end, high in zip(ends(rows, "trained-0.1", "batch_error", 3), worst, strict=True)
    )


def the_same_rate_hardly_hurts_plain_20_itself(rows: Rows) -> None:
    assert max(worst_epochs(rows, "shallow-0.1")) < 5 < min(worst_epochs(rows, "trained-0.1")) / 4


def the_two_training_errors_can_lie_fifty_points_apart_in_the_middle_of_a_training(rows: Rows) -> None:
    assert max(row["train_error"] - row["batch_error"] for row in rows) > 50


# --- starts, rates and lengths


def cell(rows: Rows, run: str, key: str = "train_error") -> float:
    """The median at the last epoch: one seed may end elsewhere on another processor."""
    return median(row[key] for row in last_epoch(only(rows, run=run)))


def by_the_recipe_plain_56_fails(rows: Rows) -> None:
    assert cell(rows, "plain-56-he-0.1-264") > 60


def plain_20_and_resnet_56_come_to_a_few_per_cent_in_every_cell(rows: Rows) -> None:
    for run in distinct(rows, "run"):
        if run.startswith(("plain-20-he", "resnet-20-he", "resnet-56-he")):
            assert cell(rows, run) < 4, run


def either_way_to_smaller_steps_lowers_the_error_and_does_not_suffice(rows: Rows) -> None:
    for rate in ("0.01", "clipped"):
        assert 10 < cell(rows, f"plain-56-he-{rate}-264") < cell(rows, "plain-56-he-0.1-264") - 10


def time_brings_plain_56_down_at_a_small_rate_and_helps_at_the_large_one(rows: Rows) -> None:
    for rate in ("0.1", "0.01"):
        short, longer, longest = (cell(rows, f"plain-56-he-{rate}-{length}") for length in (264, 792, 2640))
        assert longest < longer / 1.3 and longer < short / 1.3, rate
    assert cell(rows, "plain-56-he-0.01-2640") < 2 < cell(rows, "plain-56-he-0.1-2640")


def clipped_it_is_nearly_there_after_three_times_and_gets_no_further_in_ten(rows: Rows) -> None:
    short, longer, longest = (cell(rows, f"plain-56-he-clipped-{length}") for length in (264, 792, 2640))
    assert longer < min(5, short / 3) and longest > longer / 2


def from_identity_layers_plain_56_learns_at_every_rate_within_the_recipe(rows: Rows) -> None:
    assert all(cell(rows, f"plain-56-identity-{rate}-264") < 10 for rate in ("0.1", "0.01", "clipped"))


def with_every_beta_at_2_it_fails_at_the_large_rate_alone_and_plain_20_does_not(rows: Rows) -> None:
    assert cell(rows, "plain-56-shifted-0.1-264") > 60 > 5 > cell(rows, "plain-20-shifted-0.1-264")
    assert all(cell(rows, f"plain-56-shifted-{rate}-264") < 10 for rate in ("0.01", "clipped"))


def with_branches_silent_at_first_resnet_56_learns_under_every_seed(rows: Rows) -> None:
    assert max(row["train_error"] for row in last_epoch(only(rows, run="resnet-56-zero-0.1-264"))) < 3


def the_small_rate_is_a_part_of_the_test_error_of_plain_56_and_not_all(rows: Rows) -> None:
    plain_56, plain_20, resnet_56 = (
        cell(rows, run, "test_error")
        for run in ("plain-56-he-0.01-2640", "plain-20-he-0.01-264", "resnet-56-he-0.01-264")
    )
    assert cell(rows, "plain-20-he-0.1-264", "test_error") < plain_20 < plain_56 and resnet_56 < plain_56 - 3


def the_identity_start_is_the_best_of_the_single_changes(rows: Rows) -> None:
    base = "plain-56-he-0.1-264"
    single = (
        "plain-56-he-0.01-264",
        "plain-56-he-clipped-264",
        "plain-56-he-warm-up-264",
        "plain-56-he-0.1-2640",
        "plain-56-shifted-0.1-264",
        "plain-56-identity-0.1-264",
    )
    assert min((base, *single), key=lambda run: cell(rows, run)) == "plain-56-identity-0.1-264"


def at_the_small_rate_silent_branches_are_slow(rows: Rows) -> None:
    assert cell(rows, "resnet-56-zero-0.01-264") > 2 > cell(rows, "resnet-56-he-0.01-264")


def at_the_end_the_medians_of_the_two_training_errors_agree_and_a_single_training_need_not(
    rows: Rows,
) -> None:
    for run in distinct(rows, "run"):
        assert abs(cell(rows, run) - cell(rows, run, "inference_error")) < 8, run
    ends = last_epoch(only(rows, run="plain-56-he-clipped-2640"))
    assert max(row["inference_error"] - row["train_error"] for row in ends) > 20


# --- the starts before training


def before(rows: Rows, run: str, start: str) -> tuple[float, float]:
    """The first layer's gradient over the last layer's, and the likeness of neighbouring gradients."""
    found = [
        row | {"ratio": row["first_gradient"] / row["last_gradient"]}
        for row in only(rows, run=run, start=start)
    ]
    assert len(found) == 5
    return geometric(found, "ratio", "start")[start].centre, spread(found, "likeness", "start")[start].centre


def the_usual_start_of_plain_56_has_both_explosion_and_noise(rows: Rows) -> None:
    ratio, alike = before(rows, "plain-56", "he")
    assert ratio > 500 and abs(alike) < 0.05


def the_identity_start_has_the_gradients_of_plain_20(rows: Rows) -> None:
    for deep, shallow in zip(before(rows, "plain-56", "identity"), before(rows, "plain-20", "he")):
        assert 0.9 < deep / shallow < 1.1


def a_shift_of_every_beta_turns_the_explosion_round_and_drowns_the_images_the_more_the_deeper(
    rows: Rows,
) -> None:
    ratio, alike = before(rows, "plain-56", "shifted")
    assert ratio < 0.2 and alike > 0.95
    share = {
        (run, start): median(row["between_images"] for row in only(rows, run=run, start=start))
        for run, start in (("plain-56", "shifted"), ("plain-20", "shifted"), ("plain-56", "he"))
    }
    assert share["plain-56", "shifted"] < share["plain-20", "shifted"] < 0.1 < 0.5 < share["plain-56", "he"]


def shortcuts_remove_both_too(rows: Rows) -> None:
    for start in ("he", "zero"):
        ratio, alike = before(rows, "resnet-56", start)
        assert ratio < 20 and alike > 0.7
    assert before(rows, "plain-56", "he")[0] > 100 * before(rows, "resnet-56", "he")[0]


# --- other ways to err


def every_perceptron_fits_its_training_images(rows: Rows) -> None:
    for run in ("unchanged", "few", "mislabelled", "cue", "no-cue"):
        assert max(ends(rows, run, "train_error", 5)) < 0.1


def fifty_images_and_wrong_labels_overfit(rows: Rows) -> None:
    usual = max(ends(rows, "unchanged", "test_error", 5))
    assert min(ends(rows, "few", "test_error", 5)) > 2 * usual
    assert min(ends(rows, "mislabelled", "test_error", 5)) > 4 * usual


def the_test_error_rises_while_wrong_labels_are_memorised(rows: Rows) -> None:
    test, train = (
        spread(only(rows, run="mislabelled"), key, "epoch") for key in ("test_error", "train_error")
    )
    best = min(test, key=lambda epoch: test[epoch].centre)
    assert best < 6 and train[best].centre > 30
    assert test[max(test)].centre > 1.8 * test[best].centre


def a_network_that_looks_at_the_colour_is_perfect_on_its_own_kind_and_lost_on_the_other(rows: Rows) -> None:
    assert max(ends(rows, "cue", "test_error", 5)) < 1
    assert min(ends(rows, "cue", "other_error", 5)) == 100


def without_the_cue_the_other_colours_do_no_harm(rows: Rows) -> None:
    same, other = (
        spread(last_epoch(only(rows, run="no-cue")), key, "run")["no-cue"].centre
        for key in ("test_error", "other_error")
    )
    assert other < same + 1 and other < 12


# --- gradients while training fails


def at_first(rows: Rows, run: str, epoch: int, key: str) -> float:
    return geometric(only(rows, run=run, epoch=epoch, layer=1), key, "run")[run].centre


def before_training_the_gradient_of_plain_56_explodes_towards_the_input(rows: Rows) -> None:
    for seed in distinct(rows, "seed"):
        layers = {
            row["layer"]: row["backpropagated"] for row in only(rows, run="plain-56", epoch=0, seed=seed)
        }
        assert layers[1] > 500 * layers[56]
    plain_20 = geometric(only(rows, run="plain-20", epoch=0), "backpropagated", "layer")
    assert plain_20[1].centre < 10 * plain_20[20].centre


def the_first_step_alone_makes_the_first_layer_more_than_three_times_as_long(rows: Rows) -> None:
    weight, gradient = (at_first(rows, "plain-56", 0, key) for key in ("weight", "weight_gradient"))
    assert (weight**2 + (0.1 * gradient) ** 2) ** 0.5 > 3 * weight


def after_an_epoch_weights_of_plain_56_are_a_hundred_times_as_long_and_its_gradient_is_small(
    rows: Rows,
) -> None:
    before, after = (
        geometric(only(rows, run="plain-56", epoch=epoch), "weight", "layer") for epoch in (0, 1)
    )
    assert max(after[layer].centre / before[layer].centre for layer in before) > 100
    assert at_first(rows, "plain-56", 1, "backpropagated") < 0.1
    for run in ("plain-20", "resnet-56"):
        before, after = (geometric(only(rows, run=run, epoch=epoch), "weight", "layer") for epoch in (0, 1))
        assert max(after[layer].centre / before[layer].centre for layer in before) < 3


def the_gradient_at_its_first_layer_has_shrunk_by_more_than_its_weights_have_grown(rows: Rows) -> None:
    grown = at_first(rows, "plain-56", 1, "weight") / at_first(rows, "plain-56", 0, "weight")
    assert at_first(rows, "plain-56", 0, "backpropagated") > 10 * grown * at_first(
        rows, "plain-56", 1, "backpropagated"
    )


def the_first_layer_of_plain_56_is_as_good_as_frozen(rows: Rows) -> None:
    turns = {
        run: at_first(rows, run, 4, "weight_gradient") / at_first(rows, run, 4, "weight")
        for run in ("plain-20", "plain-56")
    }
    assert turns["plain-56"] < turns["plain-20"] / 500


# --- blocks taken out


def without(rows: Rows, run: str) -> dict[int, float]:
    """Mean training error without each block."""
    return {
        block: s.centre
        for block, s in spread(
            [row for row in only(rows, run=run) if row["block"]], "train_error", "block"
        ).items()
    }


def both_networks_fit_before_a_block_is_taken_out(rows: Rows) -> None:
    for run in ("plain-20", "resnet-20"):
        whole = only(rows, run=run, block=0)
        assert len(distinct(whole, "seed")) == 3 and all(row["train_error"] < 0.2 for row in whole)


def no_block_of_the_plain_network_can_be_missed(rows: Rows) -> None:
    found = without(rows, "plain-20")
    assert len(found) == 9 and min(found.values()) > 70


def the_residual_network_misses_its_first_block_most_and_the_late_ones_hardly(rows: Rows) -> None:
    found = without(rows, "resnet-20")
    assert max(found, key=found.get) == 1 and found[1] > 25
    assert all(found[block] < 20 for block in found if block > 1)
    assert all(found[block] < 2 for block in (5, 6, 7, 8, 9))


# --- gradients at neighbouring inputs


def likeness(rows: Rows, run: str, depth: int, lag: int = 1) -> float:
    found = only(rows, run=run, depth=depth, lag=lag)
    assert len(found) == 5
    return spread(found, "correlation", "depth")[depth].centre


def the_gradients_of_plain_networks_turn_to_noise_with_depth(rows: Rows) -> None:
    found = [likeness(rows, "plain", depth) for depth in (8, 20, 32, 44, 56)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.9 and 0.5 < found[1] < 0.7 and found[2] < 0.1 and abs(found[4]) < 0.03


def with_shortcuts_neighbouring_gradients_stay_alike(rows: Rows) -> None:
    assert all(likeness(rows, "resnet", depth) > 0.75 for depth in (8, 20, 32, 44, 56))


# --- recipe and architecture


def the_new_recipe_is_worth_more_than_twice_as_much_as_a_hundred_layers(rows: Rows) -> None:
    error = {row["model"]: row["top1_error"] for row in rows}
    recipe = error["resnet50"] - error["resnet50.IMAGENET1K_V2"]
    depth = error["resnet50"] - error["resnet152"]
    assert recipe > 2 * depth > 0


def the_layers_help_under_either_recipe(rows: Rows) -> None:
    error = {row["model"]: row["top1_error"] for row in rows}
    for weights in ("", ".IMAGENET1K_V2"):
        fall = [error[f"resnet{depth}{weights}"] for depth in (50, 101, 152)]
        assert fall == sorted(fall, reverse=True)


# --- each claim, and alterations that must break it


CLAIMS: dict[str, Claims] = {
    "construction": {
        the_constructed_plain_56_begins_with_the_training_error_of_its_plain_20: (
            where({"train_error": 3.0}, run="trained-0.1", epoch=0, seed=1),
            where({"train_error": 3.0, "shallow_error": 3.0}, run="trained-0.01", epoch=0),
        ),
        a_small_rate_stays_at_the_constructed_solution: (
            where({"batch_error": 4.0}, run="trained-0.01", epoch=3, seed=2),
        ),
        the_rate_of_the_recipe_leaves_it_in_every_seed_and_is_on_its_way_back: (
            where({"batch_error": 2.0}, run="trained-0.1", seed=0),
            where({"batch_error": 90.0}, run="trained-0.1", epoch=6, seed=1),
        ),
        the_same_rate_hardly_hurts_plain_20_itself: (
            where({"batch_error": 9.0}, run="shallow-0.1", epoch=2, seed=0),
        ),
        the_two_training_errors_can_lie_fifty_points_apart_in_the_middle_of_a_training: (
            lambda rows: [row | {"train_error": row["batch_error"] + 3} for row in rows],
        ),
    },
    "care": {
        by_the_recipe_plain_56_fails: (where({"train_error": 30.0}, run="plain-56-he-0.1-264", epoch=24),),
        plain_20_and_resnet_56_come_to_a_few_per_cent_in_every_cell: (
            where({"train_error": 9.0}, run="resnet-56-he-clipped-264", epoch=24),
            where({"train_error": 9.0}, run="plain-20-he-0.1-2640", epoch=240),
        ),
        either_way_to_smaller_steps_lowers_the_error_and_does_not_suffice: (
            where({"train_error": 70.0}, run="plain-56-he-clipped-264", epoch=24),
            where({"train_error": 3.0}, run="plain-56-he-0.01-264", epoch=24),
        ),
        time_brings_plain_56_down_at_a_small_rate_and_helps_at_the_large_one: (
            where({"train_error": 60.0}, run="plain-56-he-0.01-792", epoch=72),
            where({"train_error": 4.0}, run="plain-56-he-0.01-2640", epoch=240),
            where({"train_error": 1.0}, run="plain-56-he-0.1-2640", epoch=240),
        ),
        clipped_it_is_nearly_there_after_three_times_and_gets_no_further_in_ten: (
            where({"train_error": 20.0}, run="plain-56-he-clipped-792", epoch=72),
            where({"train_error": 0.0}, run="plain-56-he-clipped-2640", epoch=240),
        ),
        from_identity_layers_plain_56_learns_at_every_rate_within_the_recipe: (
            where({"train_error": 19.0}, run="plain-56-identity-0.1-264", epoch=24),
        ),
        with_every_beta_at_2_it_fails_at_the_large_rate_alone_and_plain_20_does_not: (
            where({"train_error": 9.0}, run="plain-56-shifted-0.1-264", epoch=24),
            where({"train_error": 30.0}, run="plain-20-shifted-0.1-264", epoch=24),
            where({"train_error": 40.0}, run="plain-56-shifted-clipped-264", epoch=24),
        ),
        with_branches_silent_at_first_resnet_56_learns_under_every_seed: (
            where({"train_error": 9.0}, run="resnet-56-zero-0.1-264", epoch=24, seed=1),
        ),
        the_small_rate_is_a_part_of_the_test_error_of_plain_56_and_not_all: (
            where({"test_error": 5.0}, run="plain-56-he-0.01-2640"),
            where({"test_error": 5.0}, run="plain-20-he-0.01-264"),
        ),
        the_identity_start_is_the_best_of_the_single_changes: (
            where({"train_error": 0.1}, run="plain-56-he-warm-up-264", epoch=24),
        ),
        at_the_small_rate_silent_branches_are_slow: (
            where({"train_error": 0.1}, run="resnet-56-zero-0.01-264", epoch=24),
        ),
        at_the_end_the_medians_of_the_two_training_errors_agree_and_a_single_training_need_not: (
            where({"inference_error": 90.0}, run="plain-56-he-0.01-264", epoch=24),
            where({"inference_error": 4.0}, run="plain-56-he-clipped-2640", epoch=240),
        ),
    },
    "outset": {
        the_usual_start_of_plain_56_has_both_explosion_and_noise: (
            where({"first_gradient": 9.0}, run="plain-56", start="he"),
            where({"likeness": 0.5}, run="plain-56", start="he"),
        ),
        the_identity_start_has_the_gradients_of_plain_20: (
            where({"first_gradient": 20.0}, run="plain-56", start="identity"),
            where({"likeness": 0.9}, run="plain-56", start="identity"),
        ),
        a_shift_of_every_beta_turns_the_explosion_round_and_drowns_the_images_the_more_the_deeper: (
            where({"first_gradient": 9.0}, run="plain-56", start="shifted"),
            where({"likeness": 0.5}, run="plain-56", start="shifted"),
            where({"between_images": 0.5}, run="plain-20", start="shifted"),
        ),
        shortcuts_remove_both_too: (
            where({"likeness": 0.5}, run="resnet-56", start="he"),
            where({"first_gradient": 30.0}, run="resnet-56", start="he"),
        ),
    },
    "failures": {
        every_perceptron_fits_its_training_images: (
            where({"train_error": 2.0}, run="cue", epoch=40, seed=3),
        ),
        fifty_images_and_wrong_labels_overfit: (
            where({"test_error": 9.0}, run="few", epoch=200, seed=0),
            where({"test_error": 20.0}, run="mislabelled", epoch=40, seed=0),
        ),
        the_test_error_rises_while_wrong_labels_are_memorised: (
            where({"test_error": 5.0}, run="mislabelled", epoch=40),
            where({"train_error": 1.0}, run="mislabelled", epoch=2),
        ),
        a_network_that_looks_at_the_colour_is_perfect_on_its_own_kind_and_lost_on_the_other: (
            where({"test_error": 7.0}, run="cue", epoch=40, seed=4),
            where({"other_error": 30.0}, run="cue", epoch=40, seed=4),
        ),
        without_the_cue_the_other_colours_do_no_harm: (where({"other_error": 30.0}, run="no-cue", epoch=40),),
    },
    "training-gradients": {
        before_training_the_gradient_of_plain_56_explodes_towards_the_input: (
            where({"backpropagated": 1.0}, run="plain-56", epoch=0, layer=1, seed=2),
            where(times("backpropagated", 10), run="plain-20", epoch=0, layer=1),
        ),
        the_first_step_alone_makes_the_first_layer_more_than_three_times_as_long: (
            where(times("weight_gradient", 0.5), run="plain-56", epoch=0, layer=1),
        ),
        after_an_epoch_weights_of_plain_56_are_a_hundred_times_as_long_and_its_gradient_is_small: (
            where(times("weight", 0.1), run="plain-56", epoch=1),
            where(times("backpropagated", 10), run="plain-56", epoch=1, layer=1),
            where(times("weight", 4), run="resnet-56", epoch=1, layer=9),
        ),
        the_gradient_at_its_first_layer_has_shrunk_by_more_than_its_weights_have_grown: (
            where(times("backpropagated", 1000), run="plain-56", epoch=1, layer=1),
        ),
        the_first_layer_of_plain_56_is_as_good_as_frozen: (
            where(times("weight", 0.1), run="plain-56", epoch=4, layer=1),
        ),
    },
    "dissection": {
        both_networks_fit_before_a_block_is_taken_out: (
            where({"train_error": 8.0}, run="plain-20", block=0, seed=1),
        ),
        no_block_of_the_plain_network_can_be_missed: (where({"train_error": 8.0}, run="plain-20", block=7),),
        the_residual_network_misses_its_first_block_most_and_the_late_ones_hardly: (
            where({"train_error": 10.0}, run="resnet-20", block=1),
            where({"train_error": 30.0}, run="resnet-20", block=3),
            where({"train_error": 10.0}, run="resnet-20", block=8),
        ),
    },
    "shattering": {
        the_gradients_of_plain_networks_turn_to_noise_with_depth: (
            where({"correlation": 0.3}, run="plain", depth=56, lag=1),
            where({"correlation": 0.9}, run="plain", depth=20, lag=1),
        ),
        with_shortcuts_neighbouring_gradients_stay_alike: (
            where({"correlation": 0.5}, run="resnet", depth=56, lag=1),
        ),
    },
    "recipes": {
        the_new_recipe_is_worth_more_than_twice_as_much_as_a_hundred_layers: (
            where({"top1_error": 21.0}, model="resnet50.IMAGENET1K_V2"),
        ),
        the_layers_help_under_either_recipe: (
            where({"top1_error": 17.0}, model="resnet101.IMAGENET1K_V2"),
            where({"top1_error": 18.5}, model="resnet152.IMAGENET1K_V2"),
        ),
    },
}
