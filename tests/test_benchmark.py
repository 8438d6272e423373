"""The benchmark compares like with like, says what it measured and records it."""
import re
import sys
from dataclasses import replace

import pytest
import torch

from course import CourseError, records
from course.experiments import EXPERIMENTS
from scripts import benchmark

SPEC = EXPERIMENTS["cifar10"].specs[-1]


@pytest.fixture
def script(two_batches, tmp_path, monkeypatch):
    """Call it with the script's arguments: two batches a turn, records in a folder of their own."""
    monkeypatch.setattr(benchmark, "TURN", 2)
    monkeypatch.setattr(benchmark, "load", lambda name, root: two_batches)
    monkeypatch.setattr(records.write, "__defaults__", (tmp_path,))

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["benchmark.py", *arguments])
        benchmark.main()
        (path,) = tmp_path.iterdir()
        return records.read(path)

    return run


def test_it_prints_the_rates_side_by_side_and_records_them(script, capsys):
    record = script("--turns", "2")
    assert (record.experiment, record.run) == ("benchmark", "resnet-20-cpu")
    rates = {name: [r["images_per_second"] for r in record.rows() if r["loop"] == name] for name in ("ours", "usual", "inference", "bound")}
    assert [len(values) for values in rates.values()] == [2, 2, 2, 1]
    assert all(rate > 0 for values in rates.values() for rate in values)
    printed = capsys.readouterr().out
    for name, values in rates.items():
        shown = float(re.search(rf"^{name} +([\d,]+)", printed, re.MULTILINE)[1].replace(",", ""))
        assert shown == pytest.approx(sum(values) / len(values), abs=1, rel=1e-3)
    ratio = sum(a / b for a, b in zip(rates["ours"], rates["usual"])) / 2
    assert f"ours is {ratio:.2f} ± " in printed and "times the usual loop, over 2 turns each" in printed


def test_both_loops_train_on_as_many_images(two_batches, monkeypatch):
    monkeypatch.setattr(benchmark, "TURN", 2)
    seen = []
    monkeypatch.setattr(torch.nn.functional, "cross_entropy", count(torch.nn.functional.cross_entropy, seen))
    for loop in (benchmark.our_loop, benchmark.usual_loop):
        seen.clear()
        loop(SPEC, two_batches, torch.device("cpu"))()
        assert seen == [SPEC.recipe.batch] * 2


def count(function, seen: list):
    def counting(logits, y):
        seen.append(len(y))
        return function(logits, y)

    return counting


def test_the_bound_is_a_matrix_rate_over_three_passes(monkeypatch):
    monkeypatch.setattr(benchmark, "timed", lambda run, device: 1.0)
    net = SPEC.network(3, 10)
    multiply_adds = sum(row["multiply_adds"] for row in records.rows("cifar-networks", records.RUNS) if row["run"] == SPEC.name)
    rate = benchmark.bound(net, torch.device("cpu"))
    assert rate == pytest.approx(2 * 2048**3 / (3 * 2 * multiply_adds), rel=1e-6)


@pytest.mark.parametrize("arguments, complaint", ((["--network", "lenet"], "unknown network 'lenet': choose from resnet-110,.*vgg-16-bn"), (["--turns", "0"], "--turns 0 measures nothing")))
def test_what_cannot_be_measured_is_refused(script, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        script(*arguments)
