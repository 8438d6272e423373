"""What training makes of vanishing gradients: saturation, the speed of the layers,
and where networks learn at all.
"""

import math

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.drawing import Rows, band, distinct, figure, only
from course.grid import DEPTHS, at, profile
from course.records import Spread
from course.style import DASHES, WIDTH, Look, log_axis, scientific

EPOCH = 44  # steps of 32 among 1,437 digits


def through_training(rows: Rows, key: str, layer: int, spread: str | None = None) -> dict[float, Spread]:
    """A recorded quantity of a layer against epochs; `spread` is the column that is its deviation,
    recorded as a logarithm.
    """
    points = {}
    for row in rows:
        centre = at(row, key, layer)
        width = 10 ** at(row, spread, layer) if spread else 0
        points[row["step"] / EPOCH] = Spread(centre, centre - width, centre + width, row["seeds"])
    return points


@figure(
    "glorot",
    "Sigmoid nets in training: activations of the last two hidden layers, mean and standard deviation. The "
    "last is pushed towards zero. With four hidden layers it comes back, with five it has not after 360 "
    "epochs. After Glorot and Bengio 2010, Figure 2.",
)
def saturation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharey=True)
    ends = {}
    for axes, depth in zip(panels, (5, 6)):
        found = only(rows, run="sigmoid", depth=depth)
        for layer, dash, label, colour in (
            (depth - 2, DASHES[1], "last but one", look["relu"]),
            (depth - 1, DASHES[0], "last", look["sigmoid"]),
        ):
            band(
                axes,
                through_training(found, "mean", layer, "deviation"),
                color=colour,
                linestyle=dash,
                label=f"{label} hidden layer",
            )
        ends[depth] = [at(row, "mean", depth - 1) for row in found]
        axes.set(title=f"{depth - 1} hidden layers", xlabel="epoch", ylim=(0, 1))
    panels[0].set_ylabel("activation")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return fig, (
        f"Mean activation of the last hidden layer: with four hidden layers it falls from {ends[5][0]:.2f} "
        f"to {min(ends[5]):.2f} and ends at {ends[5][-1]:.2f}; with five it falls, to {ends[6][-1]:.2f} at "
        "the end."
    )


@figure(
    "glorot",
    "The speed of learning of each layer: the norm of its weight gradient in sigmoid nets of 2 to 5 hidden "
    "layers in training. Early layers are slower, until the net has found its way. After Nielsen 2015, "
    "chapter 5.",
)
def learning_speed(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, 2, figsize=(WIDTH, 5.2), sharex=True, sharey=True)
    first = {}
    for axes, depth in zip(panels.flat, (3, 4, 5, 6)):
        found = only(rows, run="sigmoid", depth=depth)
        for layer in range(1, depth):
            dash = (
                DASHES[0] if layer == 1 else DASHES[1] if layer == depth - 1 else DASHES[layer % len(DASHES)]
            )
            points = {row["step"] / EPOCH: at(row, "weight_gradient", layer) for row in found}
            shade = look["sigmoid"] if layer == 1 else look["relu"] if layer == depth - 1 else look.quiet
            axes.plot(
                list(points),
                [10**v for v in points.values()],
                color=shade,
                linestyle=dash,
                linewidth=2.4 if layer in (1, depth - 1) else 1.2,
            )
        start = found[0]
        first[depth] = 10 ** (at(start, "weight_gradient", depth - 1) - at(start, "weight_gradient", 1))
        axes.set_title(f"{depth - 1} hidden layers")
    log_axis(panels[0][0])
    for axes in panels[-1]:
        axes.set_xlabel("epoch")
    for line in panels:
        line[0].set_ylabel("weight gradient")
    handles = [
        plt.Line2D([], [], color=look["sigmoid"], linewidth=2.4),
        plt.Line2D([], [], color=look.quiet, linewidth=1.2),
        plt.Line2D([], [], color=look["relu"], linestyle=DASHES[1], linewidth=2.4),
    ]
    fig.legend(
        handles, ("first hidden layer", "between", "last hidden layer"), loc="outside lower center", ncols=3
    )
    return (
        fig,
        "At the start the last hidden layer's weight gradient is larger than the first's by a factor of "
        + ", ".join(f"{scientific(factor)} with {depth - 1} hidden layers" for depth, factor in first.items())
        + ".",
    )


