"""The networks that came after, and the tasks they are compared on."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course import CourseError
from course.data import load
from course.experiments.catalogue.afterwards import EQUAL_WORK
from course.experiments.recipe_parts import PARTS, RecipeParts, shifted
from course.experiments.residual_stream import StreamGradients, StreamTraining
from course.experiments.spec import Setting
from course.experiments.successors import VARIANTS, few
from course.networks import (
    Aggregated,
    RowTransformer,
    bottleneck_resnet,
    densenet,
    mlp,
    pre_activation_resnet,
    weight_layers,
    wide_resnet,
)
from course.networks.stack import Stack

GIVEN = Setting(0, load("digits"), "cpu", lambda done, word: None)


@pytest.mark.parametrize("family, depth", [*EQUAL_WORK, ("pre-activation", 20)])
def test_a_network_has_the_layers_of_its_name_and_classifies(family, depth):
    net = VARIANTS[family](depth, 1, 10)
    assert len(weight_layers(net)) == depth
    assert net(torch.randn(2, 1, 8, 8)).shape == (2, 10)


def test_all_networks_of_equal_work_do_the_same_work_within_four_percent():
    work = []
    for family, depth in EQUAL_WORK:
        with FlopCounterMode(display=False) as counter:
            VARIANTS[family](depth, 1, 10).eval()(torch.zeros(1, 1, 8, 8))
        work.append(counter.get_total_flops())
    assert max(work) < 1.04 * min(work)


@pytest.mark.parametrize(
    "make",
    [
        lambda: pre_activation_resnet(21),
        lambda: wide_resnet(9, 16),
        lambda: bottleneck_resnet(8, 16),
        lambda: densenet(4, 12),
        lambda: densenet(9, 12),
    ],
)
def test_a_depth_that_does_not_exist_is_refused_with_those_that_do(make):
    with pytest.raises(CourseError, match="the depth is"):
        make()


@torch.no_grad()
def test_with_pre_activation_the_end_of_a_stage_is_its_start_plus_what_the_branches_add():
    torch.manual_seed(0)
    stage = pre_activation_resnet(32).eval().layer1
    x = torch.randn(4, 16, 8, 8)
    end, added = x, torch.zeros(())
    for block in stage:
        added = added + block.branch(end)
        end = block(end)
    torch.testing.assert_close(end, x + added)


def test_the_last_normalisation_is_the_only_difference():
    counts = [sum(p.numel() for p in pre_activation_resnet(20, last).parameters()) for last in (True, False)]
    assert counts[0] - counts[1] == 2 * 64


def test_a_dense_layer_keeps_what_it_got():
    x = torch.randn(2, 16, 8, 8)
    layer = densenet(7, 5)[1]
    assert torch.equal(layer(x)[:, :16], x) and layer(x).shape[1] == 21


def test_the_grouped_convolution_has_its_share_of_the_weights():
    (block, *_) = bottleneck_resnet(11, 36, Aggregated).layer1
    assert block.conv2.weight.shape == (36, 36 // Aggregated.cardinality, 3, 3)


@pytest.mark.parametrize("groups", (1, 8))
def test_a_stack_normalises_groups_as_each_of_its_perceptrons_alone(groups):
    nets = []
    for seed in range(3):
        torch.manual_seed(seed)
        net = mlp(4, groups=groups)
        for layer in net[1:-1]:
            assert isinstance(layer.norm, nn.GroupNorm)
            nn.init.normal_(layer.norm.weight)
            nn.init.normal_(layer.norm.bias)
        nets.append(net.double())
    x = torch.randn(7, 1, 8, 8, dtype=torch.float64)
    stack = Stack(nets).double()
    for place, net in enumerate(nets):
        torch.testing.assert_close(stack(x)[place].t(), net(x))


@pytest.mark.parametrize("norm_first", (True, False))
def test_the_blocks_of_a_transformer_start_from_weights_of_their_own(norm_first):
    net = RowTransformer(3, norm_first)
    assert net(torch.randn(5, 1, 8, 8)).shape == (5, 10)
    first, second, _ = net.blocks
    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_few_images_are_drawn_by_the_seed_and_no_other_is_lost():
    data = GIVEN.data
    one, again, other = few(data, 0, 256), few(data, 0, 256), few(data, 1, 256)
    assert one.sizes() == {"train": 256, "test": 1541}
    assert torch.equal(one.train_x, again.train_x) and not torch.equal(one.train_x, other.train_x)
    together = torch.cat([one.train_y, one.test_y]).bincount()
    assert torch.equal(together, torch.cat([data.train_y, data.test_y]).bincount())


def test_a_shift_moves_each_image_by_a_pixel_at_most():
    x = F.pad(torch.ones(64, 1, 1, 1), (3, 4, 3, 4))
    moved = shifted(x, torch.Generator().manual_seed(0))
    assert moved.shape == x.shape
    places = {tuple(place[2:].tolist()) for place in moved.nonzero()}
    assert places == {(row, column) for row in (2, 3, 4) for column in (2, 3, 4)}


def test_each_part_of_a_recipe_changes_what_is_learned():
    errors = {parts: RecipeParts("x", parts, 8).measure(GIVEN)[0] for parts in ((), *((p,) for p in PARTS))}
    assert len({tuple(row.values()) for row in errors.values()}) == 1 + len(PARTS)


def test_a_warm_up_begins_with_a_small_step():
    spec = StreamTraining("x", True, 0.001, 44, blocks=2, epochs=1)
    slow, fast = (each.measure(GIVEN)[0] for each in (spec, StreamTraining("x", True, 0.001, 0, 2, 1)))
    assert slow["train_loss"] > fast["train_loss"]


def test_gradients_of_a_stream_come_block_by_block():
    rows = StreamGradients("x", False, blocks=(2, 3), images=32).measure(GIVEN)
    assert [(row["blocks"], row["block"]) for row in rows] == [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
    assert all(row["gradient"] > 0 for row in rows)
