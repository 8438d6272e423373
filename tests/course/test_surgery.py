"""Identity layers change nothing, a block taken out comes back,
and altered data sets are altered as they say.
"""

import pytest
import torch

from course import CourseError
from course.data import load
from course.experiments.degradation import responses, settled
from course.experiments.failures import CHANGES, COLOURS
from course.networks import blocks, cifar_resnet, deepen, without
from course.networks.surgery import stage_outputs

DIGITS = load("digits")
IMAGES = DIGITS.normalise(DIGITS.train_x[:200])


def plain(depth: int, seed: int = 0):
    torch.manual_seed(seed)
    return settled(cifar_resnet(depth, shortcut=None, in_channels=1), IMAGES)


@pytest.mark.parametrize("depth", (26, 56))
def test_a_network_with_identity_layers_gives_the_same_logits(depth):
    net = plain(20)
    deep = deepen(net, depth, IMAGES)
    assert len(blocks(deep)) == (depth - 2) // 2
    assert torch.allclose(deep(IMAGES), net(IMAGES), rtol=1e-3, atol=1e-4)
    new = DIGITS.normalise(DIGITS.test_x)
    assert torch.equal(deep(new).argmax(1), net(new).argmax(1))


def test_the_identity_layers_pass_on_what_they_get_in_training_too():
    net = plain(20)
    deep = deepen(net, 26, IMAGES)
    x = stage_outputs(net, IMAGES)["layer2"]
    assert torch.allclose(deep.layer2[-1].train()(x), x, atol=1e-4)


def test_the_trained_layers_are_copied_and_the_shallow_network_is_left_alone():
    net = plain(20)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    deep = deepen(net, 32, IMAGES).state_dict()
    assert all(
        torch.equal(deep[name], value) and torch.equal(net.state_dict()[name], value)
        for name, value in before.items()
    )


def test_a_depth_that_does_not_exist_is_refused():
    with pytest.raises(CourseError, match="6n \\+ 2"):
        deepen(plain(20), 57, IMAGES)


@pytest.mark.parametrize("shortcut", (None, "pad"))
def test_a_block_taken_out_leaves_its_shortcut_and_comes_back(shortcut):
    torch.manual_seed(0)
    net = settled(cifar_resnet(20, shortcut, in_channels=1), IMAGES)
    whole, block = net(IMAGES), net.layer2[1]
    with without(net, "layer2.1"):
        x = stage_outputs(net, IMAGES)
        assert torch.equal(net.layer2[1](x["layer2"]), x["layer2"])
        assert not torch.equal(net(IMAGES), whole)
    assert net.layer2[1] is block and torch.equal(net(IMAGES), whole)


def test_every_block_can_be_taken_out_where_the_shape_changes_too():
    net = plain(20)
    assert blocks(net) == [f"layer{stage}.{place}" for stage in (1, 2, 3) for place in range(3)]
    for name in blocks(net):
        with without(net, name):
            assert net(IMAGES).shape == (200, 10)


def test_a_response_is_the_deviation_after_batch_normalisation():
    net = plain(20)
    found = responses(net, IMAGES)
    assert len(found) == 19
    torch.testing.assert_close(list(found.values()), [1.0] * 19, rtol=0.02, atol=0)  # scale 1 before training


def altered(change: str):
    return CHANGES[change](DIGITS, torch.Generator().manual_seed(0))


def test_few_keeps_fifty_of_the_training_images_and_all_test_images():
    data, _ = altered("few")
    assert data.sizes() == {"train": 50, "test": 360}


def test_half_of_the_labels_are_drawn_so_that_nine_in_twenty_are_wrong():
    data, _ = altered("mislabelled")
    assert (data.train_y != DIGITS.train_y).float().mean().item() == pytest.approx(0.45, abs=0.03)
    assert torch.equal(data.test_y, DIGITS.test_y)


def test_the_cue_gives_each_class_its_colour_and_the_other_kind_the_opposite_one():
    data, other = altered("cue")
    lit = DIGITS.test_x[:, 0] == 255  # (N, H, W), the full strokes
    for label in range(10):
        of_class = DIGITS.test_y == label
        for x, hue in ((data.test_x, label), (other, (label + 5) % 10)):
            strokes = x[of_class].movedim(1, -1)[lit[of_class]]
            assert torch.equal(strokes, (COLOURS[hue] * 255).round().to(torch.uint8).expand_as(strokes))


def test_without_the_cue_colours_tell_nothing():
    data, _ = altered("no-cue")
    hues = data.test_x.flatten(2).amax(2).float()  # (N, 3)
    means = torch.stack([hues[DIGITS.test_y == label].mean(0) for label in range(10)])
    assert means.std(dim=0).max() < 35  # of 255; with the cue they lie 110 apart


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_data_set_is_normalised_by_its_own_training_images(change):
    data, other = altered(change)
    x = data.normalise(data.train_x)
    assert x.mean().abs() < 1e-5 and x.std(correction=0).item() == pytest.approx(1, abs=1e-4)
    assert other.shape == data.test_x.shape and not torch.equal(other, data.test_x)
