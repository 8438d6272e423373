"""The two scripts as a reader runs them: what they do, what they say, and what is left when they are stopped."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from course import records
from course.experiments import EXPERIMENTS
from course.gallery import FIGURES
from course.runs import choose

ROOT = Path(__file__).parent.parent
NAMES = ["activations/sigmoid", "networks/vgg-19"]
QUICK = ["scripts/train.py", *NAMES, "--seeds", "0", "1", "--jobs", "2"]
LONG = ["scripts/train.py", "activations/sigmoid", "digits/plain-56", "--seeds", "0", "--jobs", "2"]
ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}


def start(house: Path, *arguments: str) -> subprocess.Popen:
    """The script in a process group of its own, as a shell starts it; one that runs in the background would ignore Ctrl-C."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    return subprocess.Popen([sys.executable, *arguments], cwd=house, env=ENVIRONMENT, start_new_session=True, preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL), **pipes)


def run(house: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(house, *arguments)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def build(house: Path) -> Path:
    """The course and its scripts, with no record."""
    for folder in ("course", "scripts"):
        shutil.copytree(ROOT / folder, house / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return house


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return build(tmp_path)


def runs(house: Path) -> list[Path]:
    return sorted((house / "figures/runs").glob("*.json"))


def tables(house: Path) -> dict[str, dict]:
    """Every record, without when and where it was measured."""
    found = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in runs(house)}
    return {name: {k: v for k, v in content.items() if k not in ("seconds", "commit", "digest")} for name, content in found.items()}


WRONG = {
    "unknown experiment": (["scripts/train.py", "mnist"], f"unknown experiment 'mnist': choose from {', '.join(EXPERIMENTS)}"),
    "unknown run": (["scripts/train.py", "digits/plain-8"], "unknown run 'digits/plain-8': choose from digits/plain-56, digits/resnet-56"),
    "unknown device": (["scripts/train.py", "activations", "--device", "abacus"], "unknown device 'abacus': choose cpu, cuda or cuda:N"),
    "no jobs": (["scripts/train.py", "activations", "--jobs", "0"], "--jobs 0 runs nothing: choose 1 or more"),
    "unknown figure": (["scripts/render.py", "mona-lisa"], f"unknown figure 'mona-lisa': choose from {', '.join(sorted(FIGURES))}"),
    "figure without records": (["scripts/render.py", "degradation"], "no record of 'digits' in"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_done_is_said_in_one_line(house, what):
    arguments, complaint = WRONG[what]
    status, output, errors = run(house, *arguments)
    assert status == 1 and output == ""
    assert errors.startswith("error: ") and errors.count("\n") == 1 and complaint in errors
    assert not (house / "figures").exists()


def test_a_gpu_is_used_where_there_is_one_and_missed_in_one_line(house):
    status, output, errors = run(house, "scripts/train.py", "shattering/plain", "--seeds", "0", "--device", "cuda")
    if torch.cuda.is_available():
        assert status == 0 and json.loads(runs(house)[0].read_text())["device"] == torch.cuda.get_device_name()
    else:
        assert status == 1 and errors.startswith("error: there is no device cuda on this machine") and errors.count("\n") == 1


def test_the_list_names_every_run_with_its_data_its_length_and_what_is_recorded():
    status, output, _ = run(ROOT, "scripts/train.py", "--list")
    assert status == 0
    lines = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line.startswith(" ")}
    assert list(lines) == [f"{e.name}/{s.name}" for e in EXPERIMENTS.values() for s in e.specs]
    assert lines["digits/plain-56"] == ["digits", "264", "iterations", "5", "of", "5", "recorded"]
    assert lines["cifar10/resnet-110"][:3] == ["cifar10", "64,000", "iterations"]
    assert lines["activations/relu"] == ["1", "of", "1", "recorded"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    house = build(tmp_path_factory.mktemp("undisturbed"))
    status, output, errors = run(house, *QUICK)
    assert (status, errors) == (0, "")
    assert output.splitlines()[-1].endswith("4 of 4")
    return house


def test_a_run_leaves_a_record_for_each_seed_and_nothing_else(undisturbed):
    expected = [f"{run.experiment}-{run.spec.name}-seed{run.seed}.json" for run in choose(NAMES, [0, 1])]
    assert sorted(path.name for path in (undisturbed / "figures/runs").iterdir()) == sorted(expected)


@pytest.mark.parametrize("name", ("activations-sigmoid-seed0.json", "networks-vgg-19-seed0.json"))
def test_what_is_measured_again_is_what_is_committed(undisturbed, name):
    again, committed = (records.read(folder / name).table for folder in (undisturbed / "figures/runs", records.RUNS))
    assert again.keys() == committed.keys()
    for column, values in committed.items():
        expected = values if any(isinstance(value, str) for value in values) else pytest.approx(values, rel=1e-4, abs=1e-9)
        assert again[column] == expected, column


def test_a_second_run_skips_what_is_recorded(undisturbed):
    before = [path.read_bytes() for path in runs(undisturbed)]
    status, output, errors = run(undisturbed, *QUICK)
    assert (status, output, errors) == (0, "4 of 4 runs are recorded already (--fresh measures them anew)\n", "")
    assert [path.read_bytes() for path in runs(undisturbed)] == before


def test_a_record_of_another_specification_is_named_and_measured_anew(house):
    record = records.read(records.RUNS / "activations-tanh-seed0.json")
    records.write(replace(record, spec=record.spec | {"points": 3}), house / "figures/runs")
    status, output, _ = run(house, "scripts/train.py", "activations/tanh")
    assert status == 0
    assert output.startswith("recorded with another recipe or network than today's, measured anew: activations/tanh seed 0\n")
    assert records.read(house / "figures/runs" / record.filename).table == record.table


def wait_for_a_record(house: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while not runs(house):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.005)


def test_a_kill_leaves_whole_records_only_and_the_next_run_completes_them(house, undisturbed):
    process = start(house, *QUICK)
    wait_for_a_record(house, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    left = runs(house)
    assert 1 <= len(left) < 4, "killed too late to be a test"
    assert all(records.read(path) for path in left)
    status, output, _ = run(house, *QUICK)
    assert status == 0 and output.startswith(f"{len(left)} of 4 runs are recorded already")
    assert tables(house) == tables(undisturbed)


def test_no_process_outlives_a_parent_that_is_killed(house):
    process = start(house, *QUICK)
    wait_for_a_record(house, process)
    process.kill()
    process.communicate(timeout=30)  # returns when the last process that can write to the pipes has gone


def wait_for_a_worker(process: subprocess.Popen) -> int:
    """The first worker's number, as soon as it has one: it is still importing torch then."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="], capture_output=True, text=True).stdout
        for line in listed.splitlines():
            pid, parent, command = line.split(maxsplit=2)
            if int(parent) == process.pid and "spawn_main" in command:
                return int(pid)
        time.sleep(0.02)
    raise AssertionError("no worker was started")


@pytest.mark.parametrize("moment", ("while the workers start", "after a record"))
def test_control_c_is_answered_with_one_line(house, moment):
    process = start(house, *LONG)
    if moment == "after a record":
        wait_for_a_record(house, process)
    else:
        wait_for_a_worker(process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == "stopped: what is finished is recorded, run the same command to go on\n"
    assert all(records.read(path) for path in runs(house))


def test_control_c_stops_a_measurement_of_speed_with_one_line(house):
    (house / "data").mkdir()
    counts = {"train": 50_000, "test": 10_000}
    black = {f"{split}_x": np.zeros((n, 32, 32, 3), np.uint8) for split, n in counts.items()} | {f"{split}_y": np.zeros(n, np.uint8) for split, n in counts.items()}
    np.savez(house / "data/cifar10.npz", **black)
    process = start(house, "scripts/side_by_side.py", "--jobs", "2")
    wait_for_a_worker(process)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "stopped: nothing is recorded\n"
    assert process.returncode == 1 and not (house / "figures").exists()


def test_a_worker_that_dies_is_said_in_one_line(house):
    process = start(house, "scripts/train.py", "digits/plain-56", "--seeds", *"01234567", "--jobs", "8")
    os.kill(wait_for_a_worker(process), signal.SIGKILL)  # as the system does when memory runs out, while others are started
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("error: a worker died") and errors.count("\n") == 1 and "--jobs" in errors


@pytest.fixture
def gallery(house: Path) -> Path:
    """The course with its records and figures."""
    shutil.copytree(ROOT / "figures", house / "figures")
    return house


def test_the_committed_figures_are_what_the_records_give():
    status, output, errors = run(ROOT, "scripts/render.py", "--check")
    assert status == 0, errors
    assert output == f"{2 * len(FIGURES) + 1} files are up to date with the records\n"


def test_an_altered_figure_is_named_and_drawn_again(gallery):
    path = gallery / "figures/degradation-dark.svg"
    committed = path.read_text(encoding="utf-8")
    path.write_text(committed.replace("<path", "<path ", 1), encoding="utf-8")
    status, _, errors = run(gallery, "scripts/render.py", "--check", "degradation")
    assert status == 1 and errors.startswith("error: ") and errors.count("\n") == 1
    assert "degradation-dark.svg" in errors and "degradation-light.svg" not in errors and "python scripts/render.py" in errors
    status, output, _ = run(gallery, "scripts/render.py", "degradation")
    assert (status, output) == (0, "1 of 3 files changed\n")
    assert path.read_text(encoding="utf-8") == committed


def test_a_figure_is_not_drawn_from_a_damaged_record(gallery):
    path = gallery / "figures/runs/digits-plain-20-seed0.json"
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    status, _, errors = run(gallery, "scripts/render.py", "degradation")
    assert status == 1 and errors.count("\n") == 1 and errors.startswith("error: digits-plain-20-seed0.json is damaged")
