"""Check what a class has handed in: make grade FOLDER=submissions

    python -m sitetools.commands.grade submissions          every file of answers that somebody handed in
    python -m sitetools.commands.grade submissions vgg relu  these

grades.csv and grades.html are written into the folder. The checks run so that accidents do no harm. Malice
still can, and the solutions are public: points count effort.
"""

import os
import sys
from pathlib import Path

from tqdm import tqdm

from course import CourseError
from sitetools.teaching import grading


def main(folder: Path, names: list[str]) -> None:
    known = grading.asked()
    if unknown := [name for name in names if name not in known]:
        raise CourseError(f"no exercises {unknown[0]!r}: choose from {', '.join(known)}")
    students = grading.submissions(folder)
    if not names:
        handed_in = {name for student in students for name in grading.answers(student)}
        names = [name for name in known if name in handed_in]
    done: list[grading.Graded] = []
    try:
        results = grading.grade(folder, names, os.cpu_count() or 1)
        for result in tqdm(results, total=len(students), unit="student"):
            done.append(result)
    finally:  # Ctrl-C leaves the table of those who are through
        written = grading.write(done, names, folder)
    look = [each for each in done if each.remarks]
    print(f"{len(done)} graded, {len(look)} with remarks: {', '.join(map(str, written))}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if sys.argv[1:] else ""), sys.argv[2:])
    except CourseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: the table holds those who were graded")