@figure(
    "glorot",
    "Two gradients in untrained tanh nets of 32 layers. With the standard weights of 2010 (dashed) the "
    "back-propagated gradient (left) shrinks towards the input, the weight gradient (right) does not: the "
    "signal shrinks the other way. Xavier's weights (solid) keep both.",
)
def two_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.6), sharey=True)
    ends = {}
    scales = sorted(distinct(only(rows, run="tanh"), "scale"))
    for axes, key, title in zip(
        panels, ("backpropagated", "weight_gradient"), ("back-propagated gradient", "weight gradient")
    ):
        for scale, dash, colour, label in zip(
            scales,
            (DASHES[1], DASHES[0]),
            (look["sigmoid"], look["tanh"]),
            ("standard, variance 1 / 3n", "Xavier, variance 1 / n"),
        ):
            (found,) = only(rows, run="tanh", depth=32, scale=scale)
            profile(axes, found, key, lambda layer: 1 < layer < 32, color=colour, linestyle=dash, label=label)
            ends[key, scale] = scientific(10 ** (at(found, key, 3) - at(found, key, 31)))
        log_axis(axes, decades=2)
        axes.set(title=title, xlabel="layer")
    panels[0].set_ylabel("norm")
    panels[0].legend(loc="lower right")
    small, full = scales
    return fig, (
        "Layer 3 over layer 31 of 32: with standard weights the back-propagated gradient is "
        f"{ends['backpropagated', small]} times, the weight gradient {ends['weight_gradient', small]} times "
        f"as large; with Xavier's {ends['backpropagated', full]} and {ends['weight_gradient', full]} times."
    )


@figure(
    "trainability",
    "Where ReLU nets learn: training error after 200 steps over depth and the scale of the initial weights, "
    "in units of He's. Blue is learnt. A cross: at least one seed diverged.",
)
def trainability(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=(WIDTH, 4.2), sharey=True)
    shades = LinearSegmentedColormap.from_list("error", [look["resnet"], look.paper])
    scales = sorted(distinct(rows, "scale"))
    learnt = {}
    for axes, run, title in zip(panels, ("plain", "bn", "residual"), ("plain", "BN", "BN and skips")):
        last = {
            (row["scale"], row["depth"]): row["error"]
            for row in only(rows, run=run)
            if row["step"] == max(distinct(rows, "step"))
        }
        grid = [[mean_error(last[scale, depth]) for depth in DEPTHS] for scale in scales]
        image = axes.pcolormesh(grid, cmap=shades, vmin=0, vmax=90, edgecolors=look.grid, linewidth=0.5)
        for i, scale in enumerate(scales):
            for j, depth in enumerate(DEPTHS):
                if None in last[scale, depth]:
                    axes.text(j + 0.5, i + 0.5, "×", ha="center", va="center", color=look.ink)
        axes.set(title=title, xlabel="layers L")
        axes.set_xticks([j + 0.5 for j in range(len(DEPTHS))], [str(d) for d in DEPTHS])
        axes.set_yticks([i + 0.5 for i in range(len(scales))], [f"{scale:g}" for scale in scales])
        axes.grid(False)
        learnt[title] = sum(value < 10 for line in grid for value in line)
    panels[0].set_ylabel("scale of the weights")
    fig.colorbar(image, ax=panels, location="bottom", label="training error (%)", shrink=0.6, aspect=30)
    total = len(scales) * len(DEPTHS)
    return fig, "Of " + f"{total} combinations of depth and scale, " + ", ".join(
        f"{count} are below 10 % training error ({title})" for title, count in learnt.items()
    ) + "."


def mean_error(errors: list[float | None]) -> float:
    """A net that diverged answers at random: 90 % wrong."""
    return math.fsum(90.0 if error is None else error for error in errors) / len(errors)
