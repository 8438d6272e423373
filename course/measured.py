"""Measured numbers for the prose: a page names one, the site's build looks it up in the records.
Nobody types them.

digits/plain-56/train-error     of the last epoch, mean and standard deviation over seeds
gradients/sigmoid-xavier-32/decay    the first layer's back-propagated gradient over the last layer's, at 32
layers gradients/relu-he-bn-skip-64@100/first    the first layer's, after 100 steps of training
networks/vgg-16/parameters      counted from the module
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import mean
from typing import Any

from course import CourseError, records
from course.grid import at
from course.records import Spread, geometric, grouped, last_epoch, middle, spread
from course.style import scientific

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Measured:
    """text: the number as a reader sees it.  source: where it comes from, in one line.
    value: the number itself; None where the text tells a range.
    """

    text: str
    source: str
    value: float | None = None


@dataclass(frozen=True)
class Quantity:
    """text: rows -> the number as a reader sees it.  how: how it was made of them.  needs:
    the column it is made of.  value: rows -> the number itself, where it is one.
    """

    text: Callable[[Rows], str]
    how: str
    needs: str
    value: Callable[[Rows], float] | None = None


def measured(name: str) -> Measured:
    """Raises CourseError for a name that no record answers, with the names that would."""
    experiment, run, quantity, *rest = (*name.split("/"), "", "")
    if experiment not in QUANTITIES or any(rest):
        raise CourseError(
            f"unknown measurement {name!r}: it is experiment/run/quantity and starts with one of "
            f"{', '.join(f'{e}/' for e in QUANTITIES)}"
        )
    if quantity not in QUANTITIES[experiment]:
        raise CourseError(
            f"unknown quantity {quantity!r} of {experiment}: choose from {', '.join(QUANTITIES[experiment])}"
        )
    state = tuple(
        (path.name, path.stat().st_mtime_ns) for path in sorted(records.RUNS.glob(f"{experiment}-*.json"))
    )
    runs = by_name(experiment, state)
    if run not in runs:
        raise CourseError(f"no record of {run!r} in {experiment}: choose from {', '.join(sorted(runs))}")
    chosen = runs[run]
    found = QUANTITIES[experiment][quantity]
    if found.needs not in chosen[0]:
        able = ", ".join(name for name, other in QUANTITIES[experiment].items() if other.needs in chosen[0])
        raise CourseError(f"{experiment}/{run} has no {quantity}: choose from {able}")
    how = found.how.format(seeds=chosen[0].get("seeds", len({row["seed"] for row in chosen})))
    try:
        text, value = found.text(chosen), found.value(chosen) if found.value else None
    except Missing:
        raise CourseError(
            f"{experiment}/{run} has no number for {quantity}: the training diverged, or it is zero"
        ) from None
    return Measured(text, f"{experiment}, {run}: {how}; records in figures/runs", value)


class Missing(Exception):
    """There is no number where one was asked for."""


def there(value: float | None) -> float:
    if value is None:
        raise Missing
    return value


@lru_cache
def by_name(experiment: str, state: tuple) -> dict[str, Rows]:
    """The rows under the names that pages use, read once for each `state` of the files:
    a page may name a hundred numbers.
    """
    found: dict[str, Rows] = {}
    for row in records.rows(experiment, records.RUNS):
        name = NAME[experiment](row)
        found.setdefault(name, []).append(row | {"run": name})
    return found


def final(key: str) -> Quantity:
    """A percentage at the last epoch, as mean ± standard deviation."""

    def of(rows: Rows) -> Spread:
        (s,) = spread(last_epoch(rows), key, "run").values()
        return s

    def text(rows: Rows) -> str:
        s = of(rows)
        return f"{s.centre:.1f} ± {s.high - s.centre:.1f} %" if s.count > 1 else f"{s.centre:.1f} %"

    return Quantity(
        text, "mean and standard deviation over {seeds} seeds", key, lambda rows: of(rows).centre
    )


def middle_of(key: str) -> Quantity:
    """A percentage at the last epoch, where one seed may end far from the others."""

    def value(rows: Rows) -> float:
        (s,) = middle(last_epoch(rows), key, "run").values()
        return s.centre

    return Quantity(lambda rows: f"{value(rows):.1f} %", "median of {seeds} seeds", key, value)


def final_range(key: str) -> Quantity:
    def text(rows: Rows) -> str:
        values = [row[key] for row in last_epoch(rows)]
        return f"{min(values):.1f} to {max(values):.1f} %"

    return Quantity(text, "least and greatest of {seeds} seeds", key)


def mean_where(
    key: str, place: Callable[[dict[str, Any]], bool], digits: int = 1, unit: str = " %"
) -> Quantity:
    """A mean over the rows of one place, such as a block."""

    def text(rows: Rows) -> str:
        (s,) = spread([row for row in rows if place(row)], key, "run").values()
        return f"{s.centre:z.{digits}f} ± {s.high - s.centre:.{digits}f}{unit}"  # z: no -0.00

    return Quantity(text, "mean and standard deviation over {seeds} seeds", key)


def epoch_range(key: str, epoch: int) -> Quantity:
    def text(rows: Rows) -> str:
        values = [row[key] for row in rows if row["epoch"] == epoch]
        return f"{min(values):.1f} to {max(values):.1f} %"

    return Quantity(text, f"after epoch {epoch}, least and greatest of {{seeds}} seeds", key)


def worst_epoch(key: str) -> Quantity:
    """How far a training leaves the place where it began: the greatest of the epochs, of each seed."""

    def text(rows: Rows) -> str:
        worst = [max(values) for values in grouped(rows, key, "seed").values()]
        return f"{min(worst):.1f} to {max(worst):.1f} %"

    return Quantity(text, "the worst epoch, least and greatest of {seeds} seeds", key)


def other_blocks(key: str) -> Quantity:
    """Without one block; the first block aside, on which the whole network stands."""

    def text(rows: Rows) -> str:
        means = [s.centre for s in spread([row for row in rows if row["block"] > 1], key, "block").values()]
        return f"{min(means):.0f} to {max(means):.0f} %"

    return Quantity(text, "least and greatest mean of the blocks after the first, over {seeds} seeds", key)


def first_layer(key: str) -> Quantity:
    """Of networks before or after an epoch of training."""

    def text(rows: Rows) -> str:
        (s,) = geometric([row for row in rows if row["layer"] == 1], key, "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", key)


def first_turn() -> Quantity:
    """How far a step of rate 0.1 moves the first layer's weights, as a share of their length."""

    def text(rows: Rows) -> str:
        turns = [
            row | {"turn": 0.1 * row["weight_gradient"] / row["weight"]} for row in rows if row["layer"] == 1
        ]
        (s,) = geometric(turns, "turn", "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", "weight")


