"""A training that is cut off goes on as if nothing had happened; a checkpoint of anything else is refused."""

import errno
import hashlib
import io
import os

import pytest
import torch

from course import CourseError
from course.data import load
from course.networks import cifar_resnet
from course.training import Recipe, fit
from course.training.checkpoints import Checkpoint, release

RECIPE = Recipe(iterations=30, drops=(15,), augment=True)


class Killed(Exception):
    pass


def train(checkpoint=None, until=None):
    torch.manual_seed(0)
    net = cifar_resnet(8, in_channels=1)

    def on_epoch(row):
        if row.epoch == until:
            raise Killed

    return fit(net, load("digits"), RECIPE, 3, on_epoch, checkpoint), net


def checkpoint(folder, **spec):
    return Checkpoint(folder / "run.pt", {"recipe": "this"} | spec)


@pytest.mark.parametrize("until", (1, 2))
def test_a_resumed_training_ends_where_an_undisturbed_one_does_bit_for_bit(tmp_path, until):
    undisturbed, net = train()
    with pytest.raises(Killed):
        train(checkpoint(tmp_path), until)
    resumed, other = train(checkpoint(tmp_path))
    assert resumed == undisturbed
    assert all(
        torch.equal(a, b) for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True)
    )


def saved(kept: Checkpoint) -> dict | None:
    """The state in the file, None where there is no file."""
    states = []
    kept.resume(states.append)
    return states[0] if states else None


def test_a_checkpoint_counts_the_seconds_of_the_earlier_run(tmp_path):
    first = checkpoint(tmp_path)
    first.begun -= 100
    first.save({})
    second = checkpoint(tmp_path)
    saved(second)
    assert 100 <= second.earlier < 110


def test_no_checkpoint_is_no_state(tmp_path):
    kept = checkpoint(tmp_path)
    assert saved(kept) is None
    kept.save({"step": 1})
    assert saved(kept) == {"step": 1}


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    checkpoint(tmp_path).save({})
    with pytest.raises(CourseError, match="run.pt is of another recipe, network.*delete .*run.pt"):
        saved(checkpoint(tmp_path, recipe="that"))


def test_a_checkpoint_of_another_torch_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "1.0.0")
    checkpoint(tmp_path).save({})
    monkeypatch.undo()
    with pytest.raises(CourseError, match="run.pt was written by torch 1.0.0"):
        saved(checkpoint(tmp_path))


def as_bytes(content) -> bytes:
    """What torch writes of `content`."""
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest() + content


ANOTHER = {
    "empty": b"",
    "text": b"not a checkpoint",
    "cut off": b"PK\x03\x04 cut off",
    "a tensor": as_bytes(torch.zeros(3)),
    "the state alone": as_bytes({"spec": {"recipe": "this"}, "state": {}}),
    "sealed text": sealed(b"not a checkpoint"),
    "a sealed list": sealed(as_bytes([1, 2])),
    "a sealed number": sealed(as_bytes(1)),
    "sealed without a state": sealed(
        as_bytes({"spec": {"recipe": "this"}, "torch": release(), "seconds": 0.0})
    ),
}


@pytest.mark.parametrize("content", ANOTHER.values(), ids=ANOTHER)
def test_what_is_no_checkpoint_is_damaged_in_one_line(tmp_path, content):
    (tmp_path / "run.pt").write_bytes(content)
    with pytest.raises(
        CourseError, match="run.pt is damaged.*delete .*run.pt and the run begins anew"
    ) as refusal:
        saved(checkpoint(tmp_path))
    assert "\n" not in str(refusal.value)


def test_one_wrong_bit_is_noticed_wherever_it_is(tmp_path):
    checkpoint(tmp_path).save({"net": torch.arange(1000.0), "step": 7})
    whole = (tmp_path / "run.pt").read_bytes()
    for place in range(0, len(whole), 97):
        bad = bytearray(whole)
        bad[place] ^= 4
        (tmp_path / "run.pt").write_bytes(bad)
        with pytest.raises(CourseError, match="run.pt is damaged"):
            saved(checkpoint(tmp_path))


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> dict:
    """Of the training above, after an epoch."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.raises(Killed):
        train(checkpoint(folder), until=2)
    return saved(checkpoint(folder))


IMPOSSIBLE = {
    "a list": lambda state: [1],
    "nothing": lambda state: {},
    "without its optimiser": lambda state: {
        name: value for name, value in state.items() if name != "optimiser"
    },
    "of another network": lambda state: state | {"net": cifar_resnet(14, in_channels=1).state_dict()},
    "with a network that is a number": lambda state: state | {"net": 1},
    "with an optimiser of fewer weights": lambda state: (
        state | {"optimiser": state["optimiser"] | {"param_groups": []}}
    ),
    "with text for a generator": lambda state: state | {"generator": "seeded"},
    "with curves of other columns": lambda state: state | {"history": [{"epoch": 1}]},
    "beyond its end": lambda state: state | {"step": RECIPE.iterations + 1},
    "with a step that is text": lambda state: state | {"step": "7"},
}


@pytest.mark.parametrize("change", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_state_that_this_run_cannot_have_is_damaged(tmp_path, state, change):
    checkpoint(tmp_path).save(change(state))
    with pytest.raises(CourseError, match="run.pt is damaged.*begins anew"):
        train(checkpoint(tmp_path))


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    checkpoint(tmp_path).save({"step": 1})

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="could not write run.pt.*make room"):
        checkpoint(tmp_path).save({"step": 2})
    assert saved(checkpoint(tmp_path)) == {"step": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
