"""What the pages say of vanishing and exploding gradients, as assertions over the records;
and that each can fail.
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from course import records
from course.networks import ACTIVATIONS
from course.networks.probe import with_slope
from course.records.gradient_grid import DEPTHS, INITS, NAMES, OWN, at, net, over_seeds
from course.records.statistics import distinct, only, spread
from tests.claims.harness import (  # noqa: F401
    Rows,
    test_the_claim_fails_on_records_that_say_otherwise,
    test_the_records_support_the_claim,
    to,
    where,
)


def decay(rows: Rows, **values: Any) -> list[float]:
    """log10 of the first layer's gradient over the last layer's, seed by seed."""
    found = net(rows, **values)["decay"]
    assert len(found) >= 3 and None not in found, values
    return found


def centre(rows: Rows, **values: Any) -> float:
    return over_seeds(decay(rows, **values)).centre


SIGMOID = {"activation": "sigmoid", "init": "xavier"}
TANH = {"activation": "tanh", "init": "xavier"}
RELU = {"activation": "relu", "init": "he"}


# --- what vanishes


def a_sigmoid_layer_passes_on_between_a_fifth_and_three_tenths_of_the_gradient(rows: Rows) -> None:
    """Geometric mean over the layers, in every seed and at every depth;
    from 8 layers on it is below a quarter.
    """
    for depth in DEPTHS:
        upper = 0.25 if depth >= 8 else 0.3
        assert all(0.2 < 10 ** (value / (depth - 1)) < upper for value in decay(rows, depth=depth, **SIGMOID))


def each_doubling_of_a_sigmoid_net_from_8_layers_on_costs_its_first_layer_a_factor_of_ten_and_more(
    rows: Rows,
) -> None:
    for shallow, deep in ((8, 16), (16, 32), (32, 64)):
        assert all(
            d < s - 1
            for s, d in zip(decay(rows, depth=shallow, **SIGMOID), decay(rows, depth=deep, **SIGMOID))
        )


def sigmoids_leave_less_of_the_gradient_at_64_layers_than_the_smallest_normal_float32(rows: Rows) -> None:
    assert all(10**value < 1.18e-38 for value in decay(rows, depth=64, **SIGMOID))


def tanh_and_relu_keep_more_than_a_twentieth_of_the_gradient_over_64_layers(rows: Rows) -> None:
    assert all(10 ** centre(rows, depth=64, **kind) > 0.05 for kind in (TANH, RELU))


def no_activation_saves_weights_of_deviation_one_hundredth(rows: Rows) -> None:
    """At 64 layers less than 1e-60 is left, whatever the activation: even without any."""
    for activation in NAMES:
        assert all(value < -60 for value in decay(rows, activation=activation, init="normal", depth=64))


def a_linear_net_of_64_layers_explodes_under_he_and_not_under_xavier(rows: Rows) -> None:
    assert all(value > 8 for value in decay(rows, activation="identity", init="he", depth=64))
    assert all(abs(value) < 1.5 for value in decay(rows, activation="identity", init="xavier", depth=64))


def both_gradients_of_32_sigmoid_layers_vanish(rows: Rows) -> None:
    found = net(rows, depth=32, **SIGMOID)
    assert at(found, "backpropagated", 1) < -17 and at(found, "weight_gradient", 1) < -17


# --- ReLU and its initialisation


def relu_under_he_keeps_the_gradient_within_one_power_of_ten_at_every_depth_and_seed(rows: Rows) -> None:
    assert all(-1 < value < 1 for depth in DEPTHS for value in decay(rows, depth=depth, **RELU))


def relu_under_xavier_loses_more_than_five_powers_of_ten_over_64_layers(rows: Rows) -> None:
    assert all(value < -5 for value in decay(rows, activation="relu", init="xavier", depth=64))


def relu_under_xavier_loses_a_factor_of_root_two_a_layer_in_signal(rows: Rows) -> None:
    found = net(rows, activation="relu", init="xavier", depth=64)
    assert 10 ** ((at(found, "deviation", 1) - at(found, "deviation", 61)) / 60) == pytest.approx(
        2**0.5, rel=0.05
    )


def relu_under_he_keeps_its_signal_within_a_factor_of_five_over_64_layers(rows: Rows) -> None:
    deviations = net(rows, depth=64, **RELU)["deviation"][:-1]
    assert 10 ** (max(deviations) - min(deviations)) < 5


# --- batch normalisation and skips


def batch_normalisation_lifts_the_first_gradient_of_64_sigmoids_by_about_forty_powers_of_ten(
    rows: Rows,
) -> None:
    with_bn, without = (
        at(net(rows, depth=64, batch_norm=bn, **SIGMOID), "backpropagated", 1) for bn in (True, False)
    )
    assert 39 < with_bn - without < 41


def batch_normalisation_without_skips_makes_the_gradient_grow_exponentially_with_depth(rows: Rows) -> None:
    """In ReLU, leaky ReLU and GELU nets, in every seed:
    each doubling from 16 layers on at least squares the growth, almost.
    """
    for activation in ("relu", "leaky_relu", "gelu"):
        growth = [
            centre(rows, activation=activation, init="he", batch_norm=True, depth=depth)
            for depth in (16, 32, 64)
        ]
        assert growth[0] > 0.5 and growth[1] > 1.7 * growth[0] and growth[2] > 1.7 * growth[1]
        assert all(
            value > 3 for value in decay(rows, activation=activation, init="he", batch_norm=True, depth=64)
        )


def near_the_linear_regime_it_hardly_does(rows: Rows) -> None:
    """Identity and sigmoid, whose slope changes little over values of deviation one."""
    for activation in ("identity", "sigmoid"):
        assert all(
            abs(value) < 1
            for value in decay(rows, activation=activation, init="xavier", batch_norm=True, depth=64)
        )


def no_initialisation_keeps_a_relu_net_with_batch_normalisation_from_exploding(rows: Rows) -> None:
    for init in INITS:
        assert all(
            value > 4.5 for value in decay(rows, activation="relu", init=init, batch_norm=True, depth=64)
        )


def skips_keep_the_normalised_gradient_within_a_factor_of_100(rows: Rows) -> None:
    for activation, init in OWN.items():
        assert all(
            abs(value) < 2
            for value in decay(rows, activation=activation, init=init, batch_norm=True, skip=True, depth=64)
        )


def the_gain_of_a_normalised_layer_predicts_its_explosion_within_a_factor_of_three(rows: Rows) -> None:
    """E[slope²] / Var[value] at a normal pre-activation, over 63 layers."""
    z = torch.randn(200_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for activation, init in OWN.items():
        value, slope = with_slope(ACTIVATIONS[activation](), z)
        predicted = 63 / 2 * torch.log10(slope.square().mean() / value.var()).item()
        assert (
            abs(centre(rows, activation=activation, init=init, batch_norm=True, depth=64) - predicted) < 0.5
        )


def a_skip_alone_does_not_keep_the_gradient_of_relus_from_exploding(rows: Rows) -> None:
    """The untouched term arrives, and the products beside it grow: without batch normalisation,
    by twelve powers of ten and more.
    """
    assert all(value > 12 for value in decay(rows, skip=True, depth=64, **RELU))
    assert all(value < 2 for value in decay(rows, skip=True, batch_norm=True, depth=64, **RELU))


def gelu_under_he_loses_its_gradient_with_depth(rows: Rows) -> None:
    assert -5.5 < centre(rows, activation="gelu", init="he", depth=64) < -4
    by_seed = sorted(decay(rows, activation="gelu", init="he", depth=64))
    assert by_seed[0] < -6.5 and by_seed[-2] < -3 and -1.5 < by_seed[-1] < -1


def dead(rows: Rows, depth: int, step: int = 0, **kind: Any) -> float:
    return at(net(rows, depth=depth, step=step, **kind), "dead", depth - 1)


def the_share_of_dead_relus_rises_with_depth_from_none_to_more_than_a_third(rows: Rows) -> None:
    shares = [dead(rows, depth, **RELU) for depth in DEPTHS]
    assert shares[0] == 0 and max(shares[:3]) < 20 and min(shares[-2:]) > 33


def after_a_hundred_steps_fewer_are_dead_than_at_the_start(rows: Rows) -> None:
    assert dead(rows, 16, step=100, **RELU) < 0.8 * dead(rows, 16, **RELU)


def batch_normalisation_and_leaky_relus_leave_no_unit_dead_at_the_start(rows: Rows) -> None:
    for depth in DEPTHS:
        assert (
            dead(rows, depth, batch_norm=True, **RELU)
            == dead(rows, depth, activation="leaky_relu", init="he")
            == 0
        )


# --- convolutional networks


def the_gradient_of_plain_networks_with_batch_normalisation_explodes_with_depth(rows: Rows) -> None:
    growth = [decay(rows, run="plain", batch_norm=True, depth=depth) for depth in (20, 56, 110)]
    assert all(0.5 < value < 1.5 for value in growth[0])
    assert all(2.5 < value < 3.5 for value in growth[1])
    assert all(6 < value < 7 for value in growth[2])


def residual_networks_keep_the_first_layers_gradient_within_a_factor_of_30_of_the_last_layers(
    rows: Rows,
) -> None:
    for depth in (20, 56, 110):
        assert all(
            abs(10**value) < 30
            for value in decay(rows, run="resnet", batch_norm=True, skip=True, depth=depth)
        )


def one_step_turns_the_explosion_of_plain_110_into_vanishing(rows: Rows) -> None:
    assert all(value < -9 for value in decay(rows, run="plain", batch_norm=True, depth=110, step=1))
    assert all(
        abs(value) < 1.5 for value in decay(rows, run="resnet", batch_norm=True, skip=True, depth=110, step=1)
    )


def its_longer_weights_explain_about_five_of_more_than_fifteen_powers_of_ten(rows: Rows) -> None:
    """A step at a rate of 0.1, from He's weights of the first layer: 16 kernels of 3x3, of variance 2 / 9."""
    before, after = (centre(rows, run="plain", batch_norm=True, depth=110, step=step) for step in (0, 1))
    gradient = net(rows, run="plain", batch_norm=True, skip=False, depth=110, step=0)["weight_gradient"][0]
    assert before - after > 15
    assert 4 < gradient - 1 - math.log10(32**0.5) < 6


