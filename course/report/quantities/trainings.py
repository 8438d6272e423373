"""Quantities of trainings: what error they end at, how long they take, how fast they are."""

from collections.abc import Callable
from statistics import mean, median, stdev
from typing import Any

from course.records.statistics import Rows, Spread, closing, final, grouped, last_epoch, middle, only, spread
from course.report.quantities.quantity import Quantity, extremes


def last(key: str, digits: int = 1) -> Quantity:
    """A percentage at the last epoch, as mean ± standard deviation."""
    return percentage_at(final, key, digits, "mean and standard deviation over {seeds} seeds")


def late(key: str, digits: int) -> Quantity:
    """A percentage over the last 10,000 iterations, as mean ± standard deviation."""
    how = "over the last 10,000 iterations, mean and standard deviation over {seeds} seeds"
    return percentage_at(closing, key, digits, how)


def percentage_at(end: Callable[[Rows, str], Spread], key: str, digits: int, how: str) -> Quantity:
    def text(rows: Rows) -> str:
        s = end(rows, key)
        deviation = f" ± {s.high - s.centre:.{digits}f}" if s.count > 1 else ""
        return f"{s.centre:.{digits}f}{deviation} %"

    return Quantity(text, how, key, lambda rows: end(rows, key).centre)


def median_of(key: str) -> Quantity:
    """A percentage at the last epoch, where one seed may end far from the others."""

    def value(rows: Rows) -> float:
        (s,) = middle(last_epoch(rows), key, "run").values()
        return s.centre

    return Quantity(lambda rows: f"{value(rows):.1f} %", "median of {seeds} seeds", key, value)


def last_range(key: str) -> Quantity:
    def text(rows: Rows) -> str:
        return extremes([row[key] for row in last_epoch(rows)])

    return Quantity(text, "least and greatest of {seeds} seeds", key)


def mean_where(
    key: str, place: Callable[[dict[str, Any]], bool], digits: int = 1, unit: str = " %"
) -> Quantity:
    """A mean over the rows of one place, such as a block."""

    def text(rows: Rows) -> str:
        (s,) = spread([row for row in rows if place(row)], key, "run").values()
        return f"{s.centre:z.{digits}f} ± {s.high - s.centre:.{digits}f}{unit}"  # z: no -0.00

    return Quantity(text, "mean and standard deviation over {seeds} seeds", key)


def mean_of(key: str) -> Quantity:
    """Where a run has one row a seed."""
    return mean_where(key, lambda row: True)


def epoch_range(key: str, epoch: int) -> Quantity:
    def text(rows: Rows) -> str:
        return extremes([row[key] for row in only(rows, epoch=epoch)])

    return Quantity(text, f"after epoch {epoch}, least and greatest of {{seeds}} seeds", key)


def worst_epoch(key: str) -> Quantity:
    """How far a training leaves the place where it began: the greatest of the epochs, of each seed."""

    def text(rows: Rows) -> str:
        return extremes([max(values) for values in grouped(rows, key, "seed").values()])

    return Quantity(text, "the worst epoch, least and greatest of {seeds} seeds", key)


def best_rate() -> Quantity:
    """The training error at that of the rates where its median over the seeds is least."""

    def value(rows: Rows) -> float:
        return min(median(errors) for errors in grouped(rows, "error", "rate").values())

    return Quantity(
        lambda rows: f"{value(rows):.1f} %",
        "median of {seeds} seeds at the best of the rates",
        "error",
        value,
    )


def minutes() -> Quantity:
    def text(rows: Rows) -> str:
        return f"{rows[0]['seconds'] / 60:.0f} minutes"

    return Quantity(text, "its seconds", "train_error")


def full_length() -> Quantity:
    """The time that the paper's 64,000 iterations take at the speed of a shorter training."""

    def text(rows: Rows) -> str:
        hours = rows[0]["seconds"] / rows[-1]["iteration"] * 64_000 / 3600
        return f"{hours:.0f} hours"

    return Quantity(text, "its seconds times sixteen", "train_error")


def speed_up() -> Quantity:
    """Our loop's rate over the usual loop's, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["loop"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates["ours", turn] / rates["usual", turn] for loop, turn in rates if loop == "usual"]
        return f"{mean(ratios):.2f} ± {stdev(ratios):.2f} times"

    return Quantity(text, "mean and deviation over the turns of both loops", "images_per_second")


def gain(jobs: int) -> Quantity:
    """The rate of `jobs` runs side by side over that of one alone, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["jobs"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates[jobs, turn] / rates[1, turn] for together, turn in rates if together == jobs]
        return f"{mean(ratios):.1f} times"

    return Quantity(text, "mean over the turns of both", "images_per_second")
