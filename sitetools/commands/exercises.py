"""Write starters and checks into exercises/; answers that lie there are kept: make exercises."""

import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

from course import CourseError
from course.machine import files
from sitetools.parts.exercises import ROOT, SOURCE, folder


def write(target: Path) -> list[str]:
    """Write the reader's folder and return the names of the answers that were there already and were kept."""
    answers = {path.name for path in SOURCE.glob("solutions/*.py") if (target / path.name).exists()}
    made = folder()
    kept = [name for name in sorted(answers) if (target / name).read_text(encoding="utf-8") != made[name]]
    for name in sorted(made.keys() - kept):
        files.write(target / name, made[name])
    return kept


def main() -> None:
    kept = write(ROOT / "exercises")
    if kept:
        print(f"kept your answers in {', '.join(kept)}; to start one anew, delete it and run this again")
    print("exercises/ is ready: write into exercises/vgg.py, then run")
    print(f"    {Path(sys.executable)} -m pytest exercises/check_vgg.py")


if __name__ == "__main__":
    try:
        main()
    except (CourseError, PluginError) as error:
        sys.exit(f"error: {error}")
