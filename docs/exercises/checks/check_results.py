"""Checks your answers in results.py."""
import results as answers
import torch
from teaching import given, holds, same
from torch import nn

from course.networks import IMAGENET, BasicBlock, Bottleneck, imagenet_resnet

pytest_plugins = "progress"


def weights(block: nn.Module) -> int:
    return sum(layer.weight.numel() for name, layer in block.named_modules() if isinstance(layer, nn.Conv2d))


def test_exercise_2_a_basic_block():
    same(answers.basic_weights(64), weights(BasicBlock(64, 64, 1, "pad")), "basic_weights(64)", "two convolutions of 3 * 3 * width * width", 0)


def test_exercise_2_a_bottleneck():
    same(answers.bottleneck_weights(64), weights(Bottleneck(256, 64, 1, "pad")), "bottleneck_weights(64)", "the 1x1 convolutions see 4 * width channels on one side, width on the other", 0)


def counted(depth: int) -> int:
    """Multiply-adds of the main path, by asking every layer for the shape of its output."""
    total = []
    with torch.device("meta"):
        net, x = imagenet_resnet(depth, shortcut=None), torch.zeros(1, 3, 224, 224)
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(lambda module, inputs, output: total.append(module.weight.numel() * output[0, 0].numel()))
    net(x)
    return sum(total)


def test_exercise_3_networks_of_basic_blocks():
    for depth in (18, 34):
        look = "a convolution costs its weights times the positions of its *output*; the last layer has 512 * 1000 weights"
        same(answers.resnet_multiply_adds(depth), counted(depth), f"resnet_multiply_adds({depth})", look, 0)


def test_exercise_3_networks_of_bottlenecks():
    for depth in sorted(set(IMAGENET) - {18, 34}):
        look = "the first block of a stage sees the channels of the stage before, and its first 1x1 works before the stride"
        same(answers.resnet_multiply_adds(depth), counted(depth), f"resnet_multiply_adds({depth})", look, 0)


def test_exercise_4_images_are_compared_one_by_one():
    a = torch.tensor([True, True, False, False, True])
    b = torch.tensor([True, False, False, False, False])
    found = given(answers.difference(a, b), "difference")
    holds(isinstance(found, tuple | list) and len(found) == 2, "difference should return two numbers, the difference and its standard error")
    same(found[0], 40.0, "the difference of 3 and 1 wrong of 5", "in points: 100 times the mean of a - b")
    same(found[1], 100 * 0.3**0.5 / 5**0.5, "its standard error", "the deviation of the single differences over the root of N")


def test_exercise_4_networks_that_fail_on_the_same_images_are_told_apart_better():
    torch.manual_seed(0)
    a = torch.rand(10_000) < 0.25
    alike, other = a.clone(), a[torch.randperm(10_000)]
    alike[:100] = False
    near, far = (given(answers.difference(a, b), "difference") for b in (alike, other))
    holds(isinstance(near, tuple | list), "difference should return two numbers, the difference and its standard error")
    holds(near[1] < far[1] / 3, "two networks that fail on nearly the same images should have a much smaller standard error.\nLook at: subtract image by image, before you take the deviation")


def test_exercise_5_the_best_looks_better_than_the_mean():
    same(answers.best_of(1, 6.61, 0.16), 6.61, "best_of(1, 6.61, 0.16)", "with one run there is nothing to choose", 1e-3)
    same(answers.best_of(5, 6.61, 0.16), 6.424, "best_of(5, 6.61, 0.16)", "the least of each row, then the mean of these", 2e-3)