def logarithm(key: str, layer: int) -> Quantity:
    """A norm or a deviation at one layer, counted from 1, or from -1, the last."""

    def value(rows: Rows) -> float:
        return 10 ** there(at(rows[0], key, layer))

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", key, value)


def decay() -> Quantity:
    """The first layer's back-propagated gradient over the last layer's."""

    def value(rows: Rows) -> float:
        values = [decay for decay in rows[0]["decay"] if decay is not None]
        return 10 ** there(mean(values) if values else None)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", "decay", value)


def percentage(key: str, layer: int) -> Quantity:
    def value(rows: Rows) -> float:
        return there(at(rows[0], key, layer))

    return Quantity(lambda rows: f"{value(rows):g} %", "mean over {seeds} seeds", key, value)


def grid_name(row: dict[str, Any]) -> str:
    """sigmoid-xavier-bn-skip-32@100: what the perceptron is made of, its depth,
    and the steps of training, if any.
    """
    switches = "-bn" * row["batch_norm"] + "-skip" * row["skip"]
    return f"{row['activation'].replace('_', '-')}-{row['init']}{switches}-{row['depth']}" + (
        f"@{row['step']}" if row["step"] else ""
    )


def convolutional_name(row: dict[str, Any]) -> str:
    return f"{row['run']}-{row['depth']}" + (f"@{row['step']}" if row["step"] else "")


def counted(value: Callable[[Rows], float], shown: Callable[[float], str]) -> Quantity:
    return Quantity(lambda rows: shown(value(rows)), "counted from the module", "layer", value)


def stated(key: str) -> Quantity:
    def value(rows: Rows) -> float:
        return rows[0][key]

    return Quantity(
        lambda rows: f"{value(rows):.1f} %", "as torchvision states it for its weights", key, value
    )


