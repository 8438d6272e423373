"""Where the course keeps what experiments leave behind: beside itself in a clone, inside itself where it is
installed.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
KEPT = PACKAGE / "kept"  # what a wheel carries of the repository, see pyproject.toml
INSTALLED = KEPT.is_dir()
FIGURES = KEPT if INSTALLED else ROOT / "figures"
MANIFEST = FIGURES / "figures.json"  # what the pages need to know of the figures
SVG = FIGURES / "svg"  # the figures as the pages show them, light, dark and for projection
PRINT = FIGURES / "print"  # the figures as PDF and PNG; git ignores them
RUNS = FIGURES / "runs"  # records
WEIGHTS = FIGURES / "weights"  # trained networks, where they are small
CACHE = ROOT / ".cache"  # out of the repository
CHECKPOINTS = CACHE / "checkpoints"  # where trainings go on from
RUNNING = CACHE / "running"  # signs of the runs that are being measured
LARGE_WEIGHTS = CACHE / "weights"


def keep_in(folder: Path) -> None:
    """From now on in this process, records go into `folder` itself and what else a run leaves below it."""
    global RUNS, WEIGHTS, CHECKPOINTS, RUNNING, LARGE_WEIGHTS
    RUNS, WEIGHTS = folder, folder / "weights"
    CHECKPOINTS, RUNNING = folder / ".cache/checkpoints", folder / ".cache/running"
    LARGE_WEIGHTS = WEIGHTS
