"""The exercises: the folder that a reader works in is made from the solutions.

    docs/exercises/vgg.md               the text, included at the end of the lecture
    docs/exercises/solutions/vgg.py     the solutions
    docs/exercises/checks/check_vgg.py  pytest tests of an answer, with messages that teach
    docs/exercises/quizzes/vgg.toml     the questions of the lecture's quiz

A function whose docstring begins with "Exercise 3" is the reader's to write. The starter is the solution
without the bodies of such functions, made anew whenever it is needed, so that the two cannot drift apart.

{{ exercises vgg }} lists those of a lecture; `make exercises` writes the folder.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from mkdocs.exceptions import PluginError

from course.paths import ROOT
from sitetools import datafiles
from sitetools.archives import zipped
from sitetools.syntax.directives import Spot, directive
from sitetools.syntax.markup import TEMPLATES

SOURCE = ROOT / "docs/exercises"
EXERCISE = re.compile(
    r"^### (\d+)\. ([^\n]+?) \{ #(\S+) \}\n\n(\w+) · ([^\n]+)\n(.*?)(?=^### \d|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lecture, read from its text. time: as the reader sees it, such as "10 minutes"."""

    number: int
    title: str
    anchor: str
    grade: str
    time: str
    text: str


def exercises(lecture: str) -> list[Exercise]:
    """The exercises of a lecture, in order. Raises FileNotFoundError for a lecture that has none."""
    page = (SOURCE / f"{lecture}.md").read_text(encoding="utf-8")
    return [
        Exercise(int(number), title, anchor, grade.lower(), time, text)
        for number, title, anchor, grade, time, text in EXERCISE.findall(page)
    ]


def lectures() -> list[str]:
    """The lectures that have exercises."""
    return sorted(path.stem for path in SOURCE.glob("*.md") if path.stem != "index")


def starter(solution: str) -> str:
    """The source of a solution without what the reader is to write; signatures and docstrings stay."""
    lines = solution.splitlines()
    for function in reversed(asked(ast.parse(solution))):
        docstring = function.body[0]
        indent = " " * docstring.col_offset
        lines[docstring.end_lineno : function.end_lineno] = [
            f'{indent}raise NotImplementedError("exercise {number(function)}: write {function.name}")'
        ]
    return "\n".join(lines) + "\n"


def starter_of(path: Path) -> str:
    """Raises PluginError for a solution that is not Python."""
    with datafiles.entry(path, "the solution"):
        return starter(path.read_text(encoding="utf-8"))


def asked(tree: ast.AST) -> list[ast.FunctionDef]:
    """The functions and methods that an exercise asks for, in the order of the file."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and re.match(r"Exercise \d+", ast.get_docstring(node) or "")
    ]
    return sorted(found, key=lambda function: function.lineno)


def number(function: ast.FunctionDef) -> int:
    """Of the exercise that asks for the function."""
    return int(str(ast.get_docstring(function)).split()[1].rstrip(".:,"))


def folder() -> dict[str, str]:
    """The reader's folder: the text of each file by its name."""
    return {path.name: starter_of(path) for path in sorted(SOURCE.glob("solutions/*.py"))} | {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(SOURCE.glob("checks/*.*"))
        if path.suffix in (".py", ".txt")
    }


def archive() -> bytes:
    """The folder as a zip file, beside the course that it imports; the same sources give the same bytes."""
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(ROOT.glob("course/**/*.*"))
        if path.suffix in (".py", ".csv")
    }
    files |= {f"exercises/{name}": text for name, text in folder().items()}
    return zipped({f"going-deeper/{name}": text for name, text in files.items()})


@directive("exercises")
def listed(spot: Spot, lecture: str) -> None:
    if lecture not in lectures():
        raise PluginError(f"no exercises for {lecture!r}: choose one of {', '.join(lectures())}")
    table = TEMPLATES.get_template("exercises.md")
    spot.markdown(table.render(lecture=lecture, exercises=exercises(lecture)))
