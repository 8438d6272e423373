"""A training that is cut off goes on as if nothing had happened; a checkpoint of anything else is refused."""
import pytest
import torch

from course import CourseError
from course.checkpoints import Checkpoint
from course.data import load
from course.models import cifar_resnet
from course.train import Recipe, fit

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
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True))


def test_a_checkpoint_counts_the_seconds_of_the_earlier_run(tmp_path):
    first = checkpoint(tmp_path)
    first.begun -= 100
    first.save({})
    second = checkpoint(tmp_path)
    second.load()
    assert 100 <= second.earlier < 110


def test_no_checkpoint_is_no_state(tmp_path):
    kept = checkpoint(tmp_path)
    assert kept.load() is None
    kept.save({"step": 1})
    assert kept.load() == {"step": 1}


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    checkpoint(tmp_path).save({})
    with pytest.raises(CourseError, match="run.pt is of another recipe or network.*--fresh"):
        checkpoint(tmp_path, recipe="that").load()


def test_a_checkpoint_of_another_torch_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "1.0.0")
    checkpoint(tmp_path).save({})
    monkeypatch.undo()
    with pytest.raises(CourseError, match="run.pt was written by torch 1.0.0"):
        checkpoint(tmp_path).load()


@pytest.mark.parametrize("content", (b"", b"not a checkpoint", b"PK\x03\x04 cut off"))
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "run.pt").write_bytes(content)
    with pytest.raises(CourseError, match="run.pt is damaged.*--fresh"):
        checkpoint(tmp_path).load()


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    checkpoint(tmp_path).save({"step": 1})

    def full(*arguments):
        raise RuntimeError("No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(CourseError, match="could not write the checkpoint run.pt.*make room"):
        checkpoint(tmp_path).save({"step": 2})
    assert checkpoint(tmp_path).load() == {"step": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