def residual_networks_learn_in_100_steps_what_plain_56_and_110_do_not(rows: Rows) -> None:
    for depth in (56, 110):
        plain, residual = (
            net(rows, run=run, batch_norm=True, skip=run == "resnet", depth=depth, step=100)["error"]
            for run in ("plain", "resnet")
        )
        assert min(plain) > 60 and max(residual) < 20


# --- through training (after Glorot and Bengio 2010)


def top(rows: Rows, depth: int) -> list[float]:
    """Mean activation of the last hidden layer of sigmoids, step by step."""
    return [at(row, "mean", depth - 1) for row in only(rows, run="sigmoid", depth=depth)]


def four_hidden_sigmoid_layers_are_pushed_towards_zero_and_come_back(rows: Rows) -> None:
    course = top(rows, 5)
    assert course[0] > 0.45 and min(course) < 0.3 and course[-1] > 0.45
    assert all(error < 5 for error in only(rows, run="sigmoid", depth=5)[-1]["error"])


def five_hidden_sigmoid_layers_are_pushed_towards_zero_and_stay(rows: Rows) -> None:
    course = top(rows, 6)
    assert course[0] > 0.45 and course[-1] == min(course) < 0.15
    assert all(error > 80 for error in only(rows, run="sigmoid", depth=6)[-1]["error"])


