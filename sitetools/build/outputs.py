"""What the labs printed and drew is kept under .cache/labs/: a lab runs again when its code has changed, a
module of the course, or what both run on.
"""

import hashlib
import importlib.metadata
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import jupytext
from mkdocs.exceptions import PluginError
from nbformat import NotebookNode, from_dict

from course.machine import files
from course.paths import ROOT
from course.records.record import versions
from sitetools.build.kernels import Lab

FOLDER = ROOT / ".cache/labs"
MOST = 40  # files: some versions of each lab, so that going back to one does not run it again


class KeptLab(Lab):
    """A lab that runs when nothing is kept of it."""

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, dict]:
        path = place(nb)
        if kept := read(path):
            for cell, outputs in zip(code(nb), kept, strict=True):
                cell.outputs = from_dict(outputs)
            return nb, resources
        nb, resources = super().preprocess(nb, resources, km)
        outputs = json.dumps([cell.outputs for cell in code(nb)])
        files.write(path, f"{digest(outputs)}\n{outputs}")
        return nb, resources


def run(labs: list[Path]) -> None:
    """Run those of which nothing is kept, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run_one, labs))
    with suppress(FileNotFoundError):  # another build tidies up
        for path in sorted(FOLDER.glob("*"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            path.unlink()


def run_one(lab: Path) -> None:
    try:
        ran(lab.read_text(encoding="utf-8"))
    except PluginError as error:
        raise PluginError(f"labs/{lab.name}: {error}") from None


def ran(text: str) -> NotebookNode:
    """The lab as a notebook, with its outputs."""
    return KeptLab().preprocess(jupytext.reads(text, fmt="py:percent"), {})[0]


def place(notebook: NotebookNode) -> Path:
    course = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ROOT.glob("course/**/*.py")}
    runs_on = versions() | {"matplotlib": importlib.metadata.version("matplotlib")}
    made_of = [[cell.source for cell in code(notebook)], sorted(course.items()), runs_on]
    return FOLDER / f"{digest(json.dumps(made_of))}.json"


def read(path: Path) -> list | None:
    """The outputs of each cell with code, or None where they are missing or damaged."""
    try:
        written, _, outputs = path.read_text(encoding="utf-8").partition("\n")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return json.loads(outputs) if written == digest(outputs) else None


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
