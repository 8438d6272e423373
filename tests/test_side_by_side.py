"""Runs side by side are measured together, and what is best of them is said and recorded."""
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest
import torch

from course import CourseError, records
from course.data import Dataset
from scripts import side_by_side


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Call it with the script's arguments: two batches a turn, records in a folder of their own."""
    torch.manual_seed(0)
    x, y = torch.randint(0, 256, (256, 3, 32, 32), dtype=torch.uint8), torch.randint(0, 10, (256,))
    photographs = Dataset("cifar10", x, y, x, y, torch.full((3, 32, 32), 0.5), 0.25, "none")
    monkeypatch.setattr(side_by_side, "load", lambda name, root: photographs)
    monkeypatch.setattr(records.write, "__defaults__", (tmp_path,))
    threads = torch.get_num_threads()

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["side_by_side.py", *arguments])
        side_by_side.main()
        (path,) = tmp_path.iterdir()
        return records.read(path)

    yield run
    torch.set_num_threads(threads)


def test_it_measures_each_number_of_runs_and_names_the_best(script, capsys):
    record = script("--jobs", "1", "2", "--turns", "2")
    assert (record.experiment, record.run) == ("side-by-side", "resnet-20-cpu")
    assert [(row["jobs"], row["turn"]) for row in record.rows()] == [(1, 1), (2, 1), (1, 2), (2, 2)]
    mean = {jobs: sum(row["images_per_second"] for row in record.rows() if row["jobs"] == jobs) / 2 for jobs in (1, 2)}
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == f"the most images per second: --jobs {max(mean, key=mean.get)}"
    assert f"{mean[2] / mean[1]:.2f}" in printed.splitlines()[2]


def test_all_images_count_and_the_slowest_run_decides():
    runs = side_by_side.Runs.__new__(side_by_side.Runs)
    runs.images, runs.pool = 256, Pool([1.0, 2.0])
    assert runs.rate(2) == 256.0


class Pool:
    """map: the seconds that each run took, or what it raised."""

    def __init__(self, answer):
        self.answer = answer

    def map(self, function, jobs):
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def test_runs_that_do_not_fit_are_one_line():
    runs = side_by_side.Runs.__new__(side_by_side.Runs)
    runs.images, runs.barriers, runs.pool = 256, dict.fromkeys(range(1, 9)), Pool(BrokenProcessPool())
    with pytest.raises(CourseError, match="a run died, as when memory runs out: try fewer than --jobs 8"):
        runs.rate(2)


@pytest.mark.parametrize("arguments, complaint", ((["--jobs", "0"], "--jobs and --turns of less than 1"), (["--network", "lenet"], "unknown network 'lenet'")))
def test_what_cannot_be_measured_is_refused(script, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        script(*arguments)
