"""Each start is what it says, and a trial trains from it."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from course.data import load
from course.experiments import EXPERIMENTS
from course.experiments.batch_normalisation import Averaged
from course.experiments.catalogue.digits import DIGITS as DIGITS_RECIPE
from course.experiments.degradation import settled
from course.experiments.spec import Setting
from course.experiments.starts import SHIFT, STARTS, Outset, Trial
from course.training import Recipe, fit
from course.training.loop import evaluate

DIGITS = load("digits")
IMAGES = DIGITS.normalise(DIGITS.train_x)


def given(seed: int = 3) -> Setting:
    return Setting(seed, DIGITS, "cpu", lambda done, text: None)


def test_from_identity_layers_56_layers_compute_what_the_untrained_20_do():
    deep = STARTS["identity"](given(), "plain", 56)
    shallow = settled(STARTS["he"](given(), "plain", 20), IMAGES)
    assert torch.allclose(deep.eval()(IMAGES), shallow(IMAGES), atol=1e-3)
    assert torch.allclose(deep.train()(IMAGES), shallow.train()(IMAGES), atol=1e-2)


def test_it_goes_on_averaging_as_every_network_does():
    assert all(
        m.momentum == 0.1
        for m in STARTS["identity"](given(), "plain", 26).modules()
        if isinstance(m, nn.BatchNorm2d)
    )


def test_with_the_last_gammas_at_zero_each_residual_block_passes_on_what_it_gets():
    net = STARTS["zero"](given(), "resnet", 20)
    x = torch.rand(4, 16, 8, 8)
    assert torch.equal(net.layer1(x), x)
    assert not torch.equal(STARTS["he"](given(), "resnet", 20).layer1(x), x)


def test_the_shifted_start_moves_every_beta_and_nothing_else():
    usual, shifted = (STARTS[name](given(), "plain", 20).state_dict() for name in ("he", "shifted"))
    for name, value in usual.items():
        shift = SHIFT if name.split(".")[-2].startswith("bn") and name.endswith("bias") else 0
        assert torch.equal(shifted[name], value + shift), name


def test_a_seed_gives_all_starts_the_same_first_weights():
    weights = [STARTS[name](given(), "plain", 20).conv1.weight for name in ("he", "identity", "shifted")]
    assert torch.equal(weights[0], weights[1]) and torch.equal(weights[0], weights[2])


def test_a_trial_says_the_error_at_inference_after_its_last_epoch_alone():
    rows = Trial("plain-8", "plain", 8, "digits", Recipe(22), "he", "0.1").measure(given())
    assert [row["inference_error"] is None for row in rows] == [True, False]
    assert 0 <= rows[-1]["inference_error"] <= 100


def test_from_the_usual_start_a_trial_is_the_training_of_the_digits_experiment():
    recipe = Recipe(22)
    rows = Trial("plain-20", "plain", 20, "digits", recipe, "he", "0.1").measure(given())
    net = STARTS["he"](given(), "plain", 20)
    assert [row["train_loss"] for row in rows] == [row.train_loss for row in fit(net, DIGITS, recipe, 3)]


def test_averaged_statistics_are_those_of_a_whole_epoch_for_the_weights_of_the_end():
    recipe = Recipe(44, batch=64)
    rows = Averaged("plain-8", "plain", 8, "digits", recipe).measure(given())
    net = STARTS["he"](given(), "plain", 8)
    assert [row["test_error"] for row in rows] == [row.test_error for row in fit(net, DIGITS, recipe, 3)]
    still = deepcopy(net)
    with torch.no_grad():
        for x, _ in DIGITS.training(64, False, torch.Generator().manual_seed(3)):
            still.train()(x)
    assert [row["still_error"] for row in rows] == [None, evaluate(still, DIGITS.testing())]
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.reset_running_stats()
            norm.momentum = None  # the mean of all batches
    with torch.no_grad():
        for x, _ in DIGITS.training(64, False, torch.Generator().manual_seed(3)):
            net.train()(x)
    assert [row["averaged_error"] for row in rows] == [None, evaluate(net, DIGITS.testing())]


def test_an_outset_looks_and_changes_nothing():
    rows = Outset("plain-20", "plain", 20, ("he", "shifted"), "digits").measure(given())
    assert [row["start"] for row in rows] == ["he", "shifted"]
    assert rows[0]["first_gradient"] > rows[1]["first_gradient"] and rows[0]["likeness"] < rows[1]["likeness"]


@pytest.mark.parametrize("spec", EXPERIMENTS["care"].specs, ids=lambda spec: spec.name)
def test_the_name_of_a_trial_says_what_it_is(spec):
    recipe = spec.recipe
    assert spec.name == f"{spec.family}-{spec.depth}-{spec.start}-{spec.rate}-{recipe.iterations}"
    assert recipe.drops == (recipe.iterations // 2, recipe.iterations * 3 // 4)
    said = {
        "0.1": (0.1, None, 0),
        "0.01": (0.01, None, 0),
        "clipped": (0.1, 1.0, 0),
        "warm-up": (0.1, None, 66),
    }
    assert said[spec.rate] == (recipe.learning_rate, recipe.clip, recipe.warm_up)


def test_the_map_has_the_recipe_of_the_digits_in_it():
    (cell,) = [spec for spec in EXPERIMENTS["care"].specs if spec.name == "plain-56-he-0.1-264"]
    assert cell.recipe == DIGITS_RECIPE
