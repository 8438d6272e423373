"""What an experiment leaves behind: one small JSON file a run,
with everything needed to trust it or to redo it.

A record is written whole or not at all, and carries a digest of itself, so that a half-written, damaged or
hand-edited file is refused when it is read rather than drawn.
"""

import hashlib
import importlib.metadata
import json
import math
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

from course import CourseError, files

SCHEMA = 1
RUNS = Path(__file__).resolve().parent.parent / "figures" / "runs"


@dataclass(frozen=True)
class Record:
    """experiment, run, seed: which measurement this is.  spec: everything that determines it.

    data: name, digest and sizes of the data set, or {}.  table: the result, by column, all of one length.
    seconds, device, versions, commit: how long it took, on what, with what,
    from which state of this repository.
    precision: what the passes of a training were computed in, or "".
    failed: why the run ended early, or "".
    """

    experiment: str
    run: str
    seed: int
    spec: dict[str, Any]
    data: dict[str, Any]
    table: dict[str, list]
    seconds: float
    device: str
    versions: dict[str, str]
    commit: str | None
    precision: str = ""
    failed: str = ""
    schema: int = field(default=SCHEMA)

    @property
    def filename(self) -> str:
        return f"{self.experiment}-{self.run}-seed{self.seed}.json"

    def rows(self) -> list[dict[str, Any]]:
        """The table by row; each row also knows its run, its seed,
        how long it took and the plain values of its spec.
        """
        known = {k: v for k, v in self.spec.items() if isinstance(v, str | int | float)}
        known |= {"experiment": self.experiment, "run": self.run, "seed": self.seed, "seconds": self.seconds}
        return [known | dict(zip(self.table, values)) for values in zip(*self.table.values(), strict=True)]


def write(record: Record, folder: Path = RUNS) -> Path:
    """Raises CourseError if the file cannot be written; what stood there before is kept then."""
    path = folder / record.filename
    files.write(path, to_json(record))
    return path


def read(path: Path) -> Record:
    """Read one record back. Raises CourseError for a missing, damaged, edited or newer file."""
    again = "restore it with git, or delete it and run scripts/train.py again"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        schema = content["schema"]
    except FileNotFoundError:
        raise CourseError(f"there is no record {path.name}: run scripts/train.py first") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(f"{path.name} is damaged, it is not a record: {again}") from None
    if schema != SCHEMA:
        raise CourseError(
            f"{path.name} has schema {schema!r}, this version reads schema {SCHEMA}: update the repository, "
            f"or {again}"
        )
    stated = content.pop("digest", None)
    if stated != digest(content):
        raise CourseError(
            f"{path.name} was changed after it was recorded (its digest does not match): {again}"
        )
    try:
        record = Record(**content)
        lengths = {len(column) for column in record.table.values()}
    except (TypeError, AttributeError) as error:
        raise CourseError(f"{path.name} is not a record of this course ({error}): {again}") from None
    if len(lengths) > 1 or path.name != record.filename:
        raise CourseError(f"{path.name} is not the record it claims to be: {again}")
    return record


def read_all(experiment: str, folder: Path = RUNS, missing_ok: bool = False) -> list[Record]:
    """Every record of an experiment that did not fail, by run and seed.
    Raises CourseError where there is none, unless that is ok.
    """
    found = [read(path) for path in sorted(folder.glob(f"{experiment}-*.json"))]
    found = sorted(
        (r for r in found if r.experiment == experiment and not r.failed), key=lambda r: (r.run, r.seed)
    )
    if not found and not missing_ok:
        raise CourseError(
            f"no record of {experiment!r} in {folder}: run python scripts/train.py {experiment}"
        )
    return found


def rows(experiment: str, folder: Path = RUNS) -> list[dict[str, Any]]:
    """The rows of every record of an experiment, one after the other."""
    return [row for record in read_all(experiment, folder) for row in record.rows()]


def seeds(found: list[Record]) -> int:
    """Under how many seeds an experiment was run; some measure all of theirs in one run. 1:
    nothing random in it.
    """
    return max(
        (record.spec.get("seeds", len({other.seed for other in found})) for record in found), default=0
    )


@dataclass(frozen=True)
class Spread:
    """The centre of a few measurements and what lies around it: a standard deviation to each side,
    or all of them.
    """

    centre: float
    low: float
    high: float
    count: int


def spread(rows: list[dict[str, Any]], value: str, by: str) -> dict[Any, Spread]:
    """Mean and standard deviation of a column over the rows that share `by`,
    such as the seeds of an epoch.
    """
    result = {}
    for key, values in grouped(rows, value, by).items():
        centre, deviation = mean(values), stdev(values) if len(values) > 1 else 0.0
        result[key] = Spread(centre, centre - deviation, centre + deviation, len(values))
    return result


def middle(rows: list[dict[str, Any]], value: str, by: str) -> dict[Any, Spread]:
    """Median, least and greatest: for trainings of which most succeed and one does not,
    where a mean describes none.
    """
    return {
        key: Spread(median(values), min(values), max(values), len(values))
        for key, values in grouped(rows, value, by).items()
    }


def grouped(rows: list[dict[str, Any]], value: str, by: str) -> dict[Any, list[float]]:
    groups: dict[Any, list[float]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row[value])
    return groups


def geometric(rows: list[dict[str, Any]], value: str, by: str) -> dict[Any, Spread]:
    """The same on a logarithmic scale, for norms that differ by powers of ten."""
    logarithms = [row | {value: math.log10(row[value])} for row in rows]
    return {
        key: Spread(10**s.centre, 10**s.low, 10**s.high, s.count)
        for key, s in spread(logarithms, value, by).items()
    }


def last_epoch(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is reported of a training: its last epoch, never the best one."""
    final = max(row["epoch"] for row in rows)
    return [row for row in rows if row["epoch"] == final]


def ends(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last epochs of an experiment whose runs are not equally long."""
    runs = dict.fromkeys(row["run"] for row in rows)
    return [row for run in runs for row in last_epoch([row for row in rows if row["run"] == run])]


def columns(rows: list[dict[str, Any]]) -> dict[str, list]:
    """Rows by column, with six significant digits: more than any of these measurements is worth."""
    return {
        name: [float(f"{r[name]:.6g}") if isinstance(r[name], float) else r[name] for r in rows]
        for name in (rows[0] if rows else ())
    }


def versions() -> dict[str, str]:
    packages = ("torch", "torchvision", "numpy", "scikit-learn")
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in packages
    }


def commit() -> str | None:
    """The commit of this repository, or None outside a checkout (a zip archive, a machine without git)."""
    try:
        command = ["git", "-C", str(RUNS.parent.parent), "rev-parse", "--short=12", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def plain(content: dict[str, Any]) -> dict[str, Any]:
    """As it will be read back from JSON: tuples become lists."""
    return json.loads(json.dumps(content))


def to_json(record: Record) -> str:
    """A line a field, and a line a column of the table: short to read and short to compare in git."""
    content = plain(asdict(record))
    content["digest"] = digest(content)
    table = ",\n".join(
        f"    {json.dumps(name)}: {json.dumps(column, separators=(',', ':'))}"
        for name, column in content["table"].items()
    )
    lines = [
        f"  {json.dumps(name)}: " + (f"{{\n{table}\n  }}" if name == "table" else json.dumps(value))
        for name, value in content.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
