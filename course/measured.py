"""Measured numbers for the prose: a page names one, the site's build looks it up in the records. Nobody types them.

    digits/plain-56/train-error     of the last epoch, mean and standard deviation over seeds
    gradients/sigmoid-32/decay      the first layer's back-propagated gradient over the last layer's, at 32 layers
    networks/vgg-16/parameters      counted from the module
"""
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean
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


@dataclass(frozen=True)
class Quantity:
    """text: rows -> the number as a reader sees it.  how: how it was made of them.  needs: the column it is made of."""

    text: Callable[[Rows], str]
    how: str
    needs: str


def measured(name: str) -> Measured:
    """Raises CourseError for a name that no record answers, with the names that would."""
    experiment, run, quantity, *rest = (*name.split("/"), "", "")
    if experiment not in QUANTITIES or any(rest):
        raise CourseError(f"unknown measurement {name!r}: it is experiment/run/quantity and starts with one of {', '.join(f'{e}/' for e in QUANTITIES)}")
    if quantity not in QUANTITIES[experiment]:
        raise CourseError(f"unknown quantity {quantity!r} of {experiment}: choose from {', '.join(QUANTITIES[experiment])}")
    rows = [row | {"run": NAME[experiment](row)} for row in records.rows(experiment)]
    chosen = [row for row in rows if row["run"] == run]
    if not chosen:
        legal = ", ".join(sorted({row["run"] for row in rows}))
        raise CourseError(f"no record of {run!r} in {experiment}: choose from {legal}")
    found = QUANTITIES[experiment][quantity]
    if found.needs not in chosen[0]:
        able = ", ".join(name for name, other in QUANTITIES[experiment].items() if other.needs in chosen[0])
        raise CourseError(f"{experiment}/{run} has no {quantity}: choose from {able}")
    how = found.how.format(seeds=len({row["seed"] for row in chosen}))
    return Measured(found.text(chosen), f"{experiment}, {run}: {how}; records in figures/runs")


def final(key: str) -> Quantity:
    """A percentage at the last epoch, as mean ± standard deviation."""

    def text(rows: Rows) -> str:
        (s,) = spread(last_epoch(rows), key, "run").values()
        return f"{s.centre:.1f} ± {s.high - s.centre:.1f} %" if s.count > 1 else f"{s.centre:.1f} %"

    return Quantity(text, "mean and standard deviation over {seeds} seeds", key)


def final_range(key: str) -> Quantity:
    def text(rows: Rows) -> str:
        values = [row[key] for row in last_epoch(rows)]
        return f"{min(values):.1f} to {max(values):.1f} %"

    return Quantity(text, "least and greatest of {seeds} seeds", key)


def at_layer(key: str, place: Callable[[int], int]) -> Quantity:
    """A norm at one layer."""

    def text(rows: Rows) -> str:
        chosen = [row for row in rows if row["layer"] == place(row["depth"])]
        return scientific(geometric(chosen, key, "run")[chosen[0]["run"]].centre)

    return Quantity(text, "geometric mean over {seeds} seeds", key)


def decay() -> Quantity:
    """The first layer's back-propagated gradient over the last layer's."""

    def text(rows: Rows) -> str:
        ends = {(row["seed"], row["layer"]): row["backpropagated"] for row in rows}
        depth, run = rows[0]["depth"], rows[0]["run"]
        ratios = [{"run": run, "ratio": ends[seed, 1] / ends[seed, depth]} for seed, layer in ends if layer == 1]
        return scientific(geometric(ratios, "ratio", "run")[run].centre)

    return Quantity(text, "geometric mean over {seeds} seeds", "backpropagated")


def counted(text: Callable[[Rows], str]) -> Quantity:
    return Quantity(text, "counted from the module", "layer")


def stated(key: str) -> Quantity:
    return Quantity(lambda rows: f"{rows[0][key]:.1f} %", "as torchvision states it for its weights", key)


def speed_up() -> Quantity:
    """Our loop's rate over the usual loop's, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["loop"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates["ours", turn] / rates["usual", turn] for loop, turn in rates if loop == "usual"]
        return f"{mean(ratios):.1f} times"

    return Quantity(text, "mean over the turns of both loops", "images_per_second")


def share(rows: Rows, key: str) -> str:
    """Of the fully connected layers."""
    return f"{100 * sum(r[key] for r in rows if r['kind'] == 'fc') / sum(r[key] for r in rows):.1f} %"


# How a page names a run of each experiment: depth is part of the name of a perceptron, as it is of a network.
NAME: dict[str, Callable[[dict[str, Any]], str]] = {
    "digits": lambda row: row["run"],
    "cifar10-short": lambda row: row["run"],
    "gradients": lambda row: f"{row['run']}-{row['depth']}",
    "networks": lambda row: row.get("model", row["run"]),
    "benchmark": lambda row: row["run"],
}
QUANTITIES: dict[str, dict[str, Quantity]] = {
    "digits": {
        "train-error": final("train_error"),
        "test-error": final("test_error"),
        "train-error-range": final_range("train_error"),
        "test-error-range": final_range("test_error"),
    },
    "cifar10-short": {"train-error": final("train_error"), "test-error": final("test_error")},
    "gradients": {
        "decay": decay(),
        "first": at_layer("backpropagated", lambda depth: 1),
        "first-weight": at_layer("weight_gradient", lambda depth: 1),
        "last-weight": at_layer("weight_gradient", lambda depth: depth),
        "last-signal": at_layer("deviation", lambda depth: depth - 1),
    },
    "benchmark": {"speed-up": speed_up()},
    "networks": {
        "parameters": counted(lambda rows: f"{sum(row['parameters'] for row in rows):,}"),
        "multiply-adds": counted(lambda rows: f"{sum(row['multiply_adds'] for row in rows) / 1e9:.1f} billion"),
        "fc-parameters": counted(lambda rows: share(rows, "parameters")),
        "fc-multiply-adds": counted(lambda rows: share(rows, "multiply_adds")),
        "top5-error": stated("top5_error"),
        "top1-error": stated("top1_error"),
    },
}
