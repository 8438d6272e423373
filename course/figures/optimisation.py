"""Figures of the lecture on why it works, further: the surface of the loss, and what a block has to learn."""

import math
from statistics import median

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.figures.drawing import band, figure
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records.accounts import crossing
from course.records.names import label
from course.records.statistics import Rows, distinct, middle, only, spread
from course.report.numerals import scientific


@figure(
    "surfaces",
    "The loss around trained networks of 56 layers that make hardly a training error, along two random "
    "directions, each filter scaled to the network's own; a pair of directions a column. From line to line "
    "the loss grows by half a power of ten, up to 10⁶; the cross is the trained network. 25 × 25 points, "
    "64 training images, running statistics.",
)
def surfaces(rows: Rows, look: Look) -> tuple[Figure, str]:
    planes = only(rows, scaling="filter", statistics="running")
    seeds = sorted(distinct(planes, "seed"))
    fig, panels = plt.subplots(2, len(seeds), figsize=(WIDTH, 4.7), sharex=True, sharey=True, squeeze=False)
    for line, run in zip(panels, ("plain-56", "resnet-56")):
        shades = LinearSegmentedColormap.from_list("loss", [look.grid, look[run.split("-")[0]], look.ink])
        for axes, seed in zip(line, seeds):
            found = only(planes, run=run, seed=seed)
            steps = sorted(distinct(found, "a"))
            place = {(row["a"], row["b"]): row["loss"] for row in found}
            grid = [[level(place[a, b]) for a in steps] for b in steps]
            axes.contour(steps, steps, grid, levels=[k / 2 for k in range(-6, 13)], cmap=shades, linewidths=1)
            axes.plot(0, 0, "+", color=look.ink)
            axes.set_aspect("equal")
            axes.grid(False)
        line[0].set_ylabel("plain-56" if run == "plain-56" else "ResNet-56")
    return fig, "Contours of the loss. " + "; ".join(
        f"it is at {scientific(corner(planes, run))} in the median corner of {name}"
        for run, name in (("plain-56", "plain-56"), ("resnet-56", "ResNet-56"))
    ) + "."


def level(loss: float | None) -> float:
    return 6.0 if loss is None else max(-3.0, min(6.0, math.log10(max(loss, 1e-9))))


def corner(rows: Rows, run: str) -> float:
    found = [row["loss"] for row in only(rows, run=run) if abs(row["a"]) == abs(row["b"]) == 1]
    return median(math.inf if loss is None else loss for loss in found)


WAYS = (
    ("filter", "running", "each filter scaled, running statistics"),
    ("filter", "batch", "each filter scaled, batch statistics"),
    ("whole", "running", "scaled as a whole, running statistics"),
)


@figure(
    "surfaces",
    "The same two networks along the first of the directions, looked at in three ways. Which of them is "
    "steeper depends on the way of looking. Median, least and greatest of the seeds.",
)
def surface_lines(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=(WIDTH, 3.5), sharey=True)
    said = []
    for axes, (scaling, statistics, name) in zip(panels, WAYS):
        for run, dash in (("plain-56", DASHES[1]), ("resnet-56", DASHES[0])):
            chosen = only(rows, run=run, scaling=scaling, statistics=statistics)
            line = [row | {"loss": 10 ** level(row["loss"])} for row in chosen if abs(row["b"]) < 1e-6]
            points = middle(line, "loss", "a")
            band(axes, points, color=look[run.split("-")[0]], linestyle=dash, label=label(*named(run)))
            said.append(
                f"{scientific(points[min(points)].centre)} at the left end for {label(*named(run))} ({name})"
            )
        axes.set(title=name.replace(", ", ",\n"), xlabel="step")
    log_axis(panels[0])
    panels[0].set_ylabel("loss")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return fig, f"Loss along one direction: {'; '.join(said)}."


def named(run: str) -> tuple[str, int]:
    family, depth = run.split("-")
    return family, int(depth)


@figure(
    "turned",
    "Blocks that learn to turn vectors by an angle, with the input added and without: squared error "
    "over that of giving out zero, after 300 "
    "steps. Left, one block: the residual one is ahead until 60°, where the target is as far from the"
    " identity as from zero. "
    "Right, eight blocks, which can divide the way. Mean and standard deviation over seeds.",
)
def turned(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.6), sharey=True)
    for axes, blocks in zip(panels, (1, 8)):
        found = {}
        for run, family, name, dash in (
            (f"plain-{blocks}", "plain", "plain", DASHES[1]),
            (f"residual-{blocks}", "resnet", "residual", DASHES[0]),
        ):
            found[family] = spread(only(rows, run=run), "loss", "angle")
            band(axes, found[family], color=look[family], linestyle=dash, label=name)
        axes.axvline(60, color=look["theory"], linestyle=":")
        axes.set(title="one block" if blocks == 1 else "eight blocks", xlabel="angle (degrees)")
        axes.set_xticks([0, 60, 120, 180])
    panels[0].set_ylabel("error")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    at = crossing(rows, 1)
    more = crossing(rows, 8)
    eight = "eight are ahead at every angle" if more is None else f"eight are ahead up to {more:.0f}°"
    return fig, f"One residual block does worse than one plain block from {at:.0f}° on; {eight}."
