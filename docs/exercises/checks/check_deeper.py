"""Checks your answers in deeper.py."""
import deeper as answers
import torch
from teaching import given, holds, same
from torch import nn

from course.networks import alexnet, vgg

pytest_plugins = "progress"

X = torch.linspace(0, 1, 1025)[:, None]


def is_network(net, what):
    given(net, what)
    holds(isinstance(net, nn.Module), f"{what} should return a network, it returned {type(net).__name__}")
    return net


def test_exercise_2_one_layer_goes_up_and_down_once():
    net = is_network(answers.deep_network(1), "deep_network(1)")
    same(net(X), answers.fold(X, 1), "deep_network(1) on [0, 1]", "t(x) = 2 relu(x) - 4 relu(x - 1/2): two units with the biases 0 and -1/2")


def test_exercise_2_each_further_layer_folds_once_more():
    for layers in (2, 3, 6):
        net = is_network(answers.deep_network(layers), f"deep_network({layers})")
        same(net(X), answers.fold(X, layers), f"deep_network({layers}) on [0, 1]", "both units of a layer see the same number, 2 u - 4 v of the two below; the second subtracts 1/2", 1e-4)


def test_exercise_2_it_has_two_units_a_layer():
    net = is_network(answers.deep_network(6), "deep_network(6)")
    shapes = [tuple(layer.weight.shape) for layer in net if isinstance(layer, nn.Linear)]
    holds(shapes == [(2, 1), *[(2, 2)] * 5, (1, 2)], f"deep_network(6) has weights of the shapes {shapes}, expected (2, 1), five times (2, 2), and (1, 2)")


def test_exercise_3_one_hidden_layer_does_it_too():
    for layers in (1, 2, 5):
        net = is_network(answers.shallow_network(layers), f"shallow_network({layers})")
        look = "each unit bends the line once: the first begins with slope 2^layers, each further one turns the slope round"
        same(net(X), answers.fold(X, layers), f"shallow_network({layers}) on [0, 1]", look, 1e-4)


def test_exercise_3_with_exponentially_many_units():
    net = is_network(answers.shallow_network(5), "shallow_network(5)")
    holds([type(layer).__name__ for layer in net] == ["Linear", "ReLU", "Linear"], "shallow_network should be Linear, ReLU, Linear")
    same(net[0].out_features, 32, "the units of shallow_network(5)", "one for each straight piece")


def test_exercise_4_all_outputs_are_counted():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 5))
    same(answers.kept_numbers(net, torch.zeros(2, 3, 4, 4)), 2 * (8 * 16 + 5), "kept_numbers of a convolution and a linear layer", "outputs of Conv2d and Linear only, for the whole batch")


def test_exercise_4_no_hook_is_left_behind():
    net = nn.Sequential(nn.Linear(3, 4))
    x = torch.zeros(1, 3)
    for call in ("the first call", "the second call"):
        same(answers.kept_numbers(net, x), 4, f"kept_numbers, {call}", "remove every hook when you have counted")
    holds(not net[0]._forward_hooks, "kept_numbers leaves hooks on the layers: call remove() on each")


def test_exercise_4_an_image_in_vgg_keeps_twenty_times_what_it_keeps_in_alexnet():
    with torch.device("meta"):  # shapes without numbers: nothing is computed
        x = torch.zeros(1, 3, 224, 224)
        nets = {"alexnet()": alexnet(), "vgg(16)": vgg(16)}
    expected = {"alexnet()": 659_272, "vgg(16)": 13_556_712}
    for name, net in nets.items():
        same(answers.kept_numbers(net, x), expected[name], f"kept_numbers of {name} for one image", "every Conv2d and Linear among net.modules(), however deep", 0)


def test_exercise_5_training_does_not_find_the_construction():
    found = given(answers.trained_error(3, 2), "trained_error(3, 2)")
    holds(isinstance(found, float), f"trained_error should return one number, it returned {type(found).__name__}")
    holds(
        0.2 < found < 0.4,
        f"trained_error(3, 2) is {found:.3g}; training should not find the eight pieces, and the error should stay above 0.2.\n"
        "Look at: seed 0 right before building; the mean *absolute* error at the end",
    )


def test_exercise_5_with_many_more_units_it_finds_the_curve():
    few, many = (given(answers.trained_error(3, units), f"trained_error(3, {units})") for units in (2, 64))
    holds(
        0 < many < few / 1.5,
        f"trained_error(3, 2) is {few:.3g} and trained_error(3, 64) is {many:.3g}; the larger network should fit much better.\n"
        "Look at: are all parameters given to the optimiser? Adam, learning rate 0.01, 1,000 steps",
    )