def each_hidden_layer_more_slows_the_first_by_a_factor_of_three_to_ten_at_the_start(rows: Rows) -> None:
    first = [
        at(only(rows, run="sigmoid", depth=depth, step=0)[0], "weight_gradient", 1) for depth in (3, 4, 5, 6)
    ]
    assert all(3 < 10 ** (a - b) < 10 for a, b in zip(first, first[1:]))


def once_the_net_has_found_its_way_the_first_layer_has_the_largest_gradient_of_the_hidden_layers(
    rows: Rows,
) -> None:
    for depth in (3, 4, 5):
        end = only(rows, run="sigmoid", depth=depth)[-1]
        assert all(
            at(end, "weight_gradient", 1) > at(end, "weight_gradient", layer) for layer in range(2, depth)
        )


def under_the_standard_weights_tanh_loses_the_backpropagated_gradient_and_keeps_the_weight_gradient_level(
    rows: Rows,
) -> None:
    (small,) = [row for row in only(rows, run="tanh", depth=32) if row["scale"] < 1]
    assert at(small, "backpropagated", 3) < at(small, "backpropagated", 31) - 6
    hidden = small["weight_gradient"][1:-1]
    assert max(hidden) - min(hidden) < 0.3 and max(hidden) < -6


# --- where networks learn


