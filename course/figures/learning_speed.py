"""Figures of the lecture on vanishing gradients: sigmoid nets in training."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.figures.drawing import band, figure
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records.gradient_grid import at
from course.records.statistics import Rows, Spread, only
from course.report.numerals import scientific

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
    slide=True,
)
def saturation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(3.8), sharey=True)
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
