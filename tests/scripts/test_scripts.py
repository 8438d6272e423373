"""The two scripts as a reader runs them: what they do, what they say,
and what is left when they are stopped.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from course import CourseError, paths, records, train
from course.experiments import EXPERIMENTS, choose
from course.experiments.progress import Bars
from course.figures import FIGURES
from course.machine import devices, ending, files
from scripts import render

RECORDS = paths.RUNS
ROOT = Path(__file__).parents[2]
NAMES = ["activations/sigmoid", "networks/vgg-19"]
SOME = ["activation-functions", "gradient-decay", "cifar10", "error-against-cost"]
QUICK = ["scripts/train.py", *NAMES, "--seeds", "0", "1", "--jobs", "2"]
LONG = ["scripts/train.py", "activations/sigmoid", "digits/plain-56", "--seeds", "0", "--jobs", "2"]
ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}


def start(house: Path, *arguments: str) -> subprocess.Popen:
    """The script in a process group of its own, as a shell starts it;
    one that runs in the background would ignore Ctrl-C.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=house,
        env=ENVIRONMENT,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        **pipes,
    )


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
    return {
        name: {k: v for k, v in content.items() if k not in ("seconds", "commit", "digest")}
        for name, content in found.items()
    }


WRONG = {
    "unknown experiment": (["scripts/train.py", "mnist"], f"unknown experiment 'mnist': choose from {', '.join(EXPERIMENTS)}"),
    "unknown run": (["scripts/train.py", "digits/plain-8"], "unknown run 'digits/plain-8': choose from digits/plain-56, digits/resnet-56"),
    "unknown device": (["scripts/train.py", "activations", "--device", "abacus"], "unknown device 'abacus': choose cpu, cuda or cuda:N"),
    "unsupported device": (["scripts/train.py", "activations", "--device", "mps"], "device 'mps' is not supported, nothing here was tried on it: choose cpu, cuda or cuda:N"),
    "no such device": (["scripts/train.py", "activations", "--device", "cuda:63"], "there is no device cuda:63 on this machine, which has "),
    "too large a seed": (["scripts/train.py", "activations", "--seeds", "0", "18446744073709551616"], "18446744073709551616 is no seed: choose from 0 to 4294967295"),
    "negative seed": (["scripts/train.py", "activations", "--seeds", "-1"], "-1 is no seed: choose from 0 to 4294967295"),
    "no jobs": (["scripts/train.py", "activations", "--jobs", "0"], "--jobs 0 runs nothing: choose 1 or more"),
    "unknown figure": (["scripts/render.py", "mona-lisa"], f"unknown figure 'mona-lisa': choose from {', '.join(sorted(FIGURES))}"),
    "figure without records": (["scripts/render.py", "degradation"], "no record of 'digits' in"),
}  # fmt: skip


@pytest.mark.slow
def test_what_cannot_be_done_is_said_in_one_line(house):
    arguments, complaint = WRONG["unknown experiment"]
    status, output, errors = run(house, *arguments)
    assert status == 1 and output == ""
    assert errors.startswith("error: ") and errors.count("\n") == 1 and complaint in errors
    assert not (house / "figures").exists()


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_done_is_refused_with_what_can(tmp_path, monkeypatch, capsys, what):
    arguments, complaint = WRONG[what]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handlers are those of the tests
    monkeypatch.setattr(paths, "RUNS", tmp_path / "figures/runs")
    with pytest.raises(SystemExit) as ended:
        ending.run(render.main if "render" in arguments[0] else train.main, stopped="")
    assert ended.value.code.startswith("error: ") and complaint in ended.value.code
    assert "\n" not in ended.value.code and capsys.readouterr().out == ""
    assert not (tmp_path / "figures").exists()


def test_the_list_names_every_run_with_its_data_its_length_and_what_is_recorded(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["scripts/train.py", "--list"])
    train.main()
    output = capsys.readouterr().out
    lines = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line.startswith(" ")}
    assert list(lines) == [f"{e.name}/{s.name}" for e in EXPERIMENTS.values() for s in e.specs]
    assert lines["digits/plain-56"][:8] == ["digits", "264", "iterations", "5", "of", "5", "recorded:", "CPU"]
    assert lines["cifar10/resnet-110"][:3] == ["cifar10", "64,000", "iterations"]
    assert lines["activations/relu"][:4] == ["1", "of", "1", "recorded:"]


