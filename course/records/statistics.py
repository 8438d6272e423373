"""What is made of the rows of records: which of them, and means and spreads over seeds."""

import math
from dataclasses import dataclass
from statistics import mean, median, stdev
from typing import Any

Rows = list[dict[str, Any]]


def only(rows: Rows, **values: Any) -> Rows:
    """The rows that have these values."""
    return [row for row in rows if all(row[key] == value for key, value in values.items())]


def distinct(rows: Rows, key: str) -> list:
    return list(dict.fromkeys(row[key] for row in rows))


@dataclass(frozen=True)
class Spread:
    """The centre of a few measurements and what lies around it: one deviation to each side,
    or all of them.
    """

    centre: float
    low: float
    high: float
    count: int

    def raised(self) -> "Spread":
        """10 to the power of each: of logarithms, what they are the logarithms of."""
        return Spread(10**self.centre, 10**self.low, 10**self.high, self.count)


def spread(rows: Rows, value: str, by: str) -> dict[Any, Spread]:
    """Mean and standard deviation of a column over the rows that share `by`,
    such as the seeds of an epoch.
    """
    result = {}
    for key, values in grouped(rows, value, by).items():
        centre, deviation = mean(values), stdev(values) if len(values) > 1 else 0.0
        result[key] = Spread(centre, centre - deviation, centre + deviation, len(values))
    return result


def middle(rows: Rows, value: str, by: str) -> dict[Any, Spread]:
    """Median, least and greatest: where most trainings succeed and one does not, a mean describes none."""
    return {
        key: Spread(median(values), min(values), max(values), len(values))
        for key, values in grouped(rows, value, by).items()
    }


def grouped(rows: Rows, value: str, by: str) -> dict[Any, list[float]]:
    groups: dict[Any, list[float]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row[value])
    return groups


def geometric(rows: Rows, value: str, by: str) -> dict[Any, Spread]:
    """The same on a logarithmic scale, for norms that differ by powers of ten."""
    logarithms = [row | {value: math.log10(row[value])} for row in rows]
    return {key: s.raised() for key, s in spread(logarithms, value, by).items()}


def last_epoch(rows: Rows) -> Rows:
    """What is reported of a training: its last epoch, never the best one."""
    return only(rows, epoch=max(row["epoch"] for row in rows))


def ends(rows: Rows) -> Rows:
    """The last epochs of an experiment whose runs are not equally long."""
    return [row for run in distinct(rows, "run") for row in last_epoch(only(rows, run=run))]


def closing(rows: Rows, value: str) -> Spread:
    """Mean and standard deviation over the seeds of one run, each the mean of its last 10,000
    iterations."""
    end = max(row["iteration"] for row in rows)
    late = [row for row in rows if row["iteration"] > end - 10_000]
    means = [{"end": end, value: mean(values)} for values in grouped(late, value, "seed").values()]
    return spread(means, value, "end")[end]


def final(rows: Rows, value: str) -> Spread:
    """Mean and standard deviation of a column over the seeds of one run, at its last epoch."""
    (of_the_run,) = spread(last_epoch(rows), value, "run").values()
    return of_the_run
