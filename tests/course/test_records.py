"""A record is written whole or not at all, and only an intact record of this course is read."""

import errno
import json
import os
from dataclasses import replace

import pytest

from course import CourseError, paths, records
from course.experiments import EXPERIMENTS, choose
from course.records import Record, read, read_all, record, write
from course.records.statistics import Spread, geometric, last_epoch, spread

COMMITTED = sorted(paths.RUNS.glob("*.json"))
RECORD = Record(
    experiment="digits",
    run="plain-20",
    seed=3,
    spec={"kind": "Curves", "depth": 20, "recipe": {"drops": [1, 2]}, "data": "digits"},
    data={"name": "digits", "digest": "ab", "train": 1437, "test": 360},
    table={"epoch": [1, 2], "train_error": [50.0, 12.5]},
    seconds=1.5,
    device="CPU",
    versions={"python": "3.11"},
    commit=None,
)


def test_what_is_written_is_read_back_equal(tmp_path):
    path = write(RECORD, tmp_path)
    assert path == tmp_path / "digits-plain-20-seed3.json"
    assert read(path) == RECORD


def test_the_same_record_gives_the_same_bytes(tmp_path):
    path = write(RECORD, tmp_path)
    first = path.read_bytes()
    assert write(read(path), tmp_path).read_bytes() == first


def test_rows_know_their_run_their_seed_and_the_plain_values_of_their_spec():
    known = {
        "kind": "Curves",
        "depth": 20,
        "data": "digits",
        "experiment": "digits",
        "run": "plain-20",
        "seed": 3,
        "seconds": 1.5,
    }
    assert RECORD.rows() == [
        known | {"epoch": 1, "train_error": 50.0},
        known | {"epoch": 2, "train_error": 12.5},
    ]


def test_columns_keep_six_significant_digits():
    assert record.columns([{"a": 1.23456789, "b": 7}, {"a": 4.6e-40, "b": 8}]) == {
        "a": [1.23457, 4.6e-40],
        "b": [7, 8],
    }


