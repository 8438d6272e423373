"""What every figure is made with: the registry, the choice of rows, the line with its band.

Nothing is computed in a figure but means and spreads over seeds, and nothing is trained:
restyling never costs a run.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course.figures.style import DASHES, Look
from course.records.statistics import Rows, Spread

Draw = Callable[[Rows, Look], tuple[Figure, str]]


@dataclass(frozen=True)
class Drawing:
    """name: its file in figures/.  experiment: whose records it is drawn from, or None.
    caption: what is seen.

    basis: what it is drawn from where there are no records: a sentence with its citations.
    draw: rows and look -> the figure and its alternative text,
    which states the finding with numbers from the rows.
    slide: whether it has a form for projection.
    """

    name: str
    experiment: str | None
    caption: str
    draw: Draw
    basis: str = ""
    slide: bool = False


FIGURES: dict[str, Drawing] = {}


def figure(
    experiment: str | None, caption: str, basis: str = "", slide: bool = False
) -> Callable[[Draw], Draw]:
    """Put a drawing function into FIGURES, under its name with hyphens."""

    def register(draw: Draw) -> Draw:
        name = draw.__name__.replace("_", "-")
        FIGURES[name] = Drawing(name, experiment, caption, draw, basis, slide)
        return draw

    return register


def band(axes: Axes, points: dict[Any, Spread], **style: Any) -> None:
    """A line through the centres, and the spread over seeds around it."""
    x = sorted(points)
    (line,) = axes.plot(x, [points[k].centre for k in x], **style)
    axes.fill_between(
        x,
        [points[k].low for k in x],
        [points[k].high for k in x],
        color=line.get_color(),
        alpha=0.2,
        linewidth=0,
    )


def dash_legend(fig: Figure, look: Look, labels: Iterable[str]) -> None:
    """One legend below all panels for what the dashes mean, whatever the colour."""
    handles = [
        Line2D([], [], color=look.ink, linestyle=dash, label=label) for label, dash in zip(labels, DASHES)
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=2.6)
