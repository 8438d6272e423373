"""Runs side by side are measured together, and what is best of them is said and recorded."""

import sys
from concurrent.futures import Future

import pytest
import torch

from course import CourseError, paths, records
from scripts import side_by_side


@pytest.fixture
def script(two_batches, tmp_path, monkeypatch):
    """Call it with the script's arguments: two batches a turn, records in a folder of their own."""
    monkeypatch.setattr(side_by_side, "load", lambda name, root: two_batches)
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    threads = torch.get_num_threads()

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["side_by_side.py", *arguments])
        side_by_side.main()
        (path,) = tmp_path.iterdir()
        return records.read(path)

    yield run
    torch.set_num_threads(threads)


@pytest.mark.slow
def test_it_measures_each_number_of_runs_and_names_the_best(script, capsys):
    record = script("--jobs", "1", "2", "--turns", "2")
    assert (record.experiment, record.run) == ("side-by-side", "resnet-20-cpu")
    assert [(row["jobs"], row["turn"]) for row in record.rows()] == [(1, 1), (2, 1), (1, 2), (2, 2)]
    mean = {
        jobs: sum(row["images_per_second"] for row in record.rows() if row["jobs"] == jobs) / 2
        for jobs in (1, 2)
    }
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == f"the most images per second: --jobs {max(mean, key=mean.get)}"
    assert f"{mean[2] / mean[1]:.2f}" in printed.splitlines()[2]


def test_all_images_count_and_the_slowest_run_decides():
    assert side_by_side.rate([Steady(1.0), Steady(2.0)], 256) == 256.0


class Steady:
    """A worker whose turns take so many seconds."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def call(self, jobs: int) -> Future:
        done = Future()
        done.set_result(self.seconds)
        return done


@pytest.mark.parametrize(
    "arguments, complaint",
    (
        (["--jobs", "0"], "--jobs and --turns of less than 1"),
        (["--network", "lenet"], "unknown network 'lenet'"),
    ),
)
def test_what_cannot_be_measured_is_refused(script, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        script(*arguments)
