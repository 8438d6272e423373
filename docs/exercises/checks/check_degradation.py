"""Checks your answers in degradation.py."""
import degradation as answers
import torch
import torch.nn.functional as F
from teaching import given, holds, same
from torch import nn

pytest_plugins = "progress"


def test_exercise_2_the_rate_falls_twice():
    look = "iterations are counted from 0: the rate changes *at* 32,000 and 48,000, not after them"
    for iteration, expected in ((0, 0.1), (31_999, 0.1), (32_000, 0.01), (47_999, 0.01), (48_000, 0.001), (63_999, 0.001)):
        same(answers.learning_rate(iteration), expected, f"learning_rate({iteration})", look)


def test_exercise_2_a_warm_up_comes_first():
    look = "the first `warm_up` iterations have the numbers 0 to warm_up - 1"
    for iteration, expected in ((0, 0.01), (399, 0.01), (400, 0.1), (32_000, 0.01)):
        same(answers.learning_rate(iteration, warm_up=400), expected, f"learning_rate({iteration}, warm_up=400)", look)


def test_exercise_2_iterations_in_epochs():
    look = "each iteration shows `batch` images, an epoch has `images` of them"
    same(answers.epochs(64_000), 163.84, "epochs(64_000)", look)
    same(answers.epochs(264, batch=128, images=1437), 264 * 128 / 1437, "epochs(264, batch=128, images=1437)", look)


def test_exercise_3_the_kernel_returns_what_it_gets():
    torch.manual_seed(0)
    x = torch.randn(2, 4, 6, 6)
    for size in (1, 3, 5):
        kernel = given(answers.identity_kernel(4, size), f"identity_kernel(4, {size})")
        holds(isinstance(kernel, torch.Tensor), f"identity_kernel should return a tensor, it returned {type(kernel).__name__}")
        same(tuple(kernel.shape), (4, 4, size, size), f"the shape of identity_kernel(4, {size})", "(outputs, inputs, height, width)")
        look = "output channel c looks at input channel c alone, and at the middle of the window alone"
        same(F.conv2d(x, kernel, padding=size // 2), x, f"a convolution with identity_kernel(4, {size})", look)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))


def test_exercise_4_the_deeper_network_has_the_layers():
    deep = given(answers.deepen(network(), 4), "deepen(net, 4)")
    holds(isinstance(deep, nn.Sequential), f"deepen should return a torch.nn.Sequential, it returned {type(deep).__name__}")
    kinds = [type(layer).__name__ for layer in deep]
    holds(kinds == ["Linear", "ReLU"] * 6 + ["Linear"], f"deepen(net, 4) of a net of 3 linear layers should have 7, with a ReLU between; it has {kinds}")


def test_exercise_4_it_computes_exactly_the_same():
    net = network()
    deep = given(answers.deepen(net, 4), "deepen(net, 4)")
    x = torch.randn(50, 10)
    holds(hasattr(deep, "parameters"), f"deepen should return a network, it returned {type(deep).__name__}")
    same(deep(x), net(x), "the output of the deeper network", "weights: the identity matrix; biases: zero; and the new layers stand after a ReLU, where nothing is negative", 0)


def test_exercise_4_the_shallow_network_is_left_alone():
    net = network()
    deep = given(answers.deepen(net, 2), "deepen(net, 2)")
    holds(isinstance(deep, nn.Sequential), f"deepen should return a torch.nn.Sequential, it returned {type(deep).__name__}")
    holds(deep is not net and len(net) == 5, "deepen changed the network that it was given: build a new Sequential")


def test_exercise_5_more_layers_have_a_higher_training_error_and_with_shortcuts_only_at_first():
    errors = {}
    for shortcut in (None, "pad"):
        for depth in (8, 32):
            call = f"training_error({depth}, 66, {shortcut!r})"
            errors[shortcut, depth] = given(answers.training_error(depth, 66, shortcut), call)
            holds(isinstance(errors[shortcut, depth], float), f"training_error should return one number, it returned {type(errors[shortcut, depth]).__name__}")
    plain, residual = ((errors[shortcut, 8], errors[shortcut, 32]) for shortcut in (None, "pad"))
    holds(
        plain[0] < 1 and plain[0] + 4 < plain[1] < 95 and max(residual) < 3,
        f"after 66 iterations plain-8 has {plain[0]:.1f} % training error and plain-32 {plain[1]:.1f} %, which should be worse by more than 4 points;\n"
        f"ResNet-8 has {residual[0]:.1f} % and ResNet-32 {residual[1]:.1f} %, which should be below 3 % both.\n"
        "Look at: the shortcut goes to cifar_resnet; the last row of what `fit` returns, its train_error; seed 0 right before building",
    )
