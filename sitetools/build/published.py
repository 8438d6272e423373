"""What a lecturer takes away beside the SVGs: each figure as a PDF for print,
each experiment's rows as one CSV table.
"""

import csv
import io
import subprocess
import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

from course import records
from sitetools.parts.figures import read

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "figures/figures.json"


def draw_prints() -> None:
    """Bring figures/print/ up to date; git ignores it."""
    command = [sys.executable, "scripts/render.py", "--print"]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if drawn.returncode:
        raise PluginError(
            "the figures could not be drawn for print: "
            f"{drawn.stderr.strip().splitlines()[-1].removeprefix('error: ')}"
        )


def tables() -> dict[str, str]:
    """experiment -> the rows of its records as CSV, for each experiment that a figure is drawn from."""
    figures = read(MANIFEST).values()
    return {
        name: table(records.rows(name))
        for name in sorted({name for entry in figures for name in entry["experiments"]})
    }


def table(rows: list[dict]) -> str:
    columns = dict.fromkeys(["experiment", "run", "seed", *(column for row in rows for column in row)])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
