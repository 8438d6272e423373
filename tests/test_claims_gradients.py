"""What the pages say of vanishing and exploding gradients, as assertions over the records; and that each can fail."""
from collections.abc import Callable
from typing import Any

import pytest

from course import records
from course.drawing import distinct, only
from course.grid import DEPTHS, INITS, NAMES, OWN, at, net, seeds

Rows = list[dict[str, Any]]


def decay(rows: Rows, **values: Any) -> list[float]:
    """log10 of the first layer's gradient over the last layer's, seed by seed."""
    found = net(rows, **values)["decay"]
    assert len(found) >= 3 and None not in found, values
    return found


def centre(rows: Rows, **values: Any) -> float:
    return seeds(decay(rows, **values)).centre


SIGMOID = {"activation": "sigmoid", "init": "xavier"}
TANH = {"activation": "tanh", "init": "xavier"}
RELU = {"activation": "relu", "init": "he"}


# --- what vanishes


def a_sigmoid_layer_passes_on_between_a_fifth_and_three_tenths_of_the_gradient(rows: Rows) -> None:
    """Geometric mean over the layers, in every seed and at every depth; from 8 layers on it is below a quarter."""
    for depth in DEPTHS:
        upper = 0.25 if depth >= 8 else 0.3
        assert all(0.2 < 10 ** (value / (depth - 1)) < upper for value in decay(rows, depth=depth, **SIGMOID))


def each_doubling_of_a_sigmoid_net_from_8_layers_on_costs_its_first_layer_a_factor_of_ten_and_more(rows: Rows) -> None:
    for shallow, deep in ((8, 16), (16, 32), (32, 64)):
        assert all(d < s - 1 for s, d in zip(decay(rows, depth=shallow, **SIGMOID), decay(rows, depth=deep, **SIGMOID)))


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
    assert 10 ** ((at(found, "deviation", 1) - at(found, "deviation", 61)) / 60) == pytest.approx(2**0.5, rel=0.05)


def relu_under_he_keeps_its_signal_within_a_factor_of_five_over_64_layers(rows: Rows) -> None:
    deviations = net(rows, depth=64, **RELU)["deviation"][:-1]
    assert 10 ** (max(deviations) - min(deviations)) < 5


# --- batch normalisation and skips


def batch_normalisation_lifts_the_first_gradient_of_64_sigmoids_by_about_forty_powers_of_ten(rows: Rows) -> None:
    with_bn, without = (at(net(rows, depth=64, batch_norm=bn, **SIGMOID), "backpropagated", 1) for bn in (True, False))
    assert 39 < with_bn - without < 41


def batch_normalisation_without_skips_makes_the_gradient_grow_exponentially_with_depth(rows: Rows) -> None:
    """In ReLU, leaky ReLU and GELU nets, in every seed: each doubling from 16 layers on at least squares the growth, almost."""
    for activation in ("relu", "leaky_relu", "gelu"):
        growth = [centre(rows, activation=activation, init="he", batch_norm=True, depth=depth) for depth in (16, 32, 64)]
        assert growth[0] > 0.5 and growth[1] > 1.7 * growth[0] and growth[2] > 1.7 * growth[1]
        assert all(value > 3 for value in decay(rows, activation=activation, init="he", batch_norm=True, depth=64))


def near_the_linear_regime_it_hardly_does(rows: Rows) -> None:
    """Identity and sigmoid, whose slope changes little over values of deviation one."""
    for activation in ("identity", "sigmoid"):
        assert all(abs(value) < 1 for value in decay(rows, activation=activation, init="xavier", batch_norm=True, depth=64))


def no_initialisation_keeps_a_relu_net_with_batch_normalisation_from_exploding(rows: Rows) -> None:
    for init in INITS:
        assert all(value > 4.5 for value in decay(rows, activation="relu", init=init, batch_norm=True, depth=64))


