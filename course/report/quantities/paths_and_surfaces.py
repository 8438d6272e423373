"""Quantities of the lecture on why it works: the lengths of paths, and the surface of the loss."""

from math import inf
from statistics import mean, median

from course.records.accounts import fall
from course.records.statistics import Rows, only, spread
from course.report.numerals import scientific
from course.report.quantities.quantity import Quantity, extremes


def shortest_with(key: str, left: float) -> Quantity:
    """Up to how many branches the paths cross which together leave less than a share of the gradient."""

    def text(rows: Rows) -> str:
        return str(min(length for length, s in spread(rows, key, "length").items() if s.centre < left))

    return Quantity(text, "mean over {seeds} seeds", key)


def strongest(key: str) -> Quantity:
    """The number of branches crossed by the paths that together bring most."""

    def text(rows: Rows) -> str:
        means = spread(rows, key, "length")
        return str(max(means, key=lambda length: means[length].centre))

    return Quantity(text, "mean over {seeds} seeds", key)


def last_of_all(key: str) -> Quantity:
    """What all points of a surface share."""
    return Quantity(
        lambda rows: extremes([row[key] for row in rows]), "least and greatest of {seeds} seeds", key
    )


def outermost(scaling: str, statistics: str) -> Quantity:
    """The loss a whole step from the middle, along the first direction, on both sides."""

    def value(rows: Rows) -> float:
        line = only(rows, scaling=scaling, statistics=statistics)
        ends = [row["loss"] for row in line if abs(row["a"]) == 1 and abs(row["b"]) < 1e-6]
        return median(inf if loss is None else loss for loss in ends)

    return Quantity(
        lambda rows: scientific(value(rows)), "median of both ends and {seeds} seeds", "loss", value
    )


def innermost() -> Quantity:
    """The loss in the middle: of the trained network itself."""

    def value(rows: Rows) -> float:
        plane = only(rows, scaling="filter", statistics="running")
        return median(row["loss"] for row in plane if abs(row["a"]) + abs(row["b"]) < 1e-6)

    return Quantity(lambda rows: f"{value(rows):.2g}", "median over {seeds} seeds", "loss", value)


def falling(statistics: str) -> Quantity:
    """On the straight ways from the middle of a plane to its rim: the share of steps at which the loss
    falls.
    """

    def value(rows: Rows) -> float:
        return 100 * mean(fall(only(rows, seed=seed), statistics) for seed in {row["seed"] for row in rows})

    return Quantity(lambda rows: f"{value(rows):.0f} %", "mean over {seeds} seeds", "loss", value)
