"""The benchmark compares like with like, says what it measured and records it."""

import re
import sys

import pytest
import torch

from course import CourseError, paths, records
from course.experiments import EXPERIMENTS
from course.machine import devices
from scripts import benchmark

SPEC = EXPERIMENTS["cifar10"].specs[-1]


CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two batches a turn."""
    monkeypatch.setattr(benchmark, "TURN", {"cpu": 2})


@pytest.fixture
def script(two_batches, tmp_path, monkeypatch):
    """Call it with the script's arguments; records go into a folder of their own."""
    monkeypatch.setattr(benchmark, "load", lambda name, root: two_batches)
    monkeypatch.setattr(paths, "RUNS", tmp_path)

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["benchmark.py", *arguments])
        benchmark.main()
        (path,) = tmp_path.iterdir()
        return records.read(path)

    return run


@pytest.mark.slow
def test_it_prints_the_rates_side_by_side_and_records_them(script, capsys, monkeypatch):
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: False)
    record = script("--turns", "2", "--workers", "1")
    assert (record.experiment, record.run, record.precision) == (
        "benchmark",
        "resnet-20-cpu-float32",
        "float32",
    )
    assert (record.spec["turns"], record.spec["batches"], record.spec["workers"]) == (2, 2, 1)
    rates = {
        name: [r["images_per_second"] for r in record.rows() if r["loop"] == name]
        for name in ("ours", "usual", "inference", "bound")
    }
    assert [len(values) for values in rates.values()] == [2, 2, 2, 1]
    assert all(rate > 0 for values in rates.values() for rate in values)
    assert all(
        row["images_per_second"] * row["seconds"] == pytest.approx(256, rel=1e-4)
        for row in record.rows()
        if row["turn"]
    )
    printed = capsys.readouterr().out
    assert printed.startswith(f"{record.device}; ours in float32; the usual loop in float32 with 1 worker\n")
    for name, values in rates.items():
        shown = re.search(rf"^{name} +([\d,]+)( ± [\d,]+)?", printed, re.MULTILINE)
        assert float(shown[1].replace(",", "")) == pytest.approx(sum(values) / len(values), abs=1, rel=1e-3)
        assert bool(shown[2]) == (len(values) > 1)
    ratio = sum(a / b for a, b in zip(rates["ours"], rates["usual"])) / 2
    assert (
        f"ours is {ratio:.2f} ± " in printed
        and "times the usual loop, over 2 turns of 2 batches each" in printed
    )


@pytest.mark.parametrize("native", (True, False))
def test_the_bound_is_that_of_the_precision_which_is_used(script, monkeypatch, native):
    """And what a machine computes in float32 does not take the place of what another computed in bfloat16."""
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: native)
    monkeypatch.setattr(benchmark, "our_loop", lambda *given: lambda: None)
    monkeypatch.setattr(benchmark, "usual_loop", lambda *given: lambda: None)
    asked = []
    monkeypatch.setattr(benchmark, "bound", lambda net, device, kind: asked.append(kind) or 1.0)
    record = script("--turns", "1")
    assert asked == [record.precision] == ["bfloat16" if native else "float32"]
    assert (
        record.run == ("resnet-20-cpu" if native else "resnet-20-cpu-float32") and record.spec["workers"] == 4
    )


@pytest.mark.slow
@pytest.mark.parametrize("workers", (0, 2))
def test_both_loops_train_on_as_many_images_and_prepare_none_outside_their_turn(
    two_batches, monkeypatch, workers
):
    seen, asked = [], []
    monkeypatch.setattr(torch.nn.functional, "cross_entropy", count(torch.nn.functional.cross_entropy, seen))
    plain = benchmark.DataLoader.__iter__
    monkeypatch.setattr(
        benchmark.DataLoader, "__iter__", lambda loader: asked.append(len(loader)) or plain(loader)
    )
    loops = benchmark.our_loop(SPEC, two_batches, CPU), benchmark.usual_loop(SPEC, two_batches, CPU, workers)
    assert asked == [], "nothing is prepared before the turn"
    for loop in loops:
        for _ in range(2):
            seen.clear()
            loop()
            assert seen == [SPEC.recipe.batch] * 2
    assert asked == [2, 2], "an epoch of its own for each turn: no batch is left over for the next one"


def count(function, seen: list):
    def counting(logits, y):
        seen.append(len(y))
        return function(logits, y)

    return counting


def test_the_bound_is_a_matrix_rate_over_three_passes(monkeypatch):
    monkeypatch.setattr(benchmark, "timed", lambda run, device: 1.0)
    net = SPEC.network(3, 10)
    multiply_adds = sum(
        row["multiply_adds"] for row in records.rows("cifar-networks", paths.RUNS) if row["run"] == SPEC.name
    )
    rate = benchmark.bound(net, CPU, "float32")
    assert rate == pytest.approx(2 * 2048**3 / (3 * 2 * multiply_adds), rel=1e-6)


@pytest.mark.parametrize(
    "arguments, complaint",
    (
        (["--network", "lenet"], "unknown network 'lenet': choose from resnet-110,.*vgg-16-bn"),
        (["--turns", "0"], "--turns 0 measures nothing"),
        (["--workers", "-1"], "--workers -1 is no number of processes"),
    ),
)
def test_what_cannot_be_measured_is_refused(script, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        script(*arguments)
