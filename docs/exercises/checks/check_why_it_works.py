"""Checks your answers in why_it_works.py."""
import pytest
import torch
import why_it_works as answers
from teaching import given, holds, same
from torch import nn

pytest_plugins = "progress"


def test_exercise_2_both_together_are_the_matrix():
    torch.manual_seed(0)
    w, z = torch.randn(5, 5), torch.randn(5, 7)
    weight = given(answers.looks_linear(w), "looks_linear(w)")
    holds(isinstance(weight, torch.Tensor) and weight.shape == (5, 10), "looks_linear of a 5 × 5 matrix should return a tensor of shape (5, 10)")
    same(weight @ torch.cat([z.relu(), (-z).relu()]), w @ z, "looks_linear(w) times (relu(z), relu(-z))", "relu(z) - relu(-z) is z: the second half of the weights takes off what the first half gets wrong", 1e-5)


def test_exercise_2_with_orthogonal_matrices_a_hundred_layers_keep_every_length():
    torch.manual_seed(0)
    h = start = torch.randn(16, 3, dtype=torch.float64)
    for _ in range(100):
        w = nn.init.orthogonal_(torch.empty(16, 16, dtype=torch.float64))
        h = given(answers.looks_linear(w), "looks_linear(w)") @ torch.cat([h.relu(), (-h).relu()])
    same(h.norm(dim=0), start.norm(dim=0), "the length of a vector after a hundred such layers", "the weights are w and its negative, side by side")


def test_exercise_3_each_filter_has_the_norm_of_the_networks_own():
    torch.manual_seed(0)
    weight, direction = torch.randn(4, 3, 3, 3), torch.randn(4, 3, 3, 3)
    weight[1] *= 10
    found = given(answers.filter_normalised(direction, weight), "filter_normalised(direction, weight)")
    look = "one norm for each of the first dimension's entries, over all the others; then direction * own / (norm + 1e-10)"
    same(found.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1), "the norms of the filters", look, 1e-5)
    same(found[2] / found[2].norm(), direction[2] / direction[2].norm(), "the direction of a filter", "scaling changes a length and no direction", 1e-5)


def test_exercise_3_a_filter_of_zeros_gets_no_step():
    weight = torch.zeros(2, 1, 3, 3)
    found = given(answers.filter_normalised(torch.randn(2, 1, 3, 3), weight), "filter_normalised(direction, weight)")
    same(found, weight, "the direction of a filter of zeros", "it is scaled to the norm of the network's own, which is 0")


@pytest.fixture
def chain():
    torch.manual_seed(0)
    branches = [nn.Sequential(nn.Linear(5, 5), nn.Tanh()).double() for _ in range(4)]
    x, upstream = torch.randn(2, 3, 5, dtype=torch.float64)
    return x, branches, upstream


def test_exercise_4_one_entry_a_length_and_the_shortest_path_is_untouched(chain):
    x, branches, upstream = chain
    found = given(answers.gradients_by_length(x, branches, upstream), "gradients_by_length")
    holds(isinstance(found, list) and len(found) == 5, "gradients_by_length of four branches should return a list of five tensors")
    same(found[0], upstream, "what arrives through no branch", "one path goes around every block, and nothing stands on it")


def test_exercise_4_all_lengths_together_are_the_gradient(chain):
    x, branches, upstream = chain
    found = given(answers.gradients_by_length(x, branches, upstream), "gradients_by_length")
    x = x.clone().requires_grad_()
    end = x
    for branch in branches:
        end = end + branch(end)
    end.backward(upstream)
    same(sum(found), x.grad, "the sum over all lengths", "each branch is differentiated at what entered it: run the chain forwards first, and keep that")


def test_exercise_4_the_longest_path_crosses_every_branch(chain):
    x, branches, upstream = chain
    found = given(answers.gradients_by_length(x, branches, upstream), "gradients_by_length")
    states, gradient = [x], upstream
    for branch in branches:
        states.append(states[-1] + branch(states[-1]))
    for branch, state in zip(reversed(branches), reversed(states[:-1])):
        state = state.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(branch(state), state, gradient)
    same(found[-1], gradient, "what arrives through all branches", "at each block an entry goes around and stays where it is, or through and moves on by one", 1e-6)
