"""Checks your answers in relu.py."""
import relu as answers
import torch
import torch.nn.functional as F
from teaching import given, holds, same
from torch import nn

pytest_plugins = "progress"


def layer(slope: float):
    """Pre-activations, a gradient that comes from above, and what autograd makes of it."""
    torch.manual_seed(0)
    z, upstream = torch.randn(5, 4, requires_grad=True), torch.randn(5, 4)
    F.leaky_relu(z, slope).backward(upstream)
    return z.detach(), upstream, z.grad


def test_exercise_2_an_active_unit_passes_its_gradient_on_and_the_others_pass_nothing():
    z, upstream, expected = layer(0.0)
    same(answers.relu_backward(z, upstream), expected, "relu_backward on 5 examples of 4 units", "the gradient passes where z is positive, and is zero elsewhere; it is *upstream* that passes, not z")


def test_exercise_2_at_zero_the_slope_is_taken_as_zero():
    same(answers.relu_backward(torch.zeros(1, 1), torch.ones(1, 1)), [[0.0]], "relu_backward at z = 0", "relu has no derivative at 0; software takes 0, so compare with > and not with >=")


def test_exercise_2_a_leaky_unit_passes_a_part():
    z, upstream, expected = layer(0.1)
    same(answers.leaky_relu_backward(z, upstream, 0.1), expected, "leaky_relu_backward with slope 0.1", "where z is negative, slope * upstream passes")


def test_exercise_3_a_fully_connected_layer_has_as_many_inputs_as_it_says():
    same(answers.he_deviation(nn.Linear(200, 7)), 0.1, "he_deviation(Linear(200, 7))", "fan-in is the number of inputs, 200, and the deviation is a root")


def test_exercise_3_an_output_of_a_convolution_sees_a_window_of_all_channels():
    same(answers.he_deviation(nn.Conv2d(64, 128, 3)), (2 / 576) ** 0.5, "he_deviation(Conv2d(64, 128, 3))", "fan-in is 64 channels times 9 positions")


def test_exercise_3_with_groups_it_sees_only_its_own():
    same(answers.he_deviation(nn.Conv2d(96, 256, 5, groups=2)), (2 / 1200) ** 0.5, "he_deviation(Conv2d(96, 256, 5, groups=2))", "an output sees 96 / 2 channels; the shape of the weight, (256, 48, 5, 5), knows it")


def test_exercise_4_a_unit_is_dead_if_no_example_wakes_it():
    h = torch.tensor([[0.0, 0.0, 1.5], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    found = given(answers.dead_units(h), "dead_units")
    holds(getattr(found, "dtype", None) == torch.bool, f"dead_units should return a tensor of booleans, it returned {type(found).__name__}")
    same(found, [True, False, False], "dead_units of three units", "a unit that fires for one example is alive: ask for *all* examples, along dim=0")


def test_exercise_5_two_over_fan_in_keeps_the_signal_of_a_relu():
    near(answers.growth(0.0, 2.0), 1.0, "growth(slope=0, variance=2)")


def test_exercise_5_one_over_fan_in_loses_a_factor_of_the_root_of_two():
    near(answers.growth(0.0, 1.0), 0.5**0.5, "growth(slope=0, variance=1)")


def test_exercise_5_a_leaky_unit_needs_less():
    near(answers.growth(0.5, 2 / 1.25), 1.0, "growth(slope=0.5, variance=2 / (1 + 0.5**2))")


def near(found, expected, what):
    found = given(found, what)
    look = "weights of variance `variance / width`, no bias; the deviation is that of z, before the activation; the root of depth - 1 factors"
    holds(isinstance(found, float), f"{what} should return one number, it returned {type(found).__name__}")
    holds(0.95 < found / expected < 1.05, f"{what} is {found:.3g}, expected about {expected:.3g}.\nLook at: {look}")
