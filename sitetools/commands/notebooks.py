"""Run every notebook of a built site from top to bottom, each in an empty folder, and compare what it prints
with what its page shows.

    python -m sitetools.commands.notebooks [FOLDER]

The course is the one that this Python has installed: an environment with nothing but the wheel of the site,
what it brings and what this command imports tells what a reader would see.
"""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from sybil.evaluators.doctest import NUMBER, OutputChecker
from traitlets.config import Config

# As on the pages (tests/site/pagecode.py): our code may not use what is about to go; what others' code does
# is theirs.
STRICT = """
import warnings
for kind in (DeprecationWarning, FutureWarning):
    warnings.filterwarnings("error", category=kind, module=r"__main__|course\\b")
"""


def faults(path: Path) -> list[str]:
    """What is wrong when the notebook runs, one line each."""
    shown = nbformat.read(path, as_version=4)
    ran = nbformat.read(path, as_version=4)
    ran.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    with TemporaryDirectory() as private, TemporaryDirectory() as empty:
        # Files in a private folder, where TCP would be open to all who share the machine.
        config = Config(KernelManager={"transport": "ipc", "ip": f"{private}/kernel"})
        try:
            NotebookClient(
                ran,
                timeout=600,
                config=config,
                kernel_name="python3",
                resources={"metadata": {"path": empty}},
            ).execute()
        except CellExecutionError as error:
            return [f"{path.name}: {error.ename}: {error.evalue}"]
        except (CellTimeoutError, DeadKernelError) as error:
            return [f"{path.name}: {str(error).splitlines()[0]}"]
    return [
        f"{path.name}: {before.id}, which begins {before.source.partition(chr(10))[0]!r}, prints "
        f"{printed(after)!r} and not {printed(before)!r}"
        for before, after in zip(shown.cells, ran.cells[1:])
        if printed(before) and not OutputChecker().check_output(printed(before), printed(after), NUMBER)
    ]


def printed(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.get("outputs", []) if output.get("name") == "stdout")


def main(site: Path) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # sums add up in one order, as where the pages were checked
    notebooks = sorted(site.glob("notebooks/*.ipynb")) + sorted(site.glob("labs/*.ipynb"))
    if not notebooks:
        sys.exit(f"error: there is no notebook in {site}: run make site first")
    found = []
    for path in notebooks:
        start = time.perf_counter()
        wrong = faults(path)
        found += wrong
        print(
            f"{path.name:30} {'differs' if wrong else 'agrees':8} {time.perf_counter() - start:5.0f} s",
            flush=True,
        )
    if found:
        sys.exit("\n".join(["", *found]))


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ["site"]))
