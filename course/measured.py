"""Measured numbers for the prose: a page names one, the site's build looks it up in the records. Nobody types them.

    digits/plain-56/train-error     of the last epoch, mean and standard deviation over seeds
    gradients/sigmoid-32/decay      the first layer's back-propagated gradient over the last layer's, at 32 layers
    networks/vgg-16/parameters      counted from the module
"""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course import CourseError, records
from course.records import geometric, last_epoch, spread
from course.style import scientific

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Measured:
    """text: the number as a reader sees it.  source: where it comes from, in one line."""

    text: str
    source: str


def measured(name: str) -> Measured:
    """Raises CourseError for a name that no record answers, with the names that would."""
    experiment, run, quantity = (*name.split("/"), "", "")[:3]
    if experiment not in QUANTITIES:
        raise CourseError(f"unknown measurement {name!r}: it starts with one of {', '.join(f'{e}/' for e in QUANTITIES)}")
    if quantity not in QUANTITIES[experiment]:
        raise CourseError(f"unknown quantity {quantity!r} of {experiment}: choose from {', '.join(QUANTITIES[experiment])}")
    rows = [row | {"run": NAME[experiment](row)} for row in records.rows(experiment)]
    chosen = [row for row in rows if row["run"] == run]
    if not chosen:
        legal = ", ".join(sorted({row["run"] for row in rows}))
        raise CourseError(f"no record of {run!r} in {experiment}: choose from {legal}")
    seeds = len({row["seed"] for row in chosen})
    over = f"mean and standard deviation over {seeds} seeds" if seeds > 1 else "computed"
    return Measured(QUANTITIES[experiment][quantity](chosen), f"{experiment}, {run}: {over}; records in figures/runs")


def final(key: str) -> Callable[[Rows], str]:
    """A percentage at the last epoch, as mean ± standard deviation."""

    def text(rows: Rows) -> str:
        (s,) = spread(last_epoch(rows), key, "run").values()
        return f"{s.centre:.1f} ± {s.high - s.centre:.1f} %"

    return text


def final_range(key: str) -> Callable[[Rows], str]:
    def text(rows: Rows) -> str:
        values = [row[key] for row in last_epoch(rows)]
        return f"{min(values):.1f} to {max(values):.1f} %"

    return text


def at_layer(key: str, place: Callable[[int], int]) -> Callable[[Rows], str]:
    """A norm at one layer, the geometric mean over seeds."""

    def text(rows: Rows) -> str:
        chosen = [row for row in rows if row["layer"] == place(row["depth"])]
        return scientific(geometric(chosen, key, "run")[chosen[0]["run"]].centre)

    return text


def decay(rows: Rows) -> str:
    ends = {(row["seed"], row["layer"]): row["backpropagated"] for row in rows}
    depth, run = rows[0]["depth"], rows[0]["run"]
    ratios = [{"run": run, "ratio": ends[seed, 1] / ends[seed, depth]} for seed, layer in ends if layer == 1]
    return scientific(geometric(ratios, "ratio", "run")[run].centre)


def total(key: str) -> Callable[[Rows], str]:
    return lambda rows: f"{sum(row[key] for row in rows):,}"


def billions(rows: Rows) -> str:
    return f"{sum(row['multiply_adds'] for row in rows) / 1e9:.1f} billion"


def fully_connected(key: str) -> Callable[[Rows], str]:
    """The share of the fully connected layers."""
    return lambda rows: f"{100 * sum(r[key] for r in rows if r['kind'] == 'fc') / sum(r[key] for r in rows):.1f} %"


# How a page names a run of each experiment: depth is part of the name of a perceptron, as it is of a network.
NAME: dict[str, Callable[[dict[str, Any]], str]] = {
    "digits": lambda row: row["run"],
    "gradients": lambda row: f"{row['run']}-{row['depth']}",
    "networks": lambda row: row.get("model", row["run"]),
}
QUANTITIES: dict[str, dict[str, Callable[[Rows], str]]] = {
    "digits": {
        "train-error": final("train_error"),
        "test-error": final("test_error"),
        "train-error-range": final_range("train_error"),
        "test-error-range": final_range("test_error"),
    },
    "gradients": {
        "decay": decay,
        "first": at_layer("backpropagated", lambda depth: 1),
        "first-weight": at_layer("weight_gradient", lambda depth: 1),
        "last-weight": at_layer("weight_gradient", lambda depth: depth),
        "last-signal": at_layer("deviation", lambda depth: depth - 1),
    },
    "networks": {
        "parameters": total("parameters"),
        "multiply-adds": billions,
        "fc-parameters": fully_connected("parameters"),
        "fc-multiply-adds": fully_connected("multiply_adds"),
        "top5-error": lambda rows: f"{rows[0]['top5_error']:.1f} %",
        "top1-error": lambda rows: f"{rows[0]['top1_error']:.1f} %",
    },
}
