"""The status page: how long each block, lab and experiment took, on which versions,
and when that was last seen.

    {{ status pages }}         the blocks of every page, from docs/verified.json
    {{ status labs }}          the labs, from the same file
    {{ status experiments }}   the experiments, from their records

`pytest docs --record-timings` writes docs/verified.json.
A page that has changed since says so when the site is built.
"""

import hashlib
from pathlib import Path

from course import paths, records
from sitetools import datafiles
from sitetools.syntax.directives import Spot, chosen, directive
from sitetools.syntax.fences import blocks
from sitetools.syntax.markup import TEMPLATES

DOCS = paths.ROOT / "docs"
VERIFIED = DOCS / "verified.json"


@directive("status")
def status(spot: Spot, name: str) -> None:
    values = chosen(TABLES, name, "status")()
    spot.markdown(TEMPLATES.get_template(f"status/{name}.md").render(values))


def verified() -> dict:
    """What the tests saw. Raises PluginError for a file that does not say it."""
    found = datafiles.parsed(VERIFIED)
    with datafiles.entry(VERIFIED, "the whole"):
        datafiles.fields(found, date=str, device=str, versions=dict, seen=dict)
    for name, entry in found["seen"].items():
        with datafiles.entry(VERIFIED, name):
            sum(datafiles.fields(entry, digest=str, seconds=list)["seconds"])
    return found


def seen(pattern: str) -> dict:
    """What runs in these files now, by their names, beside what the tests saw of them."""
    files = {path.relative_to(DOCS).as_posix(): running(path) for path in sorted(DOCS.glob(pattern))}
    return verified() | {"files": {name: texts for name, texts in files.items() if texts}, "digest": digest}


def running(path: Path) -> list[str]:
    """What a page or a lab runs and shows; the prose of a page may change and it stays verified."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return [text]
    return [fence.text for block in blocks(text) for fence in (block.code, block.output) if fence]


def digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def experiments() -> dict:
    found = [records.read(path) for path in sorted(paths.RUNS.glob("*.json"))]
    return {"records": found, "seeds": records.seeds, "devices": devices, "duration": duration}


def devices(group: list[records.Record]) -> list[str]:
    return sorted({f"{each.device}, torch {each.versions.get('torch', 'unknown')}" for each in group})


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


TABLES = {
    "pages": lambda: seen("**/*.md"),
    "labs": lambda: seen("labs/*.py"),
    "experiments": experiments,
}