def test_the_list_says_on_what_in_which_precision_for_how_long_and_from_which_commit_a_run_was_measured():
    record = records.read(paths.RUNS / "activations-tanh-seed0.json")
    one = replace(record, device="CPU (one)", precision="", seconds=1.26, commit="aaa")
    assert train.summary([one]) == ": CPU (one); 1.3 s; commit aaa"
    three = [
        replace(one, precision="float32", seconds=seconds, commit=commit)
        for seconds, commit in ((2.0, "bbb"), (7.0, "aaa"), (1.0, "bbb"))
    ]
    assert train.summary(three) == ": CPU (one); float32; 1.0 to 7.0 s; commits aaa, bbb"
    assert (
        train.summary([*three, replace(one, device="GPU", precision="bfloat16", commit=None)])
        == ": CPU (one) and GPU; bfloat16 and float32; 1.0 to 7.0 s; commits aaa, bbb"
    )
    assert train.summary([]) == ""


def test_a_run_is_measured_once_however_often_it_is_named():
    twice = [run.stem for run in choose(["digits/plain-56", "digits", "digits/plain-56"], [7, 8, 7])]
    assert sorted(twice) == sorted(run.stem for run in choose(["digits"], [7, 8]))


@pytest.mark.parametrize(
    "native, said",
    (
        (True, "trains in bfloat16, as the recipe asks"),
        (
            False,
            "trains in float32: the recipe asks for bfloat16, for which this processor has no instructions",
        ),
    ),
)
def test_the_start_says_in_which_precision_a_training_computes_and_why(monkeypatch, capsys, native, said):
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: native)
    runs = list(choose(["digits/plain-56", "cifar10", "networks"]))
    train.announce(runs, runs, "cpu")
    assert capsys.readouterr().out.splitlines()[-2:] == [said, "trains in float32, as the recipe asks"]
    assert {run.precision("cpu") for run in choose(["cifar10"])} == {said.split()[2].strip(":,")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    house = build(tmp_path_factory.mktemp("undisturbed"))
    status, output, errors = run(house, *QUICK)
    assert (status, errors) == (0, "")
    assert output.splitlines()[-1].endswith("4 of 4")
    return house


@pytest.mark.slow
def test_a_run_leaves_a_record_for_each_seed_and_nothing_else(undisturbed):
    expected = [f"{run.experiment}-{run.spec.name}-seed{run.seed}.json" for run in choose(NAMES, [0, 1])]
    assert sorted(path.name for path in (undisturbed / "figures/runs").iterdir()) == sorted(expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", ("activations-sigmoid-seed0.json", "networks-vgg-19-seed0.json"))
def test_what_is_measured_again_is_what_is_committed(undisturbed, name):
    again, committed = (
        records.read(folder / name).table for folder in (undisturbed / "figures/runs", paths.RUNS)
    )
    assert again.keys() == committed.keys()
    for column, values in committed.items():
        expected = (
            values
            if any(isinstance(value, str) for value in values)
            else pytest.approx(values, rel=1e-4, abs=1e-9)
        )
        assert again[column] == expected, column


@pytest.mark.slow
def test_a_second_run_skips_what_is_recorded(undisturbed, monkeypatch, capsys):
    before = [path.read_bytes() for path in runs(undisturbed)]
    monkeypatch.setattr(sys, "argv", QUICK)
    monkeypatch.setattr(paths, "RUNS", undisturbed / "figures/runs")
    train.main()
    said = "4 of 4 runs are recorded already (--fresh measures them anew)\n"
    assert capsys.readouterr() == (said, "")
    assert [path.read_bytes() for path in runs(undisturbed)] == before


@pytest.mark.slow
def test_a_record_of_another_specification_is_named_and_measured_anew(house):
    record = records.read(paths.RUNS / "activations-tanh-seed0.json")
    records.write(replace(record, spec=record.spec | {"points": 3}), house / "figures/runs")
    status, output, _ = run(house, "scripts/train.py", "activations/tanh")
    assert status == 0
    assert output.startswith(
        "recorded with another recipe or network than today's, measured anew: activations/tanh seed 0\n"
    )
    assert records.read(house / "figures/runs" / record.filename).table == record.table


def wait_for_a_record(house: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while not runs(house):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.005)


@pytest.mark.slow
def test_a_kill_ends_the_workers_leaves_whole_records_and_the_next_run_completes_them(house, undisturbed):
    process = start(house, *QUICK)
    wait_for_a_record(house, process)
    process.kill()
    process.communicate(timeout=30)  # returns when the last process that can write to the pipes has gone
    left = runs(house)
    assert 1 <= len(left) < 4, "killed too late to be a test"
    assert all(records.read(path) for path in left)
    status, output, _ = run(house, *QUICK)
    assert status == 0 and output.startswith(f"{len(left)} of 4 runs are recorded already")
    assert tables(house) == tables(undisturbed)


def wait_for_a_worker(process: subprocess.Popen) -> int:
    """The first worker's number, as soon as it has one: it is still importing torch then."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="], capture_output=True, text=True
        ).stdout
        for line in listed.splitlines():
            pid, parent, command = line.split(maxsplit=2)
            if int(parent) == process.pid and "spawn_main" in command:
                return int(pid)
        time.sleep(0.02)
    raise AssertionError("no worker was started")


@pytest.mark.slow
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


@pytest.mark.slow
def test_control_c_stops_a_measurement_of_speed_with_one_line(house):
    script = house / "scripts/side_by_side.py"
    source = script.read_text(encoding="utf-8")
    assert 'load("cifar10", args.root)' in source  # which is large, and no worker comes to see it
    script.write_text(source.replace('load("cifar10", args.root)', 'load("digits")'), encoding="utf-8")
    process = start(house, "scripts/side_by_side.py", "--jobs", "2")
    wait_for_a_worker(process)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "stopped: nothing is recorded\n"
    assert process.returncode == 1 and not (house / "figures").exists()


@pytest.mark.slow
def test_a_worker_that_dies_is_said_in_one_line_and_the_others_finish(house):
    process = start(house, "scripts/train.py", *NAMES, "--seeds", "0", "1", "--jobs", "3")
    # as the system does when memory runs out, while others are started
    os.kill(wait_for_a_worker(process), signal.SIGKILL)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1 and len(runs(house)) == 3
    assert (
        "seed 0: a worker died" in errors
        and errors.count("\n") == 1
        and "--jobs" in errors
        and errors.startswith("error: ")
    )
    assert "failed: a worker died" in output and "4 of 4" in output


@pytest.mark.slow
def test_when_the_last_worker_dies_what_was_not_begun_is_named(house):
    process = start(house, "scripts/train.py", *NAMES, "--seeds", "0", "1", "--jobs", "1")
    os.kill(wait_for_a_worker(process), signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1 and runs(house) == []
    assert errors.startswith("error: 4 runs failed, for the reasons above: ")


@pytest.mark.slow
def test_a_run_that_fails_does_not_end_the_others_and_is_named_at_the_end(house):
    """A damaged checkpoint, and one that another process holds."""
    first, second, other = choose(["digits/plain-56", "digits/resnet-20", "activations/sigmoid"], [0])
    checkpoint = house / ".cache/checkpoints" / f"{first.stem}.pt"
    files.write(checkpoint, "no checkpoint")
    with files.held(house / ".cache/running" / second.stem, "it"):
        status, output, errors = run(
            house,
            "scripts/train.py",
            "digits/plain-56",
            "digits/resnet-20",
            "activations/sigmoid",
            "--seeds",
            "0",
            "--jobs",
            "2",
        )
    assert status == 1 and [path.stem for path in runs(house)] == [other.stem]
    assert (
        errors
        == f"error: 2 runs failed, for the reasons above: {', '.join(sorted((str(first), str(second)), key=errors.index))}\n"
    )
    assert f"{first}: failed: {checkpoint.name} is damaged" in output
    assert f"{second}: failed: {second} is in the hands of another process: wait for it, or stop it" in output
    assert checkpoint.read_text() == "no checkpoint"


def test_a_run_that_another_process_has_recorded_meanwhile_is_not_measured_again(house, monkeypatch, capsys):
    monkeypatch.setattr(paths, "CHECKPOINTS", house / "checkpoints")
    monkeypatch.setattr(paths, "RUNS", house / "runs")
    (wanted,) = choose(["activations/tanh"])
    with closing(Bars([wanted])) as bars:
        tally = train.Tally([wanted], False, bars)
        records.write(records.read(RECORDS / f"{wanted.stem}.json"), house / "runs")
        assert not tally.begin(wanted)
        assert (
            tally.failed == {}
            and "activations/tanh seed 0: recorded by another process meanwhile, 1 of 1"
            in capsys.readouterr().out
        )
        anew = train.Tally([wanted], True, bars)
        assert anew.begin(wanted)
        assert not train.Tally([wanted], True, bars).begin(wanted), "it is held now"


def test_what_nobody_expected_is_raised_as_it_is_once_all_are_through():
    first, second = choose(["activations/tanh", "activations/relu"])
    mistake = KeyError("a mistake in the course")
    with pytest.raises(KeyError, match="a mistake in the course"):
        train.conclude({first: CourseError("too small"), second: mistake})
    with pytest.raises(CourseError, match="activations/tanh seed 0: too small"):
        train.conclude({first: CourseError("too small")})
    train.conclude({})


@pytest.mark.parametrize("script", ("train", "benchmark", "side_by_side"))
def test_control_c_while_torch_is_imported_is_answered_with_one_line(house, script):
    # Short sleeps: a signal that comes just before a long one would be answered after it.
    (house / "torch.py").write_text(
        "import time\nprint('importing', flush=True)\nfor _ in range(600):\n    time.sleep(0.1)\n"
    )
    process = start(house, f"scripts/{script}.py")
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (1, "stopped: nothing was begun\n")


@pytest.mark.slow
def test_a_kill_is_answered_as_control_c_is_and_leaves_no_semaphores(house):
    process = start(house, *LONG)
    wait_for_a_record(house, process)
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (
        1,
        "stopped: what is finished is recorded, run the same command to go on\n",
    )


@pytest.mark.parametrize("length", (10, 100_000))
def test_a_reader_that_leaves_early_hears_no_complaint(house, length):
    """More than a pipe holds, and less."""
    (house / "long.py").write_text(
        f"from course.machine import ending\nending.run(lambda: print('x\\n' * {length}), stopped='')\n"
    )
    process = start(house, "long.py")
    process.stdout.close()
    errors = process.stderr.read()
    assert process.wait(timeout=60) == 1 and errors == ""


@pytest.mark.parametrize("device, jobs", (("cpu", os.cpu_count()), ("cuda", 1), ("cuda:1", 1)))
def test_a_gpu_trains_one_run_at_a_time_unless_it_is_told_otherwise(device, jobs):
    assert train.jobs_on(device) == jobs


@pytest.mark.parametrize(
    "names", [pytest.param(SOME, id="some"), pytest.param([], id="all", marks=pytest.mark.slow)]
)
def test_the_committed_figures_are_what_the_records_give(names):
    status, output, errors = run(ROOT, "scripts/render.py", "--check", *names)
    assert status == 0, errors
    drawn = [FIGURES[name] for name in names or FIGURES]
    projected = sum(drawing.slide for drawing in drawn)
    assert output == f"{2 * len(drawn) + 2 * projected + 1} files are up to date with the records\n"


@pytest.fixture
def gallery(tmp_path, monkeypatch, capsys):
    """The folder of the figures, as a copy, and what draws in it when it is called with arguments."""
    figures = Path(shutil.copytree(paths.FIGURES, tmp_path / "figures"))
    for name in ("RUNS", "MANIFEST", "SVG", "PRINT"):
        monkeypatch.setattr(paths, name, figures / getattr(paths, name).name)

    def draw(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["render.py", *arguments])
        render.main()
        return capsys.readouterr().out

    return figures, draw


def test_an_altered_figure_is_named_and_drawn_again(gallery):
    figures, draw = gallery
    path = figures / "svg/degradation-dark.svg"
    committed = path.read_text(encoding="utf-8")
    path.write_text(committed.replace("<path", "<path ", 1), encoding="utf-8")
    with pytest.raises(CourseError, match="python scripts/render.py") as stale:
        draw("--check", "degradation")
    assert "degradation-dark.svg" in str(stale.value) and "degradation-light.svg" not in str(stale.value)
    assert draw("degradation") == "1 of 5 files changed\n"
    assert path.read_text(encoding="utf-8") == committed


def test_a_figure_that_was_never_drawn_cannot_be_printed_and_is_named(gallery):
    figures, draw = gallery
    (figures / "svg/degradation-light.svg").unlink()
    missing = "^degradation-light.svg is missing: draw it with python scripts/render.py degradation$"
    with pytest.raises(CourseError, match=missing):
        draw("--print", "degradation")


def test_a_figure_is_not_drawn_from_a_damaged_record(gallery):
    figures, draw = gallery
    path = figures / "runs/digits-plain-20-seed0.json"
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    with pytest.raises(CourseError, match="^digits-plain-20-seed0.json is damaged"):
        draw("degradation")
