"""Where the repository keeps what experiments leave behind."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "figures"
MANIFEST = FIGURES / "figures.json"  # what the pages need to know of the figures
PRINT = FIGURES / "print"  # the figures as PDF; git ignores them
RUNS = FIGURES / "runs"  # records
WEIGHTS = FIGURES / "weights"  # trained networks, where they are small
CACHE = ROOT / ".cache"  # out of the repository
CHECKPOINTS = CACHE / "checkpoints"  # where trainings go on from
RUNNING = CACHE / "running"  # signs of the runs that are being measured
LARGE_WEIGHTS = CACHE / "weights"
