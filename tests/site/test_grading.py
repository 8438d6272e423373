"""A class of eleven hands in answers of every kind; each gets the points that are due, and no one costs another any."""

import csv
import stat
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from course import CourseError
from sitetools.commands import grade as command
from sitetools.parts.exercises import SOURCE, starter
from sitetools.teaching import grading

SOLUTION = (SOURCE / "solutions/vgg.py").read_text(encoding="utf-8")
FIRST = "    field, step = 1, 1  # pixels seen; pixels between two neighbouring units\n"


def with_first(line: str) -> str:
    """The solution, with a line at the beginning of exercise 2."""
    assert FIRST in SOLUTION
    return SOLUTION.replace(FIRST, f"    {line}\n{FIRST}")


CLASS = {  # what is handed in; points of 4; a word of the remarks; a word of the messages
    "right": (SOLUTION, 4, "", ""),
    "half right": (
        SOLUTION.replace("step *= stride", "step += stride").replace("channels = row\n", "pass\n"),
        2,
        "",
        "vgg 2: receptive_field of",
    ),
    "not begun": (starter(SOLUTION), 0, "", "vgg 2: Not written yet"),
    "loop": (with_first("while True: pass"), 3, "", "vgg 2: computed for more than"),
    "loop that catches": (
        with_first("while True:\n        try:\n            while True: pass\n        except Exception: pass"),
        3,
        "",
        "vgg 2: computed for more than",
    ),
    "crash": (
        SOLUTION.replace(
            "    channels, total = 3, 0\n", "    __import__('os')._exit(0)\n    channels, total = 3, 0\n"
        ),
        1,
        "ended in test_exercise_3",
        "vgg 3: was not reached",
    ),
    "flood": (with_first("print('x' * 200_000_000)"), 4, "", ""),
    "syntax error": ("def receptive_field(layers:\n", 0, "cannot be read: SyntaxError", ""),
    "empty": ("", 0, "", "AttributeError"),
    "reads the solutions": (
        with_first(f"open({str(SOURCE / 'solutions/vgg.py')!r}).read()"),
        3,
        "look at vgg.py: it reads the solutions",
        "vgg 2: PermissionError",
    ),
    "deletes": (
        with_first(f"__import__('os').remove({str(SOURCE / 'vgg.md')!r})"),
        3,
        "look at vgg.py: it changes files",
        "vgg 2: PermissionError",
    ),
    "replaces": (
        with_first(
            f"open('mine', 'w').close(); __import__('os').replace('mine', {str(SOURCE / 'never.md')!r})"
        ),
        3,
        "look at vgg.py: it changes files",
        "vgg 2: PermissionError",
    ),
    "=cmd": (None, 0, "vgg.py: not handed in", ""),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Path, str]:
    """The folder when it is graded, and what the command printed."""
    folder = tmp_path_factory.mktemp("submissions")
    for place, (name, (text, *_)) in enumerate(CLASS.items()):
        inside = folder / name / ("exercises" if place % 2 else "")
        inside.mkdir(parents=True)
        if text is not None:
            (inside / "vgg.py").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setattr(grading, "SECONDS", 3)
        command.main(folder, [])
    return folder, printed.getvalue()


@pytest.mark.slow
def test_each_gets_the_points_that_are_due_and_no_one_costs_another_any(graded):
    folder, printed = graded
    rows = list(csv.DictReader((folder / "grades.csv").open(encoding="utf-8-sig", newline="")))
    found = {row["student"].removeprefix("'"): row for row in rows}
    assert list(found) == sorted(CLASS)
    for name, (_, points, remark, message) in CLASS.items():
        row = found[name]
        assert (row["points"], row["of"]) == (str(points), "4"), row
        assert remark in row["remarks"] and bool(remark) == bool(row["remarks"]), row
        assert message in row["messages"] and bool(message) == bool(row["messages"]), row
    assert [found["half right"][f"vgg {number}"] for number in (2, 3, 4, 5)] == ["0", "0", "1", "1"]
    assert f"{len(CLASS)} graded" in printed


@pytest.mark.slow
def test_what_a_spreadsheet_would_compute_is_text(graded):
    assert "\n'=cmd," in (graded[0] / "grades.csv").read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_the_table_to_look_at_says_the_same_and_is_for_nobody_else(graded):
    folder = graded[0]
    page = BeautifulSoup((folder / "grades.html").read_text(encoding="utf-8"), "html.parser")
    points = {row.th.text: row.select("td.point")[-1].text for row in page.select("tbody tr")}
    assert points == {name: str(points) for name, (_, points, *_) in CLASS.items()}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.glob("grades.*"))


@pytest.mark.slow
def test_what_was_to_be_deleted_is_there(graded):
    assert (SOURCE / "vgg.md").exists() and not (SOURCE / "never.md").exists()


WRONG = {
    "nothing there": (lambda folder: None, "no answers in .*: it should hold a folder for each student"),
    "answers without a student": (lambda folder: (folder / "vgg.py").write_text(""), "no answers in"),
    "nested otherwise": (
        lambda folder: ((folder / "a/b/c").mkdir(parents=True), (folder / "a/b/c/vgg.py").write_text("")),
        "no answers in",
    ),
    "a link": (
        lambda folder: (
            (folder / "a").mkdir(),
            (folder / "a/vgg.py").symlink_to(SOURCE / "solutions/vgg.py"),
        ),
        "no answers in",
    ),
}


@pytest.mark.parametrize("make, told", WRONG.values(), ids=WRONG)
def test_a_folder_without_submissions_says_what_it_should_be(tmp_path, make, told):
    make(tmp_path)
    with pytest.raises(CourseError, match=told):
        grading.submissions(tmp_path)


def test_a_folder_that_is_not_there_and_exercises_that_are_not_are_named(tmp_path):
    with pytest.raises(CourseError, match="there is no folder"):
        grading.submissions(tmp_path / "nowhere")
    done = subprocess.run(
        [sys.executable, "-m", "sitetools.commands.grade", tmp_path, "vggg"],
        cwd=Path(grading.__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stderr.startswith("error: no exercises 'vggg': choose from alexnet,")
