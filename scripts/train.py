"""Run experiments by name and record them in figures/runs/: course/train.py, which says how, in a clone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

from course import train

if __name__ == "__main__":
    train.command()
