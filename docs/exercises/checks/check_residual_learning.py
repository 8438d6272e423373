"""Checks your answers in residual_learning.py."""
from statistics import median

import pytest
import residual_learning as answers
import torch
import torch.nn.functional as F
from teaching import given, holds, same
from torch import nn

from course.data import load
from course.networks import BasicBlock
from course.networks.layers import Pad
from course.networks import mlp

pytest_plugins = "progress"


def test_exercise_2_the_block_is_the_one_of_the_course():
    torch.manual_seed(0)
    block, reference = answers.ResidualBlock(8), BasicBlock(8, 8, stride=1, kind="pad")
    reference.load_state_dict(block.state_dict())
    x = torch.randn(4, 8, 6, 6).relu()
    look = "conv1, bn1, ReLU, conv2, bn2; then add x; then the last ReLU, after the addition"
    same(block(x), reference(x), "ResidualBlock(8) on a batch", look, 1e-4)


def test_exercise_2_with_nothing_learned_it_is_the_identity():
    block = answers.ResidualBlock(8)
    nn.init.zeros_(block.bn2.weight)
    x = torch.rand(4, 8, 6, 6)
    same(block(x), x, "ResidualBlock with F = 0 on numbers that are not negative", "x itself is added, not what conv1 made of it")


def test_exercise_3_half_the_pixels_and_zeros_on_both_sides():
    torch.manual_seed(0)
    x = torch.randn(2, 16, 8, 8)
    found = given(answers.pad_shortcut(x, 32), "pad_shortcut(x, 32)")
    holds(isinstance(found, torch.Tensor), f"pad_shortcut should return a tensor, it returned {type(found).__name__}")
    look = "x[:, :, ::2, ::2] takes every second pixel; the 16 new channels are 8 zeros before and 8 after the old ones"
    same(found, Pad(16, 32, stride=2)(x), "pad_shortcut of 16 channels to 32", look)


def chain(count: int):
    torch.manual_seed(0)
    branches = [nn.Sequential(nn.Linear(5, 5), nn.Tanh()).double() for _ in range(count)]
    return torch.randn(3, 5, dtype=torch.float64), branches


def test_exercise_4_the_output_is_the_input_plus_what_the_branches_add():
    x, branches = chain(4)
    found = given(answers.residuals(x, branches), "residuals")
    holds(isinstance(found, list) and len(found) == 4, "residuals of four branches should return a list of four tensors")
    end = x
    for branch in branches:
        end = end + branch(end)
    same(found[0], branches[0](x), "the first residual", "it is branch(x), without x")
    same(x + sum(found), end, "x plus the sum of the residuals", "each branch sees the sum so far: x_(l+1) = x_l + F_l(x_l)")


def test_exercise_4_the_direct_term_arrives_unattenuated():
    x, branches = chain(4)
    upstream = torch.randn_like(x)
    found = given(answers.gradient_terms(x, branches, upstream), "gradient_terms")
    holds(isinstance(found, tuple | list) and len(found) == 2, "gradient_terms should return two tensors")
    same(found[0], upstream, "the direct term", "x_L contains x itself: its derivative is the identity, so all of `upstream` arrives")
    x = x.requires_grad_()
    end = x
    for branch in branches:
        end = end + branch(end)
    end.backward(upstream)
    same(found[0] + found[1], x.grad, "the sum of both terms", "the second term is the gradient of the sum of the residuals; torch.autograd.grad takes `upstream` as its third argument")


def test_exercise_5_all_paths_together_carry_everything():
    look = "comb(blocks, crossed) paths cross so many branches, and each of them carries gain ** crossed; both ends of the range count"
    same(answers.share_of_gradient(3, 0.5, 0, 3), 1.0, "share_of_gradient(3, 0.5, 0, 3)", look)
    same(answers.share_of_gradient(3, 0.5, 1, 1), 1.5 / 3.375, "share_of_gradient(3, 0.5, 1, 1)", look)


def test_exercise_5_if_no_branch_shrinks_it_the_gradient_comes_by_most_of_the_paths():
    same(answers.share_of_gradient(54, 1.0, 19, 35), 0.98017, "share_of_gradient(54, 1, 19, 35)", "with gain 1 it is the share of the paths", 1e-3)


def test_exercise_5_if_each_branch_shrinks_it_the_gradient_comes_by_short_paths():
    same(answers.share_of_gradient(54, 0.25, 5, 17), 0.97496, "share_of_gradient(54, 0.25, 5, 17)", "divide by what all paths carry, (1 + gain) ** blocks, not by their number", 1e-3)


@pytest.fixture(scope="module")
def trained():
    """Two perceptrons of 10 layers, plain and with skips, trained alike; and the digits."""
    digits = load("digits")
    x, t = digits.normalise(digits.train_x), digits.train_y
    nets = {}
    for name, skip in (("plain", False), ("residual", True)):
        torch.manual_seed(0)
        net = mlp(10, skip=skip, batch_norm=True)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        for _ in range(60):
            optimiser.zero_grad()
            F.cross_entropy(net(x), t).backward()
            optimiser.step()
        nets[name] = net.eval()
    return nets, x, t


def test_exercise_6_each_layer_is_taken_out_in_turn(trained):
    nets, x, t = trained
    net, expected = nets["plain"], []
    for layer in net[2:-1]:
        hook = layer.register_forward_hook(lambda module, inputs, output: inputs[0])
        expected.append(100 * (net(x).argmax(1) != t).float().mean().item())
        hook.remove()
    look = "one layer at a time, all others trained; from the second hidden layer to the last; a percentage"
    same(answers.errors_without_each(net, x, t), expected, "errors_without_each of a plain network", look, 1e-4)


def test_exercise_6_a_residual_network_hardly_misses_one(trained):
    nets, x, t = trained
    plain, residual = (median(given(answers.errors_without_each(nets[name], x, t), "errors_without_each")) for name in ("plain", "residual"))
    holds(
        residual < plain / 2,
        f"with one layer taken out the error is {plain:.1f} % in the plain network and {residual:.1f} % in the residual one (the median over the layers);\n"
        "the residual one should be hurt much less. Look at: is the network in the same state after each removal?",
    )