def skips_keep_the_normalised_gradient_within_a_factor_of_100(rows: Rows) -> None:
    for activation, init in OWN.items():
        assert all(abs(value) < 2 for value in decay(rows, activation=activation, init=init, batch_norm=True, skip=True, depth=64))


# --- convolutional networks


def the_gradient_of_plain_networks_with_batch_normalisation_explodes_with_depth(rows: Rows) -> None:
    growth = [decay(rows, run="plain", batch_norm=True, depth=depth) for depth in (20, 56, 110)]
    assert all(0.5 < value < 1.5 for value in growth[0])
    assert all(2.5 < value < 3.5 for value in growth[1])
    assert all(6 < value < 7 for value in growth[2])


def residual_networks_keep_the_first_layers_gradient_within_a_factor_of_30_of_the_last_layers(rows: Rows) -> None:
    for depth in (20, 56, 110):
        assert all(abs(10**value) < 30 for value in decay(rows, run="resnet", batch_norm=True, skip=True, depth=depth))


def one_step_turns_the_explosion_of_plain_110_into_vanishing(rows: Rows) -> None:
    assert all(value < -9 for value in decay(rows, run="plain", batch_norm=True, depth=110, step=1))
    assert all(abs(value) < 1.5 for value in decay(rows, run="resnet", batch_norm=True, skip=True, depth=110, step=1))


def residual_networks_learn_in_100_steps_what_plain_56_and_110_do_not(rows: Rows) -> None:
    for depth in (56, 110):
        plain, residual = (net(rows, run=run, batch_norm=True, skip=run == "resnet", depth=depth, step=100)["error"] for run in ("plain", "resnet"))
        assert min(plain) > 60 and max(residual) < 20


# --- each claim, and alterations that must break it


def where(changed: Callable[[dict], dict], **values: Any) -> Callable[[Rows], Rows]:
    """Change the rows that have these values."""

    def alter(rows: Rows) -> Rows:
        assert only(rows, **values), f"no row with {values}"
        return [row | changed(row) if all(row[key] == value for key, value in values.items()) else row for row in rows]

    return alter


def shift(key: str, by: float, place: int | None = None) -> Callable[[dict], dict]:
    """Add to the numbers of a list, or to one of them."""
    return lambda row: {key: [value + by if place in (None, number) else value for number, value in enumerate(row[key])]}


def to(**values: Any) -> Callable[[dict], dict]:
    return lambda row: values


def plain(**values: Any) -> dict[str, Any]:
    return {"step": 0, "skip": False, "batch_norm": False} | values