def learnt(rows: Rows, run: str) -> dict[tuple[float, int], bool]:
    """Whether each seed ends below 35 % training error, by scale and depth; chance is 90 %."""
    return {
        (row["scale"], row["depth"]): all(error is not None and error < 35 for error in row["error"])
        for row in only(rows, run=run, step=200)
    }


def plain_relu_nets_learn_in_a_wedge_that_closes_at_32_layers(rows: Rows) -> None:
    found = learnt(rows, "plain")
    count = [sum(found[scale, depth] for scale in distinct(rows, "scale")) for depth in DEPTHS]
    assert count == sorted(count, reverse=True) and count[0] == 9 and count[-2:] == [0, 0]


def batch_normalisation_makes_the_scale_irrelevant_and_not_the_depth(rows: Rows) -> None:
    found = learnt(rows, "bn")
    for depth in DEPTHS:
        assert {found[scale, depth] for scale in distinct(rows, "scale")} == {depth < 32}


def with_skips_as_well_every_combination_learns_though_a_few_are_not_below_10(rows: Rows) -> None:
    assert all(learnt(rows, "residual").values())
    slow = [
        row for row in only(rows, run="residual", step=200) if sum(row["error"]) / len(row["error"]) >= 10
    ]
    assert 0 < len(slow) < 12


# --- batch normalisation, seen


def error(rows: Rows, size: int, batch_norm: bool, key: str) -> float:
    return spread(only(rows, run="sizes", size=size, batch_norm=batch_norm), key, "size")[size].centre


def with_batches_of_2_batch_normalisation_does_not_fit_what_the_net_without_it_fits(rows: Rows) -> None:
    assert error(rows, 2, True, "train_error") > 40 and error(rows, 2, False, "train_error") == 0


def with_batches_of_4_it_keeps_a_little_training_error_and_from_8_on_hardly_any(rows: Rows) -> None:
    assert 0.5 < error(rows, 4, True, "train_error") < 5
    assert all(error(rows, size, True, "train_error") < 0.5 for size in (8, 16, 32, 64, 128))


def from_8_on_its_test_error_is_a_little_lower(rows: Rows) -> None:
    for size in (8, 16, 32, 64, 128):
        assert -2.5 < error(rows, size, True, "test_error") - error(rows, size, False, "test_error") < -0.3


def small_test_batches_with_their_own_statistics_do_harm(rows: Rows) -> None:
    for size in (2, 4, 8):
        assert error(rows, size, True, "batch_error") > error(rows, size, True, "test_error") + 3


def the_mean_of_a_mini_batch_errs_by_one_over_root_m_in_the_first_layer(rows: Rows) -> None:
    for row in only(rows, run="noise", layer=1):
        if row["size"] <= 128:  # 256 are a good part of all 1,437
            assert row["mean_noise"] == pytest.approx(row["size"] ** -0.5, rel=0.08)
            assert row["deviation_noise"] == pytest.approx((2 * row["size"]) ** -0.5, rel=0.25)


def half_of_the_answers_change_in_company_of_one_and_hardly_any_of_31(rows: Rows) -> None:
    changed = {row["size"]: row["disagreement"] for row in only(rows, run="noise")}
    assert changed[2] > 45 and changed[32] < 1


