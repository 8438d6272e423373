"""Checks your answers in vgg.py."""
import torch
import vgg
from teaching import given, holds, same
from torch import nn

from course.networks import VGG

pytest_plugins = "progress"


def test_exercise_2_one_kernel_sees_its_own_width():
    same(vgg.receptive_field([(3, 1)]), 3, "receptive_field([(3, 1)])", "one 3x3 convolution sees 3 pixels")


def test_exercise_2_three_small_kernels_see_what_a_large_one_sees():
    same(vgg.receptive_field([(3, 1)] * 3), 7, "receptive_field of three 3x3 layers", "each layer adds kernel - 1 pixels, not kernel")


def test_exercise_2_after_a_pooling_the_steps_are_larger():
    look = "after a layer of stride 2, neighbouring units lie 2 pixels apart: what a later kernel adds grows with all strides before it"
    same(vgg.receptive_field([(2, 2), (3, 1)]), 6, "receptive_field([(2, 2), (3, 1)])", look)
    same(vgg.receptive_field([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]), 18, "receptive_field of conv, pool, conv, pool, conv", look)


def test_exercise_2_the_last_unit_of_vgg_16_sees_almost_the_whole_image():
    layers = [(2, 2) if row == "M" else (3, 1) for row in VGG[16]]
    same(vgg.receptive_field(layers), 212, "receptive_field of all convolutions and pools of VGG-16", "the stride of a layer counts for the layers after it")


def test_exercise_3_a_single_convolution_is_counted():
    expected = 9 * 3 * 64 + 64 + 64 * 49 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    same(vgg.vgg_parameters([64, "M"]), expected, 'vgg_parameters([64, "M"])', "kernel area * input channels * output channels, and a bias for each output", 0)


def test_exercise_3_vgg_16_has_138_million():
    same(vgg.vgg_parameters(VGG[16]), 138_357_544, "vgg_parameters(VGG[16])", "the input channels of a convolution are the output channels of the one before, across a pool too", 0)


def test_exercise_3_vgg_19_has_144_million():
    same(vgg.vgg_parameters(VGG[19]), 143_667_240, "vgg_parameters(VGG[19])", "the eight convolutions of 512 channels", 0)


def test_exercise_4_the_convolution_gives_the_same_scores():
    torch.manual_seed(0)
    linear, x = nn.Linear(5 * 3 * 3, 7), torch.randn(2, 5, 3, 3)
    conv = given(vgg.as_convolution(linear, 5, 3), "as_convolution")
    holds(isinstance(conv, nn.Conv2d), f"as_convolution returned {type(conv).__name__}, expected a torch.nn.Conv2d")
    same(tuple(conv.weight.shape), (7, 5, 3, 3), "the weight of as_convolution(Linear(45, 7), 5, 3)", "(outputs, channels, size, size)")
    same(conv(x).flatten(1), linear(x.flatten(1)), "the output on a 3x3 map", "flatten walks channels first, then rows, then columns; copy the bias too", 1e-4)


def test_exercise_4_a_larger_map_gives_one_answer_for_each_position():
    torch.manual_seed(0)
    linear, x = nn.Linear(5 * 3 * 3, 7), torch.randn(1, 5, 4, 6)
    answers = given(vgg.as_convolution(linear, 5, 3), "as_convolution")(x)
    same(tuple(answers.shape), (1, 7, 2, 4), "the shape on a map of 4x6", "no padding, stride 1")
    same(answers[0, :, 1, 2], linear(x[:, :, 1:4, 2:5].flatten(1))[0], "the answer at row 1, column 2", "it is the linear layer on the window that starts there", 1e-4)


def test_exercise_5_small_weights_lose_the_signal():
    found = given(vgg.deviations(12, 0.01), "deviations(12, 0.01)")
    holds(len(found) == 12, f"deviations(12, 0.01) returned {len(found)} numbers, expected 12, one for each convolution")
    same(found[0], 0.23, "the first of deviations(12, 0.01)", "before the ReLU: 0.01 times the root of 576, a little less at the border", 0.01)
    factor = (found[-1] / found[1]) ** (1 / 10)
    expected = 0.01 * (64 * 9 / 2) ** 0.5
    holds(
        abs(factor - expected) < 0.03,
        f"with a deviation of 0.01 each layer multiplies the signal by {factor:.3f}, expected about {expected:.3f}.\n"
        "Look at: a ReLU after every convolution, padding 1, no bias, and the deviation taken before the ReLU",
    )


def test_exercise_5_he_initialisation_keeps_it():
    found = given(vgg.deviations(12, None), "deviations(12, None)")
    factor = (found[-1] / found[1]) ** (1 / 10)
    holds(
        0.93 < factor < 1.05,
        f"with He's variance each layer multiplies the signal by {factor:.3f}, expected about 1.\n"
        "Look at: fan_in is 64 channels times 9 positions, and the deviation is the root of the variance",
    )
