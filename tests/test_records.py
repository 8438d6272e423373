"""Records: whole or not at all, and refused with a word of help where they are not what they claim to be."""
import errno
import json
import os
from dataclasses import replace

import pytest

from course import CourseError, records
from course.experiments import EXPERIMENTS, choose
from course.records import Record, Spread, geometric, last_epoch, read, read_all, rows, spread, write

RECORD = Record(
    experiment="digits",
    run="plain-20",
    seed=3,
    spec={"kind": "Curves", "name": "plain-20", "family": "plain", "depth": 20, "recipe": {"drops": [1, 2]}},
    data={"name": "digits", "digest": "abc", "train": 1437, "test": 360},
    table={"epoch": [1, 2], "train_error": [12.5, 3.125]},
    seconds=1.5,
    device="CPU",
    versions={"torch": "2.15.0"},
    commit=None,
)


def test_what_is_written_is_read_back(tmp_path):
    path = write(RECORD, tmp_path)
    assert path.name == "digits-plain-20-seed3.json"
    assert read(path) == RECORD
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_row_knows_its_run_its_seed_and_the_plain_values_of_its_spec():
    first, second = RECORD.rows()
    known = {"kind": "Curves", "name": "plain-20", "family": "plain", "depth": 20, "experiment": "digits", "run": "plain-20", "seed": 3}
    assert first == known | {"epoch": 1, "train_error": 12.5}
    assert second == known | {"epoch": 2, "train_error": 3.125}


def test_a_full_disk_leaves_the_old_record_and_no_part_of_the_new_one(tmp_path, monkeypatch):
    path = write(RECORD, tmp_path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="could not write digits-plain-20-seed3.json .No space left on device.: make room"):
        write(replace(RECORD, seconds=9.0), tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def edit(path, change):
    """Change the JSON of a record, and leave its digest as it is."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def signed(path, change):
    """Change it and give it a digest that fits."""

    def both(content):
        del content["digest"]
        change(content)
        content["digest"] = records.digest(content)

    edit(path, both)


def rename(path):
    path.rename(path.with_name("digits-plain-20-seed4.json"))
    return path.with_name("digits-plain-20-seed4.json")


DAMAGE = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:-20]), "is damaged"),
    "empty": (lambda p: p.write_bytes(b""), "is damaged"),
    "zeros, as after a power cut": (lambda p: p.write_bytes(bytes(500)), "is damaged"),
    "not text": (lambda p: p.write_bytes(b"\xff\xfe\x00"), "is damaged"),
    "other JSON": (lambda p: p.write_text('{"name": "something else"}'), "is damaged"),
    "a list": (lambda p: p.write_text("[1, 2]"), "is damaged"),
    "null": (lambda p: p.write_text("null"), "is damaged"),
    "a newer schema": (lambda p: edit(p, lambda c: c.update(schema=2)), "has schema 2, this version reads schema 1: update the repository"),
    "a number edited": (lambda p: edit(p, lambda c: c["table"]["train_error"].__setitem__(1, 0.0)), "was changed after it was recorded"),
    "the seed edited": (lambda p: edit(p, lambda c: c.update(seed=4)), "was changed after it was recorded"),
    "the digest removed": (lambda p: edit(p, lambda c: c.pop("digest")), "was changed after it was recorded"),
    "a field too many": (lambda p: signed(p, lambda c: c.update(mood="good")), "is not a record of this course"),
    "a field too few": (lambda p: signed(p, lambda c: c.pop("table")), "is not a record of this course"),
    "columns of two lengths": (lambda p: signed(p, lambda c: c["table"]["epoch"].pop()), "is not the record it claims to be"),
    "renamed": (rename, "is not the record it claims to be"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_not_the_record_it_claims_to_be_is_refused_in_one_line(damage, tmp_path):
    spoil, complaint = DAMAGE[damage]
    path = write(RECORD, tmp_path)
    renamed = spoil(path)
    path = renamed if damage == "renamed" else path
    with pytest.raises(CourseError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(path.name) and complaint in message and "restore it with git" in message
    assert "\n" not in message


def test_a_missing_record_says_what_makes_it(tmp_path):
    with pytest.raises(CourseError, match="no record digits-x-seed0.json: run scripts/train.py first"):
        read(tmp_path / "digits-x-seed0.json")
    with pytest.raises(CourseError, match="no record of 'digits'.*run python scripts/train.py digits"):
        read_all("digits", tmp_path)


def test_records_come_by_run_and_seed_without_those_of_an_experiment_of_a_similar_name(tmp_path):
    for experiment, run, seed in (("digits", "b", 10), ("digits", "b", 9), ("digits", "a", 1), ("digits-large", "a", 0)):
        write(replace(RECORD, experiment=experiment, run=run, seed=seed), tmp_path)
    assert [(r.run, r.seed) for r in read_all("digits", tmp_path)] == [("a", 1), ("b", 9), ("b", 10)]
    assert len(rows("digits", tmp_path)) == 6


@pytest.mark.parametrize("run", list(choose([])), ids=str)
def test_a_committed_record_is_of_todays_specification(run):
    record = read(records.RUNS / f"{run.experiment}-{run.spec.name}-seed{run.seed}.json")
    assert record.spec == records.plain(run.described())
    assert record.rows()


def test_every_committed_record_belongs_to_an_experiment_under_each_of_its_seeds():
    expected = {f"{e.name}-{spec.name}-seed{seed}.json" for e in EXPERIMENTS.values() if e.embedded for spec in e.specs for seed in e.seeds}
    named = {path.name for path in records.RUNS.iterdir() if path.name.startswith(tuple(f"{e.name}-" for e in EXPERIMENTS.values() if e.embedded))}
    assert named == expected


def test_every_committed_record_reads():
    paths = sorted(records.RUNS.iterdir())
    assert all(read(path).filename == path.name for path in paths)
    assert {read(path).experiment for path in paths} <= set(EXPERIMENTS)


def test_spread_is_mean_and_standard_deviation_of_what_shares_a_key():
    points = [{"epoch": 1, "error": 2.0}, {"epoch": 1, "error": 4.0}, {"epoch": 1, "error": 6.0}, {"epoch": 2, "error": 7.0}]
    assert spread(points, "error", "epoch") == {1: Spread(4.0, 2.0, 6.0, 3), 2: Spread(7.0, 7.0, 7.0, 1)}


def test_geometric_is_the_spread_of_the_logarithms():
    points = [{"layer": 1, "norm": 1e-3}, {"layer": 1, "norm": 1e-5}]
    found = geometric(points, "norm", "layer")[1]
    assert found.centre == pytest.approx(1e-4)
    assert found.low == pytest.approx(10 ** (-4 - 2**0.5)) and found.high == pytest.approx(10 ** (-4 + 2**0.5))


def test_last_epoch_is_the_last_of_every_run_and_not_the_best():
    points = [{"seed": s, "epoch": e, "error": error} for s in (0, 1) for e, error in ((1, 9.0), (2, 1.0), (3, 5.0))]
    assert last_epoch(points) == [{"seed": 0, "epoch": 3, "error": 5.0}, {"seed": 1, "epoch": 3, "error": 5.0}]


def test_a_table_keeps_six_significant_digits_and_whole_numbers_whole():
    found = records.columns([{"n": 138357544, "x": 1.23456789e-40}, {"n": 1, "x": 2.0}])
    assert found == {"n": [138357544, 1], "x": [1.23457e-40, 2.0]}