def test_a_full_disk_leaves_the_old_record_and_no_part_of_the_new(tmp_path, monkeypatch):
    path = write(RECORD, tmp_path)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        CourseError,
        match="could not write digits-plain-20-seed3.json into .* .No space left on device.: make room there",
    ) as refusal:
        write(replace(RECORD, seconds=9.0), tmp_path)
    assert "\n" not in str(refusal.value)
    assert read(path) == RECORD
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_nothing_where_there_was_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")),
    )
    with pytest.raises(CourseError):
        write(RECORD, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_in_a_line(tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(CourseError, match="could not write digits-plain-20-seed3.json"):
        write(RECORD, tmp_path / "runs")


def changed(text: str, **fields) -> str:
    return json.dumps(json.loads(text) | fields)


def resealed(text: str, **fields) -> str:
    """A file of other content whose digest is right."""
    content = json.loads(text) | fields
    del content["digest"]
    return json.dumps(content | {"digest": record.digest(content)})


DAMAGE = {
    "truncated": (lambda text: text[: len(text) // 2], "is damaged"),
    "empty": (lambda text: "", "is damaged"),
    "not JSON": (lambda text: "<html>404</html>", "is damaged"),
    "not UTF-8": (lambda text: b"\xff\xfe\x00", "is damaged"),
    "a JSON list": (lambda text: "[1, 2]", "is damaged"),
    "a JSON null": (lambda text: "null", "is damaged"),
    "foreign JSON": (lambda text: '{"name": "package", "version": "1.0"}', "is damaged"),
    "newer schema": (
        lambda text: changed(text, schema=record.SCHEMA + 1),
        "has schema 2, this version reads schema 1: update",
    ),
    "edited by hand": (lambda text: text.replace("12.5", "0.5"), "was changed after it was recorded"),
    "without digest": (lambda text: changed(text, digest=None), "was changed after it was recorded"),
    "foreign JSON with our seal": (
        lambda text: resealed('{"schema": 1, "digest": "", "colour": "red"}'),
        "is not a record of this course",
    ),
    "foreign field": (lambda text: resealed(text, colour="red"), "is not a record of this course"),
    "uneven table": (
        lambda text: resealed(text, table={"epoch": [1, 2], "train_error": [3.0]}),
        "is not the record it claims to be",
    ),
    "table that is a list": (lambda text: resealed(text, table=[1, 2]), "is not a record of this course"),
    "column that is a number": (
        lambda text: resealed(text, table={"epoch": 1}),
        "is not a record of this course",
    ),
    "another seed": (lambda text: resealed(text, seed=4), "is not the record it claims to be"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_is_no_intact_record_is_refused_in_one_line_that_says_what_to_do(tmp_path, damage):
    path = write(RECORD, tmp_path)
    damaged, complaint = DAMAGE[damage][0](path.read_text()), DAMAGE[damage][1]
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(CourseError, match=complaint) as refusal:
        read(path)
    message = str(refusal.value)
    assert message.startswith(path.name)
    assert "restore it with git, or delete it and run scripts/train.py again" in message
    assert "\n" not in message


def test_a_renamed_record_is_refused(tmp_path):
    path = write(RECORD, tmp_path).rename(tmp_path / "digits-plain-56-seed3.json")
    with pytest.raises(
        CourseError, match="digits-plain-56-seed3.json is not the record it claims to be.*restore it with git"
    ):
        read(path)


def test_a_missing_record_is_answered_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(
        CourseError, match="there is no record digits-x-seed0.json: run scripts/train.py first"
    ):
        read(tmp_path / "digits-x-seed0.json")
    with pytest.raises(CourseError, match="no record of 'digits' in .*: run python scripts/train.py digits"):
        read_all("digits", tmp_path)


def test_one_damaged_record_stops_the_reading_of_all(tmp_path):
    write(RECORD, tmp_path)
    (tmp_path / "digits-plain-20-seed4.json").write_text("{")
    with pytest.raises(CourseError, match="digits-plain-20-seed4.json is damaged"):
        records.rows("digits", tmp_path)


def test_an_experiment_whose_name_begins_another_is_kept_apart(tmp_path):
    write(RECORD, tmp_path)
    write(replace(RECORD, experiment="digits-long"), tmp_path)
    assert [record.experiment for record in read_all("digits", tmp_path)] == ["digits"]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_record_is_intact_and_was_measured(path):
    record = read(path)
    assert record.seconds >= 0 and record.device and record.commit
    assert set(record.versions) == {"python", "torch", "torchvision", "numpy", "scikit-learn"}
    assert record.rows() or record.failed


def test_every_embedded_run_is_committed_under_every_seed_and_every_record_is_as_specified_today():
    today = {f"{run.stem}.json": records.plain(run.described()) for run in choose(list(EXPERIMENTS))}
    found = {
        path.name: read(path).spec
        for path in COMMITTED
        if not path.name.startswith(("benchmark-", "side-by-side-"))
    }
    assert found == {name: today.get(name) for name in found}
    assert {f"{run.stem}.json" for run in choose([])} <= found.keys()


def test_the_records_of_an_experiment_were_measured_on_one_device_and_one_data_set():
    for name, experiment in EXPERIMENTS.items():
        if experiment.embedded:
            found = read_all(name)
            assert (
                len({record.device for record in found})
                == len({record.data.get("digest") for record in found})
                == 1
            )


def test_the_digits_were_those_of_today():
    from course.data import load

    assert {record.data["digest"] for record in read_all("digits") + read_all("gradients")} == {
        load("digits").digest
    }


def test_spread_is_mean_and_sample_deviation_by_group():
    rows = [
        {"depth": 20, "error": 1.0},
        {"depth": 56, "error": 7.0},
        {"depth": 20, "error": 3.0},
        {"depth": 20, "error": 5.0},
    ]
    assert spread(rows, "error", "depth") == {20: Spread(3.0, 1.0, 5.0, 3), 56: Spread(7.0, 7.0, 7.0, 1)}


def test_geometric_is_the_same_on_a_logarithmic_scale():
    rows = [{"run": "a", "norm": 1e-4}, {"run": "a", "norm": 1e-2}, {"run": "a", "norm": 1.0}]
    (found,) = geometric(rows, "norm", "run").values()
    assert (found.centre, found.low, found.high, found.count) == (
        pytest.approx(1e-2),
        pytest.approx(1e-4),
        pytest.approx(1.0),
        3,
    )


def test_the_last_epoch_counts_and_not_the_best():
    rows = [
        {"epoch": 1, "seed": 0, "error": 5},
        {"epoch": 2, "seed": 0, "error": 9},
        {"epoch": 1, "seed": 1, "error": 1},
        {"epoch": 2, "seed": 1, "error": 2},
    ]
    assert [row["error"] for row in last_epoch(rows)] == [9, 2]
