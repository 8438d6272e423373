"""Weights that are kept classify as the network did, and anything else in their place is refused."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from course import CourseError, paths, records
from course.data import load
from course.experiments import EXPERIMENTS, choose, pretrained
from course.experiments.degradation import Responses
from course.experiments.spec import Setting
from course.networks import cifar_resnet
from course.training import evaluate, weights

COMMITTED = paths.WEIGHTS


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    return replace(data, test_x=data.test_x[:60], test_y=data.test_y[:60])


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "WEIGHTS", tmp_path / "kept")
    monkeypatch.setattr(paths, "LARGE_WEIGHTS", tmp_path / "cache")


@pytest.fixture
def net():
    torch.manual_seed(0)
    return cifar_resnet(8, in_channels=1)


def network(channels: int, classes: int):
    return cifar_resnet(8, in_channels=channels, num_classes=classes)


def test_weights_come_back_in_half_precision_where_the_error_stays_the_same(net, digits, tmp_path):
    weights.keep(net, digits, evaluate(net, digits.testing()), "run")
    restored = weights.restore(network, "run")
    assert not restored.training
    for name, value in net.state_dict().items():
        assert torch.equal(restored.state_dict()[name], value.half().to(value.dtype)), name
    assert (tmp_path / "kept/run.safetensors").stat().st_size < 2.2 * sum(p.numel() for p in net.parameters())


def test_where_one_half_precision_changes_the_error_the_other_is_tried(net, digits, monkeypatch):
    error = evaluate(net, digits.testing())
    tried = []
    monkeypatch.setattr(
        weights,
        "evaluate",
        lambda rounded, images: error + 1 if not tried.append(1) and len(tried) == 1 else error,
    )
    weights.keep(net, digits, error, "run")
    for name, value in weights.restore(network, "run").state_dict().items():
        assert torch.equal(value, net.state_dict()[name].bfloat16().to(value.dtype)), name


def test_they_stay_in_full_precision_where_half_of_it_would_change_the_error(net, digits):
    weights.keep(net, digits, evaluate(net, digits.testing()) + 1, "run")
    restored = weights.restore(network, "run")
    assert all(
        torch.equal(a, b)
        for a, b in zip(net.state_dict().values(), restored.state_dict().values(), strict=True)
    )


def test_a_large_network_does_not_enter_the_repository(net, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "LIMIT", 1000)
    weights.keep(net, digits, evaluate(net, digits.testing()), "run")
    assert [path.name for path in tmp_path.rglob("*.safetensors")] == ["run.safetensors"] and (
        tmp_path / "cache/run.safetensors"
    ).exists()
    assert weights.restore(network, "run")


@pytest.mark.parametrize("path", sorted(COMMITTED.iterdir()), ids=lambda path: path.stem)
def test_the_committed_weights_are_small_and_restore_a_network_that_is_recorded(path, monkeypatch):
    monkeypatch.setattr(paths, "WEIGHTS", COMMITTED)
    (run,) = [run for name in EXPERIMENTS for run in choose([name]) if run.stem == path.stem]
    assert path.stat().st_size < 1_000_000
    assert records.read(paths.RUNS / f"{path.stem}.json").spec == records.plain(run.described())
    net = pretrained(f"{run.experiment}/{run.spec.name}")
    assert not net.training and net(torch.zeros(2, 3, 32, 32)).isfinite().all()


def test_missing_weights_say_how_they_are_made():
    with pytest.raises(CourseError, match="no weights of run: scripts/train.py keeps them"):
        weights.restore(network, "run")


def test_another_networks_weights_are_refused(net, digits):
    weights.keep(net, digits, 0.0, "run")
    with pytest.raises(CourseError, match="run.safetensors is damaged or another network's"):
        weights.restore(lambda channels, classes: cifar_resnet(14, in_channels=channels), "run")


def test_one_wrong_bit_in_the_weights_is_noticed_wherever_it_is(net, digits, tmp_path):
    weights.keep(net, digits, evaluate(net, digits.testing()), "run")
    path = tmp_path / "kept/run.safetensors"
    whole = path.read_bytes()
    numbers = 8 + int.from_bytes(whole[:8], "little")  # behind the header
    for place in range(numbers, len(whole), 9973):
        bad = bytearray(whole)
        bad[place] ^= 4
        path.write_bytes(bad)
        with pytest.raises(
            CourseError, match="run.safetensors is damaged or another network's .its digest does not match"
        ):
            weights.restore(network, "run")


@pytest.mark.parametrize("content", (b"", b"not weights at all"))
def test_damaged_weights_are_refused(tmp_path, content):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/run.safetensors").write_bytes(content)
    with pytest.raises(CourseError, match="run.safetensors is damaged"):
        weights.restore(network, "run")


@pytest.mark.parametrize("name", ("digits/plain-20", "cifar10", "activations"))
def test_only_one_network_that_is_costly_to_train_has_weights(name):
    with pytest.raises(
        CourseError,
        match="is not one network with weights: none is here, scripts/train.py cifar10-short makes some",
    ):
        pretrained(name)


@pytest.mark.parametrize("name", ("digits/resnet-20", "cifar10", "activations"))
def test_only_networks_whose_weights_are_here_are_named(name, monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "WEIGHTS", COMMITTED)
    with pytest.raises(CourseError) as refusal:
        pretrained(name)
    named = str(refusal.value).partition("choose from ")[2].split(", ")
    assert len(named) == len(list(COMMITTED.iterdir())) > 0
    for each in named:
        pretrained(each)


def test_responses_are_those_of_the_layers_that_the_kept_weights_make(two_batches, monkeypatch):
    monkeypatch.setattr(paths, "WEIGHTS", COMMITTED)
    spec = Responses("resnet-20", "resnet", 20, "cifar10", "cifar10", images=64)
    rows = spec.measure(Setting(0, two_batches, "cpu", lambda done, text: None))
    net, x = pretrained("cifar10/resnet-20"), two_batches.normalise(two_batches.test_x[:64])
    with torch.no_grad():
        first = net.bn1(net.conv1(x))
        second = net.layer1[0].bn1(net.layer1[0].conv1(F.relu(first)))
    assert [row["layer"] for row in rows] == list(range(1, 20))
    assert [row["deviation"] for row in rows[:2]] == pytest.approx(
        [each.std(correction=0).item() for each in (first, second)]
    )


def test_responses_without_weights_say_how_to_get_them(two_batches):
    spec = Responses("resnet-32", "resnet", 32, "cifar10", "cifar10")
    with pytest.raises(
        CourseError, match="no weights of cifar10-resnet-32-seed0: scripts/train.py keeps them"
    ):
        spec.measure(Setting(0, two_batches, "cpu", lambda done, text: None))


def test_the_first_seed_of_what_is_costly_keeps_its_weights():
    keeping = {
        (run.experiment, run.seed) for name in EXPERIMENTS for run in choose([name]) if run.keeps_weights
    }
    assert keeping == {
        ("cifar10", 0),
        ("cifar10-vgg", 0),
        ("cifar10-short", 0),
        ("cifar10-afterwards", 0),
        ("imagenet", 0),
    }
