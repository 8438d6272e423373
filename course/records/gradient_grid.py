"""Reading the gradient grid: a row a network and step, with lists over its layers and over its seeds
(course.experiments.gradients).
"""

from statistics import mean, stdev
from typing import Any

from course.records.statistics import Rows, Spread, only

NAMES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
    "identity": "identity",
}
INITS = {"normal": "normal, 0.01", "xavier": "Xavier", "he": "He", "orthogonal": "orthogonal"}
# Each activation with its usual initialisation.
OWN = {
    "sigmoid": "xavier",
    "tanh": "xavier",
    "identity": "xavier",
    "relu": "he",
    "leaky_relu": "he",
    "gelu": "he",
}
DEPTHS = (2, 4, 8, 16, 32, 64)


def nets(rows: Rows, **values: Any) -> Rows:
    """The rows that have these values; what is not named is untrained,
    without batch normalisation and skip.
    """
    return only(rows, **{"step": 0, "skip": False, "batch_norm": False} | values)


def net(rows: Rows, **values: Any) -> dict[str, Any]:
    """The only one of them."""
    (row,) = nets(rows, **values)
    return row


def at(row: dict[str, Any], key: str, layer: int) -> Any:
    """The number recorded of a layer, counted from 1, or from -1, the last; None where there was none."""
    return row[key][row["layers"].index(layer if layer > 0 else row["depth"] + 1 + layer)]


def over_seeds(values: list[float | None]) -> Spread | None:
    """Mean and deviation over the seeds that have a number."""
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    centre, deviation = mean(numbers), stdev(numbers) if len(numbers) > 1 else 0.0
    return Spread(centre, centre - deviation, centre + deviation, len(numbers))
