"""The status page: how long each block, lab and experiment took, on which versions,
and when that was last seen.

    {{ status pages }}         the blocks of every page, from docs/verified.json
    {{ status labs }}          the labs, from the same file
    {{ status experiments }}   the experiments, from their records

`pytest docs --record-timings` writes docs/verified.json.
A page that has changed since says so when the site is built.
"""

import datetime
import hashlib
import json
import re
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

from mkdocs.exceptions import PluginError

from course import paths, records
from course.machine import files
from course.records.record import commit, versions
from sitetools import datafiles
from sitetools.syntax.directives import Spot, directive
from sitetools.syntax.fences import blocks

ROOT = Path(__file__).parents[2]
VERIFIED = ROOT / "docs/verified.json"
NUMBERS = {"Blocks", "All", "Seconds", "Runs", "Seeds", "Time"}


def digest(path: Path) -> str:
    """Of what a page or a lab runs and shows; its prose may change and it stays verified."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = "\n".join(
            fence.text for block in blocks(text) for fence in (block.code, block.output) if fence
        )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write(pages: dict[str, list[float]], labs: dict[str, float], device: str) -> None:
    """Keep what the tests saw: for each page of docs/ the seconds of its blocks, for each lab its seconds."""
    found = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
        "device": device,
        "versions": versions(),
        "pages": {
            name: {"digest": digest(ROOT / "docs" / name), "seconds": [round(s, 2) for s in seconds]}
            for name, seconds in sorted(pages.items())
        },
        "labs": {
            name: {"digest": digest(ROOT / "docs" / name), "seconds": round(seconds, 1)}
            for name, seconds in sorted(labs.items())
        },
    }
    lines = json.dumps(found, indent=1)
    files.write(
        VERIFIED, re.sub(r"\[[^\]{]*\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]), lines) + "\n"
    )


@directive("status")
def table(spot: Spot, name: str) -> None:
    if name not in TABLES:
        raise PluginError(f"unknown status {name!r}: choose one of {', '.join(TABLES)}")
    spot.markdown(TABLES[name]())


def verified() -> dict:
    found = datafiles.parsed(VERIFIED)
    with datafiles.entry(VERIFIED, "the whole"):
        datafiles.fields(found, date=str, device=str, versions=dict, pages=dict, labs=dict)
    for name, entry in {**found["pages"], **found["labs"]}.items():
        with datafiles.entry(VERIFIED, name):
            datafiles.fields(entry, digest=str)
            sum(entry["seconds"]) if name in found["pages"] else float(entry["seconds"])
    return found


def since(entry: dict | None, path: Path) -> str:
    if entry is None:
        return "not yet"
    date = verified()["date"]
    return date if entry["digest"] == digest(path) else f"{date}, changed since"


def pages() -> str:
    found = verified()
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    seen = f"Seen on {found['date']} at commit `{found['commit']}`, on {found['device']}, with {versions}."
    lines = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name, entry = path.relative_to(ROOT / "docs").as_posix(), None
        if count := sum(block.code is not None for block in blocks(path.read_text(encoding="utf-8"))):
            entry = found["pages"].get(name)
            seconds = [f"{s:.1f}" for s in entry["seconds"]] if entry else []
            whole = f"{sum(entry['seconds']):.1f}" if seconds else "–"
            title = f"[{name.removesuffix('.md')}](/{name})"
            lines.append([title, str(count), " · ".join(seconds) or "–", whole, since(entry, path)])
    return f"{seen}\n\n{markdown(['Page', 'Blocks', 'Seconds of each', 'All', 'Verified'], lines)}"


def labs() -> str:
    lines = []
    for path in sorted((ROOT / "docs/labs").glob("*.py")):
        entry = verified()["labs"].get(f"labs/{path.name}")
        seconds = f"{entry['seconds']:.1f}" if entry else "–"
        lines.append([f"[labs/{path.stem}](/labs/{path.stem}.md)", seconds, since(entry, path)])
    return markdown(["Lab", "Seconds", "Verified"], lines)


def experiments() -> str:
    groups: dict[str, list[records.Record]] = defaultdict(list)
    for path in sorted(paths.RUNS.glob("*.json")):
        record = records.read(path)
        groups[record.experiment].append(record)
    lines = []
    for name, group in sorted(groups.items()):
        time = duration(sum(record.seconds for record in group))
        devices = {f"{each.device}, torch {each.versions.get('torch', 'unknown')}" for each in group}
        days = sorted(filter(None, {day(record.commit) for record in group})) or ["unknown"]
        span = " to ".join(dict.fromkeys([days[0], days[-1]]))
        counts = [str(len(group)), str(records.seeds(group))]
        lines.append([f"`{name}`", *counts, time, "; ".join(sorted(devices)), span])
    return markdown(["Experiment", "Runs", "Seeds", "Time", "Device", "Recorded"], lines)


@cache
def day(commit: str | None) -> str | None:
    """The day of a commit; None outside a checkout, without git, or where the commit is of another
    history."""
    if commit is None:
        return None
    try:
        asked = subprocess.run(
            ["git", "-C", str(ROOT), "show", "-s", "--format=%cs", commit], capture_output=True, text=True
        )
    except OSError:
        return None
    return asked.stdout.strip() or None if asked.returncode == 0 else None


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def markdown(titles: list[str], lines: list[list[str]]) -> str:
    """A table; the columns of numbers are set right."""
    sides = ["---:" if title in NUMBERS else "---" for title in titles]
    return "\n".join(f"| {' | '.join(line)} |" for line in [titles, sides, *lines])


TABLES = {"pages": pages, "labs": labs, "experiments": experiments}
