"""Checks your answers in alexnet.py."""
import alexnet as answers
import torch
from teaching import given, holds, same
from torch import nn

from course.networks import ALEXNET

pytest_plugins = "progress"


def test_exercise_2_a_kernel_fits_so_often():
    look = "the padding adds to both sides; the first kernel takes `kernel`, each further one `stride`; a remainder is left out"
    for size, kernel, stride, padding in ((224, 11, 4, 2), (55, 3, 2, 0), (27, 5, 1, 2), (13, 3, 2, 0)):
        expected = nn.MaxPool2d(kernel, stride)(torch.zeros(1, size + 2 * padding, size + 2 * padding)).shape[1]
        same(answers.output_size(size, kernel, stride, padding), expected, f"output_size({size}, {kernel}, {stride}, {padding})", look)


def test_exercise_2_alexnet_ends_with_six_by_six():
    size = 224
    for _, kernel, stride, padding, _, _, pool in ALEXNET:
        size = given(answers.output_size(size, kernel, stride, padding), f"output_size({size}, {kernel}, {stride}, {padding})")
        size = answers.output_size(size, 3, 2, 0) if pool else size
    same(size, 6, "the height after AlexNet's last pool", "follow the lecture's printed sizes: 55, 27, 27, 13, 13, 13, 13, 6")


def test_exercise_3_an_output_sees_only_its_own_group():
    look = "kernel ** 2 * (channels / groups) weights for each output, and a bias for each output"
    same(answers.parameters(5, 96, 256, 2), 307_456, "parameters(5, 96, 256, groups=2)", look, 0)
    same(answers.parameters(3, 256, 384), 885_120, "parameters(3, 256, 384)", look, 0)


def test_exercise_3_each_weight_works_once_at_each_position():
    look = "every weight is used at each of the height * width positions of the output; the bias multiplies nothing"
    same(answers.multiply_adds(11, 3, 96, 1, 55, 55), 105_415_200, "multiply_adds(11, 3, 96, 1, 55, 55)", look, 0)
    same(answers.multiply_adds(5, 96, 256, 2, 27, 27), 223_948_800, "multiply_adds(5, 96, 256, 2, 27, 27)", "with two groups each output sees 48 channels", 0)
    same(answers.multiply_adds(3, 4, 8, 2, 5, 7), 5_040, "multiply_adds(3, 4, 8, 2, 5, 7)", look, 0)


def test_exercise_3_alexnet_has_61_million_parameters():
    channels, total = 3, 0
    for out, kernel, _, _, groups, _, _ in ALEXNET:
        total += given(answers.parameters(kernel, channels, out, groups), "parameters")
        channels = out
    for channels, out in ((9216, 4096), (4096, 4096), (4096, 1000)):
        total += answers.parameters(1, channels, out)
    same(total, 60_965_224, "the parameters of AlexNet, counted with your function", "a fully connected layer is a convolution of 1x1", 0)


def test_exercise_4_each_channel_is_divided_by_its_neighbourhood():
    torch.manual_seed(0)
    a = 50 * torch.rand(2, 12, 3, 3)
    reference = nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)  # torch averages the squares: hence 5 times alpha
    look = "the squares of 5 channels, the one itself in the middle; *summed*, not averaged; the power beta last"
    same(answers.local_response_norm(a), reference(a), "local_response_norm of 12 channels", look, 1e-4)


def test_exercise_4_at_the_ends_there_are_fewer_neighbours():
    a = torch.full((1, 3, 1, 1), 100.0)
    expected = torch.full((1, 3, 1, 1), 100 / (2 + 1e-4 * 30_000) ** 0.75)
    same(answers.local_response_norm(a), expected, "local_response_norm of 3 channels of 100", "all three lie within two channels of each other")


def test_exercise_5_nothing_is_dropped_at_inference():
    x = torch.ones(10)
    same(answers.dropout(x, 0.5, training=False), x, "dropout at inference", "return x as it is")


def test_exercise_5_the_right_share_is_dropped_and_the_rest_made_up_for():
    torch.manual_seed(0)
    found = given(answers.dropout(torch.ones(100_000), 0.2, training=True), "dropout(ones, 0.2, training=True)")
    holds(isinstance(found, torch.Tensor), f"dropout should return a tensor, it returned {type(found).__name__}")
    share = (found == 0).double().mean().item()
    holds(abs(share - 0.2) < 0.01, f"dropout with p = 0.2 sets {100 * share:.0f} % of the numbers to zero, expected 20 %.\nLook at: a uniform random number is below p with probability p")
    same(found.unique(), [0, 1.25], "the values of dropout(ones, 0.2)", "what is kept is divided by 1 - p")


def test_exercise_6_relu_and_tanh_are_there_at_once():
    for activation, init in (("relu", "he"), ("tanh", "xavier")):
        steps = given(answers.steps_until(activation, init), f"steps_until({activation!r}, {init!r})")
        holds(isinstance(steps, int), f"steps_until should return a whole number of steps, it returned {steps!r}")
        holds(3 <= steps <= 25, f"steps_until({activation!r}, {init!r}) is {steps}, expected about ten.\nLook at: learning rate 0.1, no momentum, all training digits in each step")


def test_exercise_6_sigmoid_is_not():
    same(answers.steps_until("sigmoid", "xavier"), 300, 'steps_until("sigmoid", "xavier")', "give up after 300 steps and return 300")
