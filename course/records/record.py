"""What an experiment leaves behind: one small JSON file a run, with all that it takes to trust it or redo it.

A record is written whole or not at all, and carries a digest of itself, so that a half-written, damaged or
hand-edited file is refused when it is read rather than drawn.
"""

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course import CourseError, paths
from course.machine import files

SCHEMA = 1


@dataclass(frozen=True)
class Record:
    """experiment, run, seed: which measurement this is.  spec: everything that determines it.

    data: name, digest and sizes of the data set, or {}.  table: the result, by column, all of one length.
    seconds, device, versions, commit: how long it took (without what an earlier run of the same process had
    trained for it), on what, with which packages, from which state of this repository.
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
        return f"{stem(self.experiment, self.run, self.seed)}.json"

    def rows(self) -> list[dict[str, Any]]:
        """The table by row; each row also knows its run, its seed,
        its time and the plain values of its spec.
        """
        known = {k: v for k, v in self.spec.items() if isinstance(v, str | int | float)}
        known |= {"experiment": self.experiment, "run": self.run, "seed": self.seed, "seconds": self.seconds}
        return [known | dict(zip(self.table, values)) for values in zip(*self.table.values(), strict=True)]


def stem(experiment: str, run: str, seed: int) -> str:
    """What the files of a run are called: its record, its checkpoint, its weights."""
    return f"{experiment}-{run}-seed{seed}"


def make(
    experiment: str,
    run: str,
    spec: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    seed: int = 0,
    data: Any = None,
    seconds: float,
    device: str,
    precision: str = "",
    failed: str = "",
) -> Record:
    """The record of what was measured just now, with the versions and the commit of this moment.

    data: the data set (course.data), or None.  device: in words, see course.machine.devices.describe.
    """
    return Record(
        experiment,
        run,
        seed,
        spec,
        {"name": data.name, "digest": data.digest, **data.sizes()} if data else {},
        columns(rows),
        round(seconds, 2),
        device,
        versions(),
        commit(),
        precision,
        failed,
    )


def write(record: Record, folder: Path | None = None) -> Path:
    """Into figures/runs, unless another folder is named.

    Raises CourseError if the file cannot be written; what stood there before is kept then.
    """
    path = (folder or paths.RUNS) / record.filename
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


def read_all(experiment: str, folder: Path | None = None, missing_ok: bool = False) -> list[Record]:
    """Every record of an experiment that did not fail, by run and seed, from figures/runs or another folder.

    Raises CourseError where there is none, unless that is ok.
    """
    folder = folder or paths.RUNS
    read_ones = [read(path) for path in sorted(folder.glob(f"{experiment}-*.json"))]
    records = [record for record in read_ones if record.experiment == experiment and not record.failed]
    if not records and not missing_ok:
        raise CourseError(
            f"no record of {experiment!r} in {folder}: run python scripts/train.py {experiment}"
        )
    return sorted(records, key=lambda record: (record.run, record.seed))


def rows(experiment: str, folder: Path | None = None) -> list[dict[str, Any]]:
    """The rows of every record of an experiment, one after the other."""
    return [row for record in read_all(experiment, folder) for row in record.rows()]


def seeds(found: list[Record]) -> int:
    """Under how many seeds an experiment was run; some measure all of theirs in one run. 1 where nothing in
    it is random.
    """
    return max(
        (record.spec.get("seeds", len({other.seed for other in found})) for record in found), default=0
    )


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
    if paths.INSTALLED:  # what lies around site-packages is another's repository
        return None
    try:
        command = ["git", "-C", str(paths.ROOT), "rev-parse", "--short=12", "HEAD"]
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
