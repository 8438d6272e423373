"""One look for every figure: a colour for each concept, in light and in dark, and the same sizes everywhere;
for projection, the same sizes in a wide frame, which a slide shows twice as large.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
from matplotlib.axes import Axes

from course.report.numerals import power_of_ten

WIDTH = 6.4  # inches: 614 px on the page, which a telephone shows at half size
PROJECTED = 2.8  # inches: as high as a slide has room for, where it shows the width as 1180 px of its 1280


@dataclass(frozen=True)
class Look:
    """The colours of a theme. Lines differ by dash or label too: no figure speaks by colour alone."""

    ink: str
    quiet: str
    grid: str
    paper: str
    colours: dict[str, str]
    slide: bool = False

    def __getitem__(self, concept: str) -> str:
        return self.colours[concept]

    def size(self, height: float) -> tuple[float, float]:
        """Of a figure in inches. On a slide nothing is smaller: all figures have the height that it has."""
        return WIDTH, PROJECTED if self.slide else height

    def letters(self, size: float) -> float:
        """The size of small text in points: the last row of a hall reads none below 24 px of a slide."""
        return max(size, 9.6) if self.slide else size


THEMES = {
    "light": Look(
        ink="#1f2328",
        quiet="#57606a",
        grid="#d8dee4",
        paper="#ffffff",
        colours={
            "plain": "#c2410c", "resnet": "#1d4ed8", "vgg": "#15803d", "alexnet": "#7e22ce",
            "sigmoid": "#c2410c", "tanh": "#0f766e", "relu": "#1d4ed8", "theory": "#57606a",
            "leaky_relu": "#0e7490", "gelu": "#7e22ce", "identity": "#57606a",
            "normal": "#57606a", "xavier": "#c2410c", "he": "#1d4ed8", "orthogonal": "#15803d",
            "conv": "#1d4ed8", "fc": "#c2410c", "human": "#57606a",
        },
    ),
    "dark": Look(
        ink="#e6e6ea",
        quiet="#a8adba",
        grid="#3d4250",
        paper="#1e2129",
        colours={
            "plain": "#ff9e64", "resnet": "#8fb0ff", "vgg": "#7fd08f", "alexnet": "#d0a8ff",
            "sigmoid": "#ff9e64", "tanh": "#5fd4c4", "relu": "#8fb0ff", "theory": "#a8adba",
            "leaky_relu": "#67d4f0", "gelu": "#d0a8ff", "identity": "#a8adba",
            "normal": "#a8adba", "xavier": "#ff9e64", "he": "#8fb0ff", "orthogonal": "#7fd08f",
            "conv": "#8fb0ff", "fc": "#ff9e64", "human": "#a8adba",
        },
    ),
}  # fmt: skip
PRINT = replace(THEMES["light"], ink="#000000", quiet="#333333", grid="#cccccc")  # on white paper, in a PDF
# Projected into a bright room, what is quiet on a page is not seen.
SLIDES = {
    "slide": replace(THEMES["light"], ink="#111111", quiet="#333a44", grid="#b9c1ca", slide=True),
    "slide-dark": replace(THEMES["dark"], quiet="#c8ccd6", slide=True),
}
LOOKS = THEMES | SLIDES | {"print": PRINT}
DASHES: list[Any] = ["-", (0, (5, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2))]


@contextmanager
def look(theme: str) -> Iterator[Look]:
    """matplotlib's settings for a theme or for print, for as long as the block lasts."""
    chosen = LOOKS[theme]
    settings: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 10.5,
        "axes.titlesize": 10.5,
        "axes.labelsize": 10.5,
        "legend.fontsize": 10,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": chosen.grid,
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.4 if chosen.slide else 2,
        "lines.markersize": 5,
        "text.color": chosen.ink,
        "axes.labelcolor": chosen.ink,
        "axes.titlecolor": chosen.ink,
        "axes.edgecolor": chosen.quiet,
        "xtick.color": chosen.quiet,
        "ytick.color": chosen.quiet,
        "figure.facecolor": chosen.paper if theme == "print" else "none",
        "axes.facecolor": "none",
        "savefig.transparent": theme != "print",
        "svg.fonttype": "none",  # text stays text: it can be searched, selected and read aloud
        "pdf.fonttype": 42,  # the same for PDF
        "svg.hashsalt": "going deeper",  # the same drawing gives the same bytes
    }
    with matplotlib.rc_context(settings):
        yield chosen


def log_axis(axes: Axes, decades: int = 1) -> None:
    """Make y logarithmic, labelled 10⁻⁸ in plain characters, with a label each `decades` powers of ten."""
    axes.set_yscale("log")
    low, high = (math.log10(limit) for limit in axes.get_ylim())
    exponents = [e for e in range(math.ceil(low), math.floor(high) + 1) if e % decades == 0]
    axes.set_yticks([10.0**e for e in exponents], [power_of_ten(e) for e in exponents])
    axes.minorticks_off()