def without_batch_normalisation_deep_sigmoid_units_hardly_tell_images_apart(rows: Rows) -> None:
    def varies(run: str, layer: int, step: int) -> float:
        return only(rows, run=run, layer=layer, step=step)[0]["within_after"]

    for step in (0, 10, 100, 1000):
        assert varies("sigmoid", 7, step) < 0.01 * varies("sigmoid", 1, step)
        assert varies("sigmoid-bn", 7, step) > 0.5 * varies("sigmoid-bn", 1, step)


def gamma_stays_near_one_and_beta_near_zero_but_for_the_last_hidden_layer(rows: Rows) -> None:
    for row in only(rows, run="relu-bn", step=1000):
        middle = {"gamma": row["gamma"][2], "beta": row["beta"][2]}
        if row["layer"] < 7:
            assert abs(middle["gamma"] - 1) < 0.05 and abs(middle["beta"]) < 0.05
        else:
            assert middle["gamma"] > 1.05


# --- each claim, and alterations that must break it


def shift(key: str, by: float, place: int | None = None) -> Callable[[dict], dict]:
    """Add to the numbers of a list, or to one of them."""
    return lambda row: {
        key: [value + by if place in (None, number) else value for number, value in enumerate(row[key])]
    }


def plain(**values: Any) -> dict[str, Any]:
    return {"step": 0, "skip": False, "batch_norm": False} | values


