"""Checks your answers in what_came_after.py."""
import pytest
import torch
import torch.nn.functional as F
import what_came_after as answers
from teaching import given, holds, same
from torch import nn

pytest_plugins = "progress"


def block(norm_first: bool) -> nn.TransformerEncoderLayer:
    """With normalisations that are not the identity."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True, norm_first=norm_first)
    for norm in (layer.norm1, layer.norm2):
        nn.init.normal_(norm.weight, 1.0, 0.2)
        nn.init.normal_(norm.bias)
    return layer


def test_exercise_2_post_normalisation_is_that_of_pytorch():
    layer, stream = block(norm_first=False), torch.randn(3, 5, 16)
    look = "add first, normalise the sum; once for the attention, once for the perceptron"
    same(answers.post_normalised(stream, layer), layer(stream), "post_normalised(stream, layer)", look, 1e-4)


def test_exercise_2_pre_normalisation_is_that_of_pytorch():
    layer, stream = block(norm_first=True), torch.randn(3, 5, 16)
    look = "normalise what the branch reads; what it is added to is the stream itself, not the normalised one"
    same(answers.pre_normalised(stream, layer), layer(stream), "pre_normalised(stream, layer)", look, 1e-4)


@pytest.mark.parametrize("groups", (1, 4, 8))
def test_exercise_3_the_groups_are_normalised_as_pytorch_does_it(groups):
    torch.manual_seed(0)
    x = 3 + 2 * torch.randn(2, 8, 4, 4)
    look = "one mean and one variance for each example and group, over its channels and all their places"
    same(answers.group_norm(x, groups), F.group_norm(x, groups), f"group_norm(x, {groups}) of 8 channels", look, 1e-4)


def test_exercise_3_the_company_does_not_matter():
    torch.manual_seed(0)
    x = torch.randn(4, 8, 4, 4)
    found = given(answers.group_norm(x, 2), "group_norm(x, 2)")
    same(answers.group_norm(x[:1], 2), found[:1], "group_norm of the first image alone", "no statistic may cross the examples", 1e-4)


def test_exercise_4_with_labels_both_kinds_have_a_gradient():
    labels = torch.randint(10, (64,), generator=torch.Generator().manual_seed(1))
    for norm_first, expected in ((False, 0.569), (True, 0.497)):
        found = given(answers.last_gradient(6, norm_first, labels), "last_gradient")
        look = "the order under the seed: all layers, then the input; linear2.weight of the last layer"
        same(found, expected, f"last_gradient(6, {norm_first}, labels)", look, 0.02)


def test_exercise_4_without_labels_what_ends_in_a_normalisation_has_none():
    for norm_first in (False, True):
        found = given(answers.last_gradient(6, norm_first, None), "last_gradient")
        holds(
            isinstance(found, float) and found < 1e-3,
            f"last_gradient(6, {norm_first}, None) is {found}, expected next to nothing.\n"
            "Look at: the output is normalised, so its mean square is 1 whatever the weights are; is it the mean square of the output?",
        )
