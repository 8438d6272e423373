"""The checks of the exercises, run over a class: a folder of submissions becomes a table of points.

A submission is a folder with answers in it, vgg.py and its like, or in a folder exercises/ inside. Each file
of answers is checked in a process of its own, in a folder of its own that holds a copy of it and our checks:
what one does, an endless loop, a crash, a flood of output, files that it deletes, costs that student alone.
An exercise is a point; it is right if all of its checks are.
"""

import ast
import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from course import CourseError
from sitetools.parts.exercises import ROOT, SOURCE
from sitetools.syntax.markup import TEMPLATES

SECONDS = 10  # of computing, for one check
SECONDS_IN_ALL = 120  # by the clock, for one file of answers
LARGEST = 1_000_000  # bytes of one file of answers
GIGABYTE = 2**30


@dataclass
class Graded:
    """right: by exercise, such as "vgg 2".  messages: the first of each exercise that is not right.

    remarks: what a lecturer should look at.
    """

    student: str
    right: dict[str, bool] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def points(self) -> int:
        return sum(self.right.values())


@cache
def asked() -> dict[str, dict[str, list[str]]]:
    """The checks of each exercise, by the file of answers."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted(SOURCE.glob("checks/check_*.py")):
        name = path.stem.removeprefix("check_")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (number := re.match(r"test_exercise_(\d+)", node.name)):
                found.setdefault(name, {}).setdefault(f"{name} {number[1]}", []).append(node.name)
    return found


def submissions(folder: Path) -> list[Path]:
    """Raises CourseError for a folder in which there is nothing to grade."""
    if not folder.is_dir():
        raise CourseError(f"there is no folder {folder}: name the one with a folder for each student")
    students = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not any(answers(student) for student in students):
        raise CourseError(
            f"no answers in {folder}: it should hold a folder for each student, with files such as vgg.py "
            "in it, or in a folder exercises/ inside"
        )
    return students


def answers(student: Path) -> dict[str, Path]:
    """The files of answers by name; a link might lead anywhere, so it is none."""
    paths = [(name, folder / f"{name}.py") for folder in (student / "exercises", student) for name in asked()]
    return {name: path for name, path in paths if path.is_file() and not path.is_symlink()}


def grade(folder: Path, names: list[str], jobs: int) -> Iterator[Graded]:
    """The students of a folder in their order, each as soon as he and those before him are graded.

    names: the files of answers that were set, such as vgg.
    """
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda student: graded(student, names), submissions(folder))


def graded(student: Path, names: list[str]) -> Graded:
    result, handed_in = Graded(student.name), answers(student)
    for name in names:
        result.right |= dict.fromkeys(asked()[name], False)
        if name not in handed_in:
            result.remarks.append(f"{name}.py: not handed in")
        elif handed_in[name].stat().st_size > LARGEST:
            result.remarks.append(f"{name}.py: larger than {LARGEST:,} bytes, not run")
        else:
            judge(name, checked(handed_in[name]), result)
    return result


def checked(answer: Path) -> list[dict]:
    """What reporting.py told of the checks of one file of answers."""
    with TemporaryDirectory(prefix="grading-") as folder:
        room = Path(folder, "room")
        shutil.copytree(SOURCE / "checks", room)
        shutil.copy(answer, room / answer.name)
        shutil.copy(Path(__file__).with_name("reporting.py"), room)
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
        command += ["-p", "reporting", "-c", os.devnull, "--rootdir", str(room), f"check_{answer.name}"]
        report = Path(folder, "report")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(room),
            "TMPDIR": str(room),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(room), str(ROOT)]),
            "GRADING": str(report),
            "SECONDS_A_CHECK": str(SECONDS),
        }
        child = subprocess.Popen(
            command,
            cwd=room,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=limit,
        )
        try:
            with suppress(subprocess.TimeoutExpired):
                child.wait(SECONDS_IN_ALL)
        finally:
            with suppress(ProcessLookupError):  # what it has started ends with it
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    return [json.loads(line) for line in lines]


def limit() -> None:
    """In the child: what it may use up."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_IN_ALL, SECONDS_IN_ALL))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 2**20, 64 * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS takes the number and does not keep to it
        resource.setrlimit(resource.RLIMIT_AS, (8 * GIGABYTE, 8 * GIGABYTE))  # torch reserves more than 3


def judge(name: str, events: list[dict], result: Graded) -> None:
    told = defaultdict(
        lambda: {"right": False, "message": "was not reached"},
        {event["check"]: event for event in events if "check" in event},
    )
    began = [event["began"] for event in events if "began" in event]
    ended = any("ended" in event for event in events)
    unreadable = next((event["unreadable"] for event in events if "unreadable" in event), "")
    if unreadable:
        result.remarks.append(f"{name}.py cannot be read: {unreadable}")
    elif not ended:
        result.remarks.append(f"{name}.py: ended in {began[-1]}" if began else f"{name}.py: ended at once")
    result.remarks += [f"look at {name}.py: it {event['tried']}" for event in events if "tried" in event]
    for exercise, checks in asked()[name].items():
        wrong = [told[check]["message"] for check in checks if not told[check]["right"]]
        result.right[exercise] = not wrong
        if wrong and not unreadable:
            result.messages[exercise] = wrong[0].splitlines()[0]


def write(graded: list[Graded], names: list[str], folder: Path) -> list[Path]:
    """The table for a spreadsheet and the same to look at, for nobody else to read."""
    exercises = [exercise for name in names for exercise in asked()[name]]
    paths = [folder / "grades.csv", folder / "grades.html"]
    for path in paths:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
    with paths[0].open("w", encoding="utf-8-sig", newline="") as file:  # Excel asks for the mark
        rows = csv.writer(file)
        rows.writerow(["student", *exercises, "points", "of", "remarks", "messages"])
        for each in graded:
            messages = "; ".join(f"{exercise}: {told}" for exercise, told in each.messages.items())
            points = [int(each.right[exercise]) for exercise in exercises]
            text = [safe(part) for part in (each.student, "; ".join(each.remarks), messages)]
            rows.writerow([text[0], *points, each.points, len(exercises), *text[1:]])
    page = TEMPLATES.get_template("grades.html").render(graded=graded, exercises=exercises)
    paths[1].write_text(page, encoding="utf-8")
    return paths


def safe(text: str) -> str:
    """A spreadsheet would compute what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