BN = {"batch_norm": True}
GRADIENTS = {
    a_sigmoid_layer_passes_on_between_a_fifth_and_three_tenths_of_the_gradient: (
        where(shift("decay", 3, place=3), **plain(depth=32, **SIGMOID)),
        where(shift("decay", -6, place=3), **plain(depth=64, **SIGMOID)),
    ),
    each_doubling_of_a_sigmoid_net_from_8_layers_on_costs_its_first_layer_a_factor_of_ten_and_more: (
        where(to(decay=[-9.0] * 5), **plain(depth=32, **SIGMOID)),
    ),
    sigmoids_leave_less_of_the_gradient_at_64_layers_than_the_smallest_normal_float32: (
        where(to(decay=[-37.0] * 5), **plain(depth=64, **SIGMOID)),
    ),
    tanh_and_relu_keep_more_than_a_twentieth_of_the_gradient_over_64_layers: (
        where(shift("decay", -2), **plain(depth=64, **RELU)),
    ),
    no_activation_saves_weights_of_deviation_one_hundredth: (
        where(to(decay=[-50.0] * 5), **plain(depth=64, activation="gelu", init="normal")),
    ),
    a_linear_net_of_64_layers_explodes_under_he_and_not_under_xavier: (
        where(shift("decay", -5), **plain(depth=64, activation="identity", init="he")),
        where(shift("decay", 5), **plain(depth=64, activation="identity", init="xavier")),
    ),
    both_gradients_of_32_sigmoid_layers_vanish: (
        where(shift("weight_gradient", 10), **plain(depth=32, **SIGMOID)),
    ),
    relu_under_he_keeps_the_gradient_within_one_power_of_ten_at_every_depth_and_seed: (
        where(shift("decay", 2, place=4), **plain(depth=8, **RELU)),
    ),
    relu_under_xavier_loses_more_than_five_powers_of_ten_over_64_layers: (
        where(shift("decay", 8, place=0), **plain(depth=64, activation="relu", init="xavier")),
    ),
    relu_under_xavier_loses_a_factor_of_root_two_a_layer_in_signal: (
        where(shift("deviation", 5, place=0), **plain(depth=64, activation="relu", init="xavier")),
    ),
    relu_under_he_keeps_its_signal_within_a_factor_of_five_over_64_layers: (
        where(shift("deviation", 1, place=9), **plain(depth=64, **RELU)),
    ),
    batch_normalisation_lifts_the_first_gradient_of_64_sigmoids_by_about_forty_powers_of_ten: (
        where(shift("backpropagated", 3), **plain(depth=64, **SIGMOID)),
    ),
    batch_normalisation_without_skips_makes_the_gradient_grow_exponentially_with_depth: (
        where(shift("decay", -2), **plain(depth=64, activation="gelu", init="he") | BN),
        where(to(decay=[4.0] * 5), **plain(depth=32, activation="relu", init="he") | BN),
    ),
    near_the_linear_regime_it_hardly_does: (
        where(shift("decay", 1, place=2), **plain(depth=64, **SIGMOID) | BN),
    ),
    no_initialisation_keeps_a_relu_net_with_batch_normalisation_from_exploding: (
        where(shift("decay", -2), **plain(depth=64, activation="relu", init="orthogonal") | BN),
    ),
    the_gain_of_a_normalised_layer_predicts_its_explosion_within_a_factor_of_three: (
        where(shift("decay", 1), **plain(depth=64, **TANH) | BN),
    ),
    gelu_under_he_loses_its_gradient_with_depth: (
        where(to(decay=[-1.0] * 5), **plain(depth=64, activation="gelu", init="he")),
        where(to(decay=[-4.7] * 5), **plain(depth=64, activation="gelu", init="he")),
    ),
    the_share_of_dead_relus_rises_with_depth_from_none_to_more_than_a_third: (
        where(shift("dead", 1), **plain(depth=2, **RELU)),
    ),
    after_a_hundred_steps_fewer_are_dead_than_at_the_start: (
        where(shift("dead", 20), **plain(depth=16, **RELU) | {"step": 100}),
    ),
    batch_normalisation_and_leaky_relus_leave_no_unit_dead_at_the_start: (
        where(shift("dead", 1), **plain(depth=8, **RELU) | BN),
    ),
    a_skip_alone_does_not_keep_the_gradient_of_relus_from_exploding: (
        where(shift("decay", -4), **plain(depth=64, skip=True, **RELU)),
        where(shift("decay", 2), **plain(depth=64, skip=True, **RELU) | BN),
    ),
    skips_keep_the_normalised_gradient_within_a_factor_of_100: (
        where(shift("decay", 2), **plain(depth=64, activation="relu", init="he") | BN | {"skip": True}),
    ),
}
CIFAR = {
    the_gradient_of_plain_networks_with_batch_normalisation_explodes_with_depth: (
        where(shift("decay", -3), run="plain", depth=110, step=0),
    ),
    residual_networks_keep_the_first_layers_gradient_within_a_factor_of_30_of_the_last_layers: (
        where(shift("decay", 1), run="resnet", depth=56, step=0),
    ),
    one_step_turns_the_explosion_of_plain_110_into_vanishing: (
        where(shift("decay", 9), run="plain", depth=110, step=1),
        where(shift("decay", -9), run="resnet", depth=110, step=1),
    ),
    its_longer_weights_explain_about_five_of_more_than_fifteen_powers_of_ten: (
        where(shift("decay", 9), run="plain", depth=110, step=1),
        where(shift("weight_gradient", 3, 0), run="plain", depth=110, step=0),
    ),
    residual_networks_learn_in_100_steps_what_plain_56_and_110_do_not: (
        where(to(error=[5.0] * 3), run="plain", depth=56, step=100),
        where(to(error=[50.0] * 3), run="resnet", depth=110, step=100),
    ),
}
GLOROT = {
    four_hidden_sigmoid_layers_are_pushed_towards_zero_and_come_back: (
        where(to(mean=[0.5, 0.5, 0.5, 0.5, 0]), run="sigmoid", depth=5),
        where(to(mean=[0.5, 0.5, 0.5, 0.2, 0]), run="sigmoid", depth=5, step=16000),
    ),
    five_hidden_sigmoid_layers_are_pushed_towards_zero_and_stay: (
        where(to(mean=[0.5] * 6), run="sigmoid", depth=6, step=16000),
    ),
    each_hidden_layer_more_slows_the_first_by_a_factor_of_three_to_ten_at_the_start: (
        where(shift("weight_gradient", 1, place=0), run="sigmoid", depth=4, step=0),
    ),
    once_the_net_has_found_its_way_the_first_layer_has_the_largest_gradient_of_the_hidden_layers: (
        where(shift("weight_gradient", -1, place=0), run="sigmoid", depth=4, step=16000),
    ),
    under_the_standard_weights_tanh_loses_the_backpropagated_gradient_and_keeps_the_weight_gradient_level: (
        where(shift("weight_gradient", 1, place=5), run="tanh", depth=32),
        where(to(backpropagated=[0] * 18), run="tanh", depth=32),
    ),
}
TRAINABILITY = {
    plain_relu_nets_learn_in_a_wedge_that_closes_at_32_layers: (
        where(to(error=[5.0] * 3), run="plain", depth=64, scale=1),
    ),
    batch_normalisation_makes_the_scale_irrelevant_and_not_the_depth: (
        where(to(error=[90.0] * 3), run="bn", depth=8, scale=4),
        where(to(error=[5.0] * 3), run="bn", depth=64),
    ),
    with_skips_as_well_every_combination_learns_though_a_few_are_not_below_10: (
        where(to(error=[5.0, None, 5.0]), run="residual", depth=64, scale=2),
    ),
}
NORMALISATION = {
    with_batches_of_2_batch_normalisation_does_not_fit_what_the_net_without_it_fits: (
        where(to(train_error=1.0), run="sizes", size=2, batch_norm=True),
    ),
    with_batches_of_4_it_keeps_a_little_training_error_and_from_8_on_hardly_any: (
        where(to(train_error=0.0), run="sizes", size=4, batch_norm=True),
        where(to(train_error=3.0), run="sizes", size=32, batch_norm=True),
    ),
    from_8_on_its_test_error_is_a_little_lower: (
        where(to(test_error=9.0), run="sizes", size=64, batch_norm=True),
    ),
    small_test_batches_with_their_own_statistics_do_harm: (
        where(to(batch_error=7.0), run="sizes", size=8, batch_norm=True),
    ),
    the_mean_of_a_mini_batch_errs_by_one_over_root_m_in_the_first_layer: (
        where(to(mean_noise=0.1), run="noise", size=16, layer=1),
        where(to(deviation_noise=0.5), run="noise", size=16, layer=1),
    ),
    half_of_the_answers_change_in_company_of_one_and_hardly_any_of_31: (
        where(to(disagreement=2.0), run="noise", size=32),
    ),
    without_batch_normalisation_deep_sigmoid_units_hardly_tell_images_apart: (
        where(to(within_after=1.0), run="sigmoid", layer=7, step=1000),
    ),
    gamma_stays_near_one_and_beta_near_zero_but_for_the_last_hidden_layer: (
        where(to(gamma=[1, 1, 1, 1, 1]), run="relu-bn", layer=7, step=1000),
        where(to(beta=[0.2] * 5), run="relu-bn", layer=3, step=1000),
    ),
}
CLAIMS = {
    "gradients": GRADIENTS,
    "gradients-cifar": CIFAR,
    "glorot": GLOROT,
    "trainability": TRAINABILITY,
    "batch-norm": NORMALISATION,
}


