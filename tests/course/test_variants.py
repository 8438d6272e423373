"""What stands in for a skip, or changes one thing about it, is what it says; and what looks at it measures that."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course import CourseError
from course.data import load
from course.experiments.degradation import settled
from course.experiments.reach import Likeness, Reach, cosines
from course.experiments.spec import Setting
from course.experiments.surfaces import Surface, direction, move
from course.experiments.targets import Turned, rotation
from course.experiments.variants import Blocks, Lengths
from course.networks import KINDS, VARIANTS, Chain, cifar_resnet, gradients_by_length, residual
from course.networks.surgery import blocks
from course.training import Recipe
from course.training.descent import batches
from course.training.loop import Diverged

DIGITS = load("digits")
IMAGES, LABELS = DIGITS.normalise(DIGITS.train_x), DIGITS.train_y


def given(data=DIGITS) -> Setting:
    return Setting(0, data, "cpu", lambda done, text: None)


# --- chains


@pytest.mark.parametrize("kind", KINDS)
def test_networks_side_by_side_are_those_alone(kind):
    x = IMAGES[:16]
    together, alone = Chain(kind, 6, [3, 4])(x), [Chain(kind, 6, [seed])(x) for seed in (3, 4)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


def block_by_block(kind: str) -> tuple[list[float], list[float]]:
    """Of an untrained chain of 100 layers: by how much each block multiplies the mean square of what goes
    through, and the deviation of its branch over that of what goes around it.
    """
    net = Chain(kind, 100, [0, 1, 2]).double()
    h = net.first(IMAGES[:256].double().flatten(1).t().expand(3, -1, -1))
    growth, share = [], []
    for place, alpha in enumerate(net.alphas):
        z = torch.baddbmm(net.biases[place + 1], net.weights[place + 1], h)
        f = alpha * net.kind.activation(net.normalised(z, place) if net.kind.batch_norm else z)
        around = net.kind.path * h
        growth.append(((around + f).square().mean() / h.square().mean()).item())
        share.append((f.std() / around.std()).item())
        h = around + f
    return growth, share


@torch.no_grad()
def test_the_sum_grows_nearly_threefold_a_block_unless_it_is_halved_and_the_halved_branch_keeps_its_share():
    growth, _ = block_by_block("skip")
    assert 2.6 < math.prod(growth) ** (1 / len(growth)) < 3
    growth, share = block_by_block("skip-bn-halved")
    assert all(0.9 < each < 1.1 for each in growth[20:]) and min(share) > share[0] / 2
    assert block_by_block("skip-bn")[1][-1] < 0.05


def test_a_hundred_layers_that_look_linear_are():
    net = Chain("looks-linear", 100, [0])
    a, b = IMAGES[:20], IMAGES[20:40]
    assert torch.allclose(net(a + b), net(a) + net(b), atol=1e-4)
    he = Chain("he", 6, [0])
    assert not torch.allclose(he(a + b), he(a) + he(b), atol=0.1)


def test_identity_layers_pass_on_what_a_relu_has_passed():
    net = Chain("identity", 50, [0])
    h = torch.rand(1, 64, 7)
    assert torch.equal(net.hidden(h), h)


def test_branches_silent_at_first_pass_on_everything_and_learn_to_speak():
    net = Chain("skipinit", 50, [0])
    h = torch.randn(1, 64, 7)
    assert torch.equal(net.hidden(h), h) and net.alphas.requires_grad
    assert not isinstance(Chain("skip", 5, [0]).alphas, nn.Parameter)


def test_frozen_statistics_make_each_example_its_own():
    net = Chain("bn", 5, [0])
    before = net(IMAGES[:50])
    flat = IMAGES[:50].flatten(1).t()[None]
    net.freeze(net, flat)
    assert torch.allclose(net(IMAGES[:50]), before, atol=1e-4)
    assert torch.allclose(net(IMAGES[:3]), before[:, :, :3], atol=1e-4)


def test_a_network_that_diverged_is_recorded_as_failed_and_not_measured():
    wild = Recipe(iterations=11, learning_rate=1e30)
    for spec in (Lengths("x", 8, "digits", wild), Surface("x", "usual", 8, "digits", wild, points=3)):
        with pytest.raises(Diverged, match="nothing is measured"):
            spec.measure(Setting(0, DIGITS, "cpu", lambda *told: None))


def test_small_numbers_count_again_when_a_training_has_failed(monkeypatch):
    monkeypatch.setattr(Chain, "losses", lambda *batch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reach = Reach("x", "he", depths=(3,))
        reach.train(reach.networks(3, range(3)), Setting(0, DIGITS, "cpu", lambda *told: None))
    assert torch.tensor(1e-39) * 1 > 0


def test_a_batch_that_the_images_do_not_fill_is_refused():
    with pytest.raises(CourseError, match="1437 training images do not fill a batch of 2000"):
        next(batches(DIGITS, 2000))


def test_unknown_kinds_and_depths_are_answered_in_one_line():
    with pytest.raises(CourseError, match="unknown kind 'x': choose one of he, orthogonal"):
        Chain("x", 5, [0])
    with pytest.raises(CourseError, match="a chain of 2 layers does not exist"):
        Chain("he", 2, [0])
    with pytest.raises(CourseError, match="unknown variant 'x': choose one of usual, around"):
        residual("x", 20)
    with pytest.raises(CourseError, match="no cifar_resnet has 21 layers"):
        residual("usual", 21)


def test_the_mean_cosine_is_that_of_all_pairs():
    g = torch.randn(1, 9, 5)
    pairs = [F.cosine_similarity(g[0, :, i], g[0, :, j], dim=0) for i in range(5) for j in range(5) if i != j]
    assert cosines(g).item() == pytest.approx(torch.stack(pairs).mean().item(), abs=1e-5)


def test_in_training_mode_gradients_add_up_to_nothing():
    (row,) = Likeness("bn", "bn", depths=(2,), width=50, inputs=20, seeds=1).measure(given(None))
    assert row["trap"] == pytest.approx(-1 / 19, abs=0.01) and row["frozen"] > 0.1


def test_even_steps_move_every_layer_by_the_same_share():
    spec = Reach("x", "bn", depths=(5,), rates=(0.01,), even=True, steps=1, seeds=1)
    nets = spec.networks(5, range(1))
    before = [weight.detach().clone() for weight in nets.weights]
    spec.train(nets, given())
    shares = [((b - a).norm() / a.norm()).item() for a, b in zip(before, nets.weights)]
    assert shares == pytest.approx([0.01] * 5, rel=1e-3)


def test_rows_of_reach_name_each_network_once():
    rows = Reach("x", "he", depths=(4, 5), rates=(0.1, 0.01), steps=2, seeds=2).measure(given())
    assert len({(row["depth"], row["rate"], row["network"]) for row in rows}) == len(rows) == 8
    same = [row["alike"] for row in rows if row["depth"] == 4 and row["network"] == 1]
    assert same[0] == same[1], "the rate does not change a network before training"


# --- residual networks with one thing changed


@pytest.mark.parametrize("variant", ("around", "through"))
def test_the_way_of_the_gradient_does_not_change_the_function(variant):
    nets = []
    for name in ("usual", variant):
        torch.manual_seed(0)
        nets.append(settled(residual(name, 14, in_channels=1), IMAGES[:64]))
    assert torch.equal(*(net(IMAGES[:8]) for net in nets))


def test_around_the_gradient_is_that_of_the_shortest_path_and_through_that_of_the_longest():
    arrived = {}
    for name in ("usual", "around", "through"):
        torch.manual_seed(0)
        net = settled(residual(name, 14, in_channels=1), IMAGES[:64]).double()
        h = F.relu(net.bn1(net.conv1(IMAGES[:4].double()))).detach().requires_grad_()
        end = net.layer3(net.layer2(net.layer1(h))).mean(dim=(2, 3))
        loss = F.cross_entropy(net.fc(end), LABELS[:4], reduction="sum")
        arrived[name] = torch.autograd.grad(loss, h)[0]
        if name == "usual":
            by_length = gradients_by_length(net, IMAGES[:4].double(), LABELS[:4])
    assert len(by_length) == 7
    assert torch.allclose(by_length.sum(dim=0), arrived["usual"])
    assert torch.allclose(by_length[0], arrived["around"])
    assert torch.allclose(by_length[-1], arrived["through"])


@pytest.mark.parametrize("variant", ("skipinit", "fixup"))
def test_without_batch_normalisation_each_block_begins_as_the_identity(variant):
    net = residual(variant, 14, in_channels=1)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in net.modules())
    x = torch.rand(2, 16, 8, 8)
    assert torch.equal(net.layer1(x), x)


def test_fixup_begins_with_equal_scores_and_small_first_convolutions():
    torch.manual_seed(0)
    net = residual("fixup", 26, in_channels=1)
    assert torch.equal(net(IMAGES[:3]), torch.zeros(3, 10))
    usual = (2 / (16 * 9)) ** 0.5
    assert net.layer1[1].conv1.weight.std().item() == pytest.approx(usual * 12**-0.5, rel=0.1)


def test_stochastic_depth_leaves_out_late_branches_every_other_time():
    net = residual("sometimes", 20, in_channels=1)
    parts = [net.get_submodule(name) for name in blocks(net)]
    assert parts[-1].survival == 0.5 and parts[0].survival > 0.9
    torch.manual_seed(0)
    x, last = torch.rand(2, 64, 2, 2), parts[-1].train()
    silent = sum(torch.equal(last(x), x) for _ in range(200))
    assert 70 < silent < 130
    last.eval()
    assert torch.allclose(last(x), F.relu(last.branch(x) + x))
    usual = last.branch(x)
    last.survival = 1.0
    assert torch.allclose(2 * usual, last.branch(x))


def test_the_usual_variant_is_the_network_of_the_course():
    states = []
    for make in (lambda: residual("usual", 20, 1), lambda: cifar_resnet(20, "pad", 1)):
        torch.manual_seed(0)
        states.append(make().state_dict())
    assert all(torch.equal(a, b) for a, b in zip(*(state.values() for state in states), strict=True))
    assert set(VARIANTS) >= {"usual", "around", "through", "skipinit", "fixup", "sometimes"}


def test_blocks_are_looked_at_before_and_after_training():
    untrained = Blocks("x", "usual", 8, "digits", Recipe(0)).measure(given())
    assert len(untrained) == 3 and set(untrained[0]) == {"block", "added_before", "back_before"}
    rows = Blocks("x", "usual", 8, "digits", Recipe(22)).measure(given())
    assert [row["added_before"] for row in rows] == [row["added_before"] for row in untrained]
    assert all(row["turn"] > 1 and row["distance"] > 0.01 for row in rows)
    assert rows[0]["train_error"] < 60 and not rows[0]["diverged"]


def test_of_a_plain_network_nothing_goes_around():
    rows = Blocks("x", "plain", 8, "digits", Recipe(0)).measure(given())
    assert all(set(row) == {"block", "back_before"} and row["back_before"] > 0 for row in rows)


def test_all_lengths_leave_nothing():
    rows = Lengths("x", 8, "digits", Recipe(11)).measure(given())
    assert [row["length"] for row in rows] == [0, 1, 2, 3]
    assert rows[-1]["left_before"] < 1e-6 and rows[-1]["left_after"] < 1e-6


# --- surfaces


def test_a_direction_has_the_norm_of_each_filter_and_leaves_the_rest():
    net = residual("usual", 8, in_channels=1)
    steps = direction(net, "filter", 0)
    for step, weight in zip(steps, net.parameters()):
        if weight.dim() == 1:
            assert not step.any()
        else:
            assert torch.allclose(step.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1), rtol=1e-4)
    whole = direction(net, "whole", 0)
    lengths = [
        math.fsum(each.square().sum().item() for each in some if each.dim() > 1)
        for some in (whole, [weight.detach() for weight in net.parameters()])
    ]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-4)


def test_a_surface_has_the_network_itself_in_its_middle():
    spec = Surface("x", "usual", 8, "digits", Recipe(11), points=3)
    rows = spec.measure(given())
    assert len(rows) == 9 + 3 + 3
    middle = [row["loss"] for row in rows if row["a"] == row["b"] == 0 and row["statistics"] == "running"]
    assert middle[0] == pytest.approx(middle[1])
    net, there = residual("usual", 8, 1), residual("usual", 8, 1)
    with torch.no_grad():
        move(there, net, [direction(net, "filter", seed) for seed in (0, 1)], (0.0, 0.0))
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), there.parameters()))


# --- turned targets


def test_a_target_turned_by_sixty_degrees_is_as_far_from_the_identity_as_from_zero():
    x = torch.randn(16, 5)
    turned = rotation(60, 16) @ x
    assert torch.allclose((turned - x).norm(dim=0), x.norm(dim=0), rtol=1e-4)
    assert torch.allclose(turned.norm(dim=0), x.norm(dim=0), rtol=1e-4)


def test_a_single_block_starts_alike_with_the_input_added_and_without():
    spec = {"blocks": 1, "angles": (0,), "steps": 0, "seeds": 2}
    kinds = [Turned("x", residual, **spec) for residual in (False, True)]
    torch.manual_seed(0)
    plain = kinds[0].weights()
    torch.manual_seed(0)
    assert all(torch.equal(a, b) for a, b in zip(plain, kinds[1].weights()))
