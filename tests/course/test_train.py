"""The recipe's arithmetic, and what the loop promises."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from course import CourseError
from course.data import load
from course.networks import cifar_resnet, mlp
from course.training import Diverged, Recipe, evaluate, fit, learning_rate

PAPER = Recipe(iterations=64000, drops=(32000, 48000))


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def first_images(data, count: int):
    """The same data with fewer training images."""
    return replace(data, train_x=data.train_x[:count], train_y=data.train_y[:count])


@pytest.mark.parametrize(
    "step, rate", ((0, 0.1), (31999, 0.1), (32000, 0.01), (47999, 0.01), (48000, 0.001), (63999, 0.001))
)
def test_the_papers_rate_drops_at_32000_and_48000(step, rate):
    assert learning_rate(PAPER, step) == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize("step, rate", ((0, 0.01), (399, 0.01), (400, 0.1), (32000, 0.01)))
def test_warm_up_runs_at_a_tenth_of_the_rate(step, rate):
    assert learning_rate(replace(PAPER, warm_up=400), step) == pytest.approx(rate, rel=1e-12)


def train_small(data, seed: int, **changes):
    torch.manual_seed(0)
    net = cifar_resnet(8, "pad", in_channels=1)
    history = fit(net, data, replace(Recipe(iterations=4, batch=64), **changes), seed)
    return history, net.state_dict()


@pytest.mark.parametrize("augment", (False, True))
def test_a_seed_repeats_a_training_bit_for_bit(digits, augment):
    (a, weights_a), (b, weights_b) = (train_small(digits, seed=3, augment=augment) for _ in range(2))
    assert a == b
    assert all(torch.equal(weights_a[name], weights_b[name]) for name in weights_a)


def test_another_seed_gives_another_order_and_augmentation_other_images(digits):
    runs = [train_small(digits, seed)[0] for seed in (3, 4)] + [train_small(digits, 3, augment=True)[0]]
    assert len({run[0].train_loss for run in runs}) == 3


def test_plain_20_learns_128_digits_by_heart(digits):
    torch.manual_seed(0)
    net = cifar_resnet(20, None, in_channels=1)
    # 0 % under six seeds; after 40 iterations up to 6 %
    recipe = Recipe(iterations=120, drops=(90,), batch=32, learning_rate=0.05)
    history = fit(net, first_images(digits, 128), recipe)
    assert history[0].train_error > 50
    assert history[-1].train_error < 5


@pytest.mark.parametrize("iterations, ends", ((5, [2, 4, 5]), (4, [2, 4]), (1, [1])))
def test_the_history_ends_at_the_recipes_last_iteration(digits, iterations, ends):
    torch.manual_seed(0)
    seen = []
    recipe = Recipe(iterations=iterations, drops=(4,), batch=64, learning_rate=0.01)
    history = fit(mlp(2), first_images(digits, 150), recipe, on_epoch=seen.append)
    assert [row.iteration for row in history] == ends
    assert [row.epoch for row in history] == list(range(1, len(ends) + 1))
    assert history[-1].learning_rate == learning_rate(recipe, iterations - 1)
    assert seen == history


def test_a_diverging_run_names_the_iteration_and_stops(digits):
    torch.manual_seed(0)
    recipe = Recipe(iterations=50, batch=64, learning_rate=1e20)
    with pytest.raises(Diverged, match="diverged: the loss of iteration 1 is not finite") as stopped:
        fit(mlp(3), first_images(digits, 150), recipe)
    assert stopped.value.history == []  # it happened within the first epoch


def test_images_that_fill_no_batch_are_refused(digits):
    with pytest.raises(CourseError, match="100 training images do not fill a batch of 128"):
        fit(mlp(2), first_images(digits, 100), Recipe(iterations=1))


@pytest.mark.parametrize("batch", (1, 7, 1000))
def test_evaluate_counts_wrong_answers_in_inference_mode(digits, batch):
    torch.manual_seed(0)
    net = nn.Sequential(mlp(2, batch_norm=True), nn.Dropout(0.5))
    digits = replace(digits, test_x=digits.test_x[:60], test_y=digits.test_y[:60])
    x, y = digits.test_x, digits.test_y
    with torch.no_grad():
        right = sum(
            net.eval()(digits.normalise(image[None])).argmax().item() == label.item()
            for image, label in zip(x, y)
        )
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    assert evaluate(net.train(), digits.testing(batch)) == pytest.approx(100 * (60 - right) / 60)
    assert 0 < right < 60
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_the_reported_training_error_is_that_of_the_batches_as_they_were_trained_on(digits):
    """At a rate of zero nothing moves, so that it can be counted afterwards."""
    torch.manual_seed(0)
    net = mlp(2)
    data = first_images(digits, 128)
    (row,) = fit(net, data, Recipe(iterations=2, batch=64, learning_rate=0.0))
    assert row.train_error == pytest.approx(evaluate(net, [(data.normalise(data.train_x), data.train_y)]))
    assert row.test_error == pytest.approx(evaluate(net, data.testing()))


def test_a_clipped_gradient_is_shortened_to_the_limit_before_the_step(digits):
    """One step of plain gradient descent: it is as long as rate times limit,
    and as the gradient where that is shorter.
    """
    lengths = {}
    for clip in (None, 1e-3, 1e9):
        torch.manual_seed(0)
        net = cifar_resnet(8, in_channels=1)
        before = [p.detach().clone() for p in net.parameters()]
        fit(net, digits, Recipe(iterations=1, momentum=0.0, weight_decay=0.0, clip=clip))
        lengths[clip] = sum((a - b).square().sum() for a, b in zip(before, net.parameters())).sqrt().item()
    assert lengths[1e-3] == pytest.approx(0.1 * 1e-3, rel=1e-3)
    assert lengths[None] == lengths[1e9] > 1e-2
