"""Lay out the files of a release from the built site: make release TAG=v0.1.0."""

import re
import shutil
import sys
from pathlib import Path

from course import __version__
from course.paths import ROOT
from sitetools.build import wheel


def lay_out(tag: str, root: Path = ROOT) -> list[str]:
    """The files in release/: to install, print, run and read without a network, and what has changed."""
    if tag != f"v{__version__}":
        sys.exit(
            f"error: the tag {tag!r} is not v{__version__}: course/__init__.py states the version, "
            "CITATION.cff and CHANGELOG.md repeat it"
        )
    site, target = root / "site", root / "release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in (site / "going-deeper.pdf", site / "notebooks" / wheel.NAME):
        shutil.copy(path, target)
    shutil.make_archive(str(target / "going-deeper-notebooks"), "zip", site / "notebooks")
    shutil.make_archive(str(target / "going-deeper-site"), "zip", site)
    (target / "notes.md").write_text(notes(root / "CHANGELOG.md"), encoding="utf-8")
    return sorted(path.name for path in target.iterdir())


def notes(changelog: Path) -> str:
    """What it says of this version."""
    text = changelog.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(__version__)},.*\n+((?:(?!## ).*\n?)*)", text, re.MULTILINE)
    if not found:
        sys.exit(f"error: {changelog.name} says nothing of {__version__}")
    return found[1].strip() + "\n"


if __name__ == "__main__":
    print("release/ holds", ", ".join(lay_out(sys.argv[1])))
