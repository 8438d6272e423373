"""Reading the gradient grid: a row a network and step,
with lists over its layers and over its seeds (course/gradients.py).
"""

from collections.abc import Callable
from statistics import mean, stdev
from typing import Any

from matplotlib.axes import Axes

from course.drawing import Rows, band, only
from course.records import Spread
from course.style import Look

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
SMALLEST_FLOAT32 = 1.18e-38


def nets(rows: Rows, **values: Any) -> Rows:
    """The rows that have these values; what is not named is untrained,
    without batch normalisation and skip.
    """
    return only(rows, **{"step": 0, "skip": False, "batch_norm": False} | values)


def net(rows: Rows, **values: Any) -> dict[str, Any]:
    """The only one of them."""
    (row,) = nets(rows, **values)
    return row


def at(row: dict[str, Any], key: str, layer: int) -> float | None:
    """What is recorded of a layer, counted from 1, or from -1, the last."""
    return row[key][row["layers"].index(layer if layer > 0 else row["depth"] + 1 + layer)]


def seeds(values: list[float | None]) -> Spread | None:
    """Mean and deviation over the seeds that have a number."""
    found = [value for value in values if value is not None]
    if not found:
        return None
    deviation = stdev(found) if len(found) > 1 else 0.0
    return Spread(mean(found), mean(found) - deviation, mean(found) + deviation, len(found))


def profile(
    axes: Axes,
    row: dict[str, Any],
    key: str,
    layers: Callable[[int], bool] = lambda layer: True,
    **style: Any,
) -> None:
    """A quantity whose logarithm is recorded, layer by layer,
    with one standard deviation over the seeds where it is recorded.
    """
    spreads = row.get(f"{key}_spread", [0] * len(row[key]))
    points = {
        layer: Spread(10**value, 10 ** (value - (spread or 0)), 10 ** (value + (spread or 0)), row["seeds"])
        for layer, value, spread in zip(row["layers"], row[key], spreads)
        if value is not None and layers(layer)
    }
    band(axes, points, **style)


def decays(axes: Axes, rows: Rows, **style: Any) -> dict[int, float]:
    """First layer's gradient over the last layer's against depth; a net without a number is left out.
    The logarithms by depth.
    """
    found = {row["depth"]: spread for row in rows if (spread := seeds(row["decay"]))}
    band(
        axes,
        {depth: Spread(10**s.centre, 10**s.low, 10**s.high, s.count) for depth, s in found.items()},
        **style,
    )
    return {depth: spread.centre for depth, spread in found.items()}


def depth_axis(axes: Axes, depths: tuple[int, ...] = DEPTHS) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(depths, [str(depth) for depth in depths])
    axes.minorticks_off()
    axes.set_xlabel("layers L")


def floor(axes: Axes, look: Look) -> None:
    """Where float32 ends: what lies below was measured in float64."""
    axes.axhline(SMALLEST_FLOAT32, color=look.quiet, linewidth=0.9, linestyle=":")
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "left"}
    axes.annotate("float32 ends here", (0, SMALLEST_FLOAT32), (4, -10), fontsize=9, color=look.quiet, **place)