BN = {"batch_norm": True}
GRADIENTS = {
    a_sigmoid_layer_passes_on_between_a_fifth_and_three_tenths_of_the_gradient: (
        where(shift("decay", 3, place=3), **plain(depth=32, **SIGMOID)),
        where(shift("decay", -6, place=3), **plain(depth=64, **SIGMOID)),
    ),
    each_doubling_of_a_sigmoid_net_from_8_layers_on_costs_its_first_layer_a_factor_of_ten_and_more: (where(to(decay=[-9.0] * 5), **plain(depth=32, **SIGMOID)),),
    sigmoids_leave_less_of_the_gradient_at_64_layers_than_the_smallest_normal_float32: (where(to(decay=[-37.0] * 5), **plain(depth=64, **SIGMOID)),),
    tanh_and_relu_keep_more_than_a_twentieth_of_the_gradient_over_64_layers: (where(shift("decay", -2), **plain(depth=64, **RELU)),),
    no_activation_saves_weights_of_deviation_one_hundredth: (where(to(decay=[-50.0] * 5), **plain(depth=64, activation="gelu", init="normal")),),
    a_linear_net_of_64_layers_explodes_under_he_and_not_under_xavier: (
        where(shift("decay", -5), **plain(depth=64, activation="identity", init="he")),
        where(shift("decay", 5), **plain(depth=64, activation="identity", init="xavier")),
    ),
    both_gradients_of_32_sigmoid_layers_vanish: (where(shift("weight_gradient", 10), **plain(depth=32, **SIGMOID)),),
    relu_under_he_keeps_the_gradient_within_one_power_of_ten_at_every_depth_and_seed: (where(shift("decay", 2, place=4), **plain(depth=8, **RELU)),),
    relu_under_xavier_loses_more_than_five_powers_of_ten_over_64_layers: (where(shift("decay", 8, place=0), **plain(depth=64, activation="relu", init="xavier")),),
    relu_under_xavier_loses_a_factor_of_root_two_a_layer_in_signal: (where(shift("deviation", 5, place=0), **plain(depth=64, activation="relu", init="xavier")),),
    relu_under_he_keeps_its_signal_within_a_factor_of_five_over_64_layers: (where(shift("deviation", 1, place=9), **plain(depth=64, **RELU)),),
    batch_normalisation_lifts_the_first_gradient_of_64_sigmoids_by_about_forty_powers_of_ten: (where(shift("backpropagated", 3), **plain(depth=64, **SIGMOID)),),
    batch_normalisation_without_skips_makes_the_gradient_grow_exponentially_with_depth: (
        where(shift("decay", -2), **plain(depth=64, activation="gelu", init="he") | BN),
        where(to(decay=[4.0] * 5), **plain(depth=32, activation="relu", init="he") | BN),
    ),
    near_the_linear_regime_it_hardly_does: (where(shift("decay", 1, place=2), **plain(depth=64, **SIGMOID) | BN),),
    no_initialisation_keeps_a_relu_net_with_batch_normalisation_from_exploding: (where(shift("decay", -2), **plain(depth=64, activation="relu", init="orthogonal") | BN),),
    skips_keep_the_normalised_gradient_within_a_factor_of_100: (where(shift("decay", 2), **plain(depth=64, activation="relu", init="he") | BN | {"skip": True}),),
}
CIFAR = {
    the_gradient_of_plain_networks_with_batch_normalisation_explodes_with_depth: (where(shift("decay", -3), run="plain", depth=110, step=0),),
    residual_networks_keep_the_first_layers_gradient_within_a_factor_of_30_of_the_last_layers: (where(shift("decay", 1), run="resnet", depth=56, step=0),),
    one_step_turns_the_explosion_of_plain_110_into_vanishing: (
        where(shift("decay", 9), run="plain", depth=110, step=1),
        where(shift("decay", -9), run="resnet", depth=110, step=1),
    ),
    residual_networks_learn_in_100_steps_what_plain_56_and_110_do_not: (
        where(to(error=[5.0] * 3), run="plain", depth=56, step=100),
        where(to(error=[50.0] * 3), run="resnet", depth=110, step=100),
    ),
}
CLAIMS = [
    pytest.param(experiment, claim, alterations, id=claim.__name__)
    for experiment, claims in (("gradients", GRADIENTS), ("gradients-cifar", CIFAR))
    for claim, alterations in claims.items()
]


@pytest.fixture(scope="module")
def recorded():
    return {name: records.rows(name) for name in ("gradients", "gradients-cifar")}


@pytest.mark.parametrize("experiment, claim, alterations", CLAIMS)
def test_the_records_support_the_claim(experiment, claim, alterations, recorded):
    claim(recorded[experiment])


@pytest.mark.parametrize("experiment, claim, alterations", CLAIMS)
def test_the_claim_fails_on_records_that_say_otherwise(experiment, claim, alterations, recorded):
    assert alterations
    for alter in alterations:
        with pytest.raises(AssertionError):
            claim(alter(recorded[experiment]))


def test_every_network_of_the_grid_is_there_at_every_step(recorded):
    rows = recorded["gradients"]
    assert len(rows) == 6 * 2 * 4 * 2 * 6 * 4
    assert {key: len(distinct(rows, key)) for key in ("activation", "batch_norm", "init", "skip", "depth", "step")} == {
        "activation": 6, "batch_norm": 2, "init": 4, "skip": 2, "depth": 6, "step": 4,
    }  # fmt: skip