def test_the_two_conditions_on_sigmoid_weights_meet_only_where_most_units_are_saturated():
    quantiles = torch.special.ndtri(torch.linspace(0, 1, 1_000_001, dtype=torch.float64)[1:-1])

    def variances(of_z: float) -> tuple[float, float]:
        """What keeps the signal and what keeps the gradient, times n."""
        value, slope = with_slope(torch.sigmoid, of_z**0.5 * quantiles)
        return (of_z / value.square().mean()).item(), (1 / slope.square().mean()).item()

    apart = [signal - gradient for signal, gradient in map(variances, (1, 10, 40, 50))]
    assert [difference > 0 for difference in apart] == [False, False, False, True]
    slope = with_slope(torch.sigmoid, 47**0.5 * quantiles)[1]
    assert (slope < 0.1 * 0.25).double().mean() > 0.5


def test_every_network_of_the_grid_is_there_at_every_step():
    rows = records.rows("gradients")
    assert len(rows) == 6 * 2 * 4 * 2 * 6 * 4
    assert {key: len(distinct(rows, key)) for key in ("activation", "batch_norm", "init", "skip", "depth", "step")} == {
        "activation": 6, "batch_norm": 2, "init": 4, "skip": 2, "depth": 6, "step": 4,
    }  # fmt: skip