def speed_up() -> Quantity:
    """Our loop's rate over the usual loop's, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["loop"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates["ours", turn] / rates["usual", turn] for loop, turn in rates if loop == "usual"]
        return f"{mean(ratios):.1f} times"

    return Quantity(text, "mean over the turns of both loops", "images_per_second")


def gain(jobs: int) -> Quantity:
    """The rate of `jobs` runs side by side over that of one alone, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["jobs"], row["turn"]): row["images_per_second"] for row in rows}
        return f"{mean(rates[jobs, turn] / rates[1, turn] for together, turn in rates if together == jobs):.1f} times"

    return Quantity(text, "mean over the turns of both", "images_per_second")


def full_length() -> Quantity:
    """The time that the paper's 64,000 iterations take at the speed of a shorter training."""

    def text(rows: Rows) -> str:
        hours = rows[0]["seconds"] / rows[-1]["iteration"] * 64_000 / 3600
        return f"{hours:.0f} hours"

    return Quantity(text, "its seconds times sixteen", "train_error")


def total(key: str) -> Callable[[Rows], float]:
    return lambda rows: sum(row[key] for row in rows)


def share(key: str) -> Callable[[Rows], float]:
    """Of the fully connected layers, in per cent."""
    return lambda rows: 100 * sum(r[key] for r in rows if r["kind"] == "fc") / sum(r[key] for r in rows)


# How a page names a run of each experiment: depth is part of the name of a perceptron, as it is of a network.
NAME: dict[str, Callable[[dict[str, Any]], str]] = {
    "digits": lambda row: row["run"],
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
    "training-gradients": lambda row: f"{row['run']}-epoch-{row['epoch']}",
}
GRADIENTS = {
    "decay": decay(),
    "first": logarithm("backpropagated", 1),
    "first-weight": logarithm("weight_gradient", 1),
    "last-weight": logarithm("weight_gradient", -1),
    "last-signal": logarithm("deviation", -2),
    "last-dead": percentage("dead", -2),
}
QUANTITIES: dict[str, dict[str, Quantity]] = {
    "digits": {
        "train-error": final("train_error"),
        "test-error": final("test_error"),
        "train-error-range": final_range("train_error"),
        "test-error-range": final_range("test_error"),
    },
    "cifar10-short": {
        "train-error": final("train_error"),
        "test-error": final("test_error"),
        "full-length": full_length(),
    },
    "gradients": GRADIENTS,
    "gradients-cifar": GRADIENTS,
    "benchmark": {"speed-up": speed_up()},
    "side-by-side": {"two": gain(2)},
    "care": {
        "train-error": middle_of("train_error"),
        "train-error-range": final_range("train_error"),
        "sixth-epoch": epoch_range("train_error", 6),
        "inference-error": middle_of("inference_error"),
        "inference-error-range": final_range("inference_error"),
        "test-error": middle_of("test_error"),
        "test-error-range": final_range("test_error"),
    },
    "construction": {
        "start-range": epoch_range("batch_error", 0),
        "worst-epoch": worst_epoch("batch_error"),
        "batch-error-range": final_range("batch_error"),
        "inference-error-range": final_range("train_error"),
    },
    "dissection": {
        "first-block": mean_where("train_error", lambda row: row["block"] == 1 and row["layer"] == 2),
        "other-blocks": other_blocks("train_error"),
    },
    "failures": {
        "train-error": final("train_error"),
        "test-error": final("test_error"),
        "other-error": final("other_error"),
    },
    "recipes": {"top1-error": stated("top1_error"), "top5-error": stated("top5_error")},
    "shattering": {"next": mean_where("correlation", lambda row: row["lag"] == 1, digits=2, unit="")},
    "training-gradients": {
        "first": first_layer("backpropagated"),
        "first-weight": first_layer("weight"),
        "first-weight-gradient": first_layer("weight_gradient"),
        "first-turn": first_turn(),
    },
    "networks": {
        "parameters": counted(total("parameters"), "{:,}".format),
        "multiply-adds": counted(total("multiply_adds"), lambda value: f"{value / 1e9:.1f} billion"),
        "fc-parameters": counted(share("parameters"), "{:.1f} %".format),
        "fc-multiply-adds": counted(share("multiply_adds"), "{:.1f} %".format),
        "top5-error": stated("top5_error"),
        "top1-error": stated("top1_error"),
    },
}
