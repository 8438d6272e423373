"""Measured numbers for the prose: a page names one, the site's build looks it up in the records.

Nobody types them:

    digits/plain-56/train-error             of the last epoch, mean and standard deviation over seeds
    gradients/sigmoid-xavier-32/decay       the first layer's gradient over the last layer's, of 32 layers
    gradients/relu-he-bn-skip-64@100/first  the first layer's, after 100 steps of training
    networks/vgg-16/parameters              counted from the module
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from course import CourseError, paths, records
from course.records.statistics import Rows
from course.report.quantities import QUANTITIES, Missing


@dataclass(frozen=True)
class Measured:
    """text: the number as a reader sees it.  source: where it comes from, in one line.

    value: the number itself; None where the text tells a range.
    """

    text: str
    source: str
    value: float | None = None


def measured(name: str) -> Measured:
    """Raises CourseError for a name that no record answers, with the names that would."""
    experiment, run, quantity, *rest = (*name.split("/"), "", "")
    if experiment not in QUANTITIES or any(rest):
        starts = ", ".join(f"{each}/" for each in QUANTITIES)
        raise CourseError(
            f"unknown measurement {name!r}: it is experiment/run/quantity and starts with one of {starts}"
        )
    quantities = QUANTITIES[experiment]
    if quantity not in quantities:
        raise CourseError(
            f"unknown quantity {quantity!r} of {experiment}: choose from {', '.join(quantities)}"
        )
    runs = by_name(experiment, state(experiment))
    if run not in runs:
        raise CourseError(f"no record of {run!r} in {experiment}: choose from {', '.join(sorted(runs))}")
    rows, asked = runs[run], quantities[quantity]
    if asked.needs not in rows[0]:
        able = ", ".join(other for other, each in quantities.items() if each.needs in rows[0])
        raise CourseError(f"{experiment}/{run} has no {quantity}: choose from {able}")
    try:
        text, value = asked.text(rows), asked.value(rows) if asked.value else None
    except Missing:
        raise CourseError(
            f"{experiment}/{run} has no number for {quantity}: the training diverged, or it is zero"
        ) from None
    how = asked.how.format(seeds=rows[0].get("seeds", len({row["seed"] for row in rows})))
    return Measured(text, f"{experiment}, {run}: {how}; records in figures/runs", value)


def state(experiment: str) -> tuple[tuple[str, int], ...]:
    """Of the files of its records: it changes when one of them does."""
    files = sorted(paths.RUNS.glob(f"{experiment}-*.json"))
    return tuple((path.name, path.stat().st_mtime_ns) for path in files)


@lru_cache
def by_name(experiment: str, state: tuple[tuple[str, int], ...]) -> dict[str, Rows]:
    """The rows under the names that pages use, read once for each state of the files.

    A page may name a hundred numbers.
    """
    runs: dict[str, Rows] = {}
    for row in records.rows(experiment):
        name = NAME[experiment](row)
        runs.setdefault(name, []).append(row | {"run": name})
    return runs


def grid_name(row: dict[str, Any]) -> str:
    """sigmoid-xavier-bn-skip-32@100: what the perceptron is made of, its depth, and the steps of training."""
    switches = "-bn" * row["batch_norm"] + "-skip" * row["skip"]
    return f"{row['activation'].replace('_', '-')}-{row['init']}{switches}-{row['depth']}{steps(row)}"


def convolutional_name(row: dict[str, Any]) -> str:
    return f"{row['run']}-{row['depth']}{steps(row)}"


def steps(row: dict[str, Any]) -> str:
    return f"@{row['step']}" if row["step"] else ""


def batch_name(row: dict[str, Any]) -> str:
    """sizes-bn-2: with batch normalisation, trained in mini-batches of 2."""
    return f"{row['run']}{'-bn' * bool(row.get('batch_norm'))}-{row.get('size', 'any')}"


# How a page names a run of each experiment: depth is part of the name of a perceptron, as it is of a network.
NAME: dict[str, Callable[[dict[str, Any]], str]] = {
    "digits": lambda row: row["run"],
    "cifar10": lambda row: row["run"],
    "cifar10-statistics": lambda row: row["run"],
    "cifar10-short": lambda row: row["run"],
    "gradients": grid_name,
    "gradients-cifar": convolutional_name,
    "networks": lambda row: row.get("model", row["run"]),
    "benchmark": lambda row: row["run"],
    "side-by-side": lambda row: row["run"],
    "care": lambda row: row["run"],
    "construction": lambda row: row["run"],
    "dissection": lambda row: row["run"],
    "failures": lambda row: row["run"],
    "recipes": lambda row: row["model"],
    "shattering": lambda row: f"{row['run']}-{row['depth']}",
    # Of the lecture on why it works.
    "blocks": lambda row: row["run"],
    "lengths": lambda row: row["run"],
    "likeness": lambda row: f"{row['run']}-{row['depth']}",
    "responses": lambda row: row["run"],
    "reach": lambda row: f"{row['kind']}{'-even' * row['even']}-{row['depth']}",
    "surfaces": lambda row: row["run"],
    "turned": lambda row: f"{row['run']}-{row['angle']}",
    "variants": lambda row: row["run"],
    "training-gradients": lambda row: f"{row['run']}-epoch-{row['epoch']}",
    "batch-norm": batch_name,
    "pre-activation": lambda row: row["run"],
    "equal-work": lambda row: row["run"],
    "equal-work-longer": lambda row: row["run"],
    "stream": lambda row: f"{row['run']}-{row['blocks']}-{row['block']}" if "block" in row else row["run"],
    "recipe-parts": lambda row: row["run"],
}
