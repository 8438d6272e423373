"""Drawing the gradient grid: a net's profile over its layers, decay against depth."""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes

from course.figures.drawing import band
from course.figures.style import Look
from course.records.gradient_grid import DEPTHS, over_seeds
from course.records.statistics import Rows, Spread

SMALLEST_FLOAT32 = 1.18e-38


def profile(
    axes: Axes,
    row: dict[str, Any],
    key: str,
    layers: Callable[[int], bool] = lambda layer: True,
    **style: Any,
) -> None:
    """A quantity whose logarithm is recorded, layer by layer,
    with its deviation over the seeds where that is too.
    """
    deviations = row.get(f"{key}_spread", [0] * len(row[key]))
    points = {
        layer: Spread(value, value - (deviation or 0), value + (deviation or 0), row["seeds"]).raised()
        for layer, value, deviation in zip(row["layers"], row[key], deviations)
        if value is not None and layers(layer)
    }
    band(axes, points, **style)


def decays(axes: Axes, rows: Rows, **style: Any) -> dict[int, float]:
    """First layer's gradient over the last layer's against depth; a net without a number is left out.

    Returns the logarithms by depth.
    """
    logarithms = {row["depth"]: spread for row in rows if (spread := over_seeds(row["decay"]))}
    band(axes, {depth: spread.raised() for depth, spread in logarithms.items()}, **style)
    return {depth: spread.centre for depth, spread in logarithms.items()}


def depth_axis(axes: Axes, depths: tuple[int, ...] = DEPTHS) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(depths, [str(depth) for depth in depths])
    axes.minorticks_off()
    axes.set_xlabel("layers L")


def floor(axes: Axes, look: Look) -> None:
    """Where float32 ends: what lies below was measured in float64."""
    axes.axhline(SMALLEST_FLOAT32, color=look.quiet, linewidth=0.9, linestyle=":")
    place: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "ha": "left",
    }
    axes.annotate(
        "float32 ends here",
        (0, SMALLEST_FLOAT32),
        (4, -10),
        fontsize=look.letters(9),
        color=look.quiet,
        **place,
    )
