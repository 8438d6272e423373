"""Figures of what happens inside plain and residual networks: gradients, their likeness, blocks taken out."""

import math
from statistics import mean

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.figures.drawing import band, dash_legend, figure
from course.figures.gradient_grid import profile
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records import published
from course.records.gradient_grid import DEPTHS, at, net
from course.records.names import label
from course.records.statistics import (
    Rows,
    distinct,
    geometric,
    only,
    spread,
)
from course.report.numerals import scientific

FAMILIES = (("plain", "plain"), ("resnet", "residual"))


@figure(
    "training-gradients",
    "Gradient at each layer's output (above) and norm of its weights (below): before training (solid), "
    "after one epoch (long dashes) and after four (short dashes). In plain-56 the gradient first explodes "
    "towards the input; the first steps then blow up the weights there, and the explosion is over. "
    "Geometric mean over seeds.",
    slide=True,
)
def training_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    keys = ["backpropagated"] if look.slide else ["backpropagated", "weight"]
    size = look.size(5.6)
    fig, panels = plt.subplots(len(keys), 3, figsize=size, sharey="row", sharex="col", squeeze=False)
    first = {}
    for column, (family, depth) in enumerate((("plain", 20), ("plain", 56), ("resnet", 56))):
        run = f"{family}-{depth}"
        for line, key in enumerate(keys):
            for epoch, dash in zip((0, 1, 4), DASHES):
                points = geometric(only(rows, run=run, epoch=epoch), key, "layer")
                band(panels[line][column], points, color=look[family], linestyle=dash)
                first[run, key, epoch] = points[1].centre
        panels[0][column].set_title(label(family, depth))
        panels[-1][column].set_xlabel("layer")
    for line, what in zip(panels, ("norm of the gradient", "norm of the weights")):
        log_axis(line[0])
        line[0].set_ylabel(what)
    dash_legend(fig, look, ("untrained", "1 epoch", "4 epochs"))
    gradient = [scientific(first["plain-56", "backpropagated", epoch]) for epoch in (0, 4)]
    said = (
        f"At layer 1 of plain-56 the gradient is {gradient[0]} before training and {gradient[1]} after four"
    )
    said += " epochs"
    if look.slide:
        return fig, f"{said}."
    return fig, (
        f"{said}, the norm of the weights {scientific(first['plain-56', 'weight', 0])} and "
        f"{scientific(first['plain-56', 'weight', 4])}. In plain-20 the weights go from "
        f"{scientific(first['plain-20', 'weight', 0])} to {scientific(first['plain-20', 'weight', 4])}, in "
        f"ResNet-56 from {scientific(first['resnet-56', 'weight', 0])} to "
        f"{scientific(first['resnet-56', 'weight', 4])}."
    )


@figure(
    "shattering",
    "How alike the gradients at two inputs are (1: the same, 0: unrelated), against their distance on the "
    "way from one digit to another, in untrained networks. With depth, plain networks' gradients become "
    "noise; residual ones keep their likeness. Mean and standard deviation over seeds.",
    slide=True,
)
def shattering(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(3.7), sharey=True)
    depths = [8, 20, 32, 56]
    near = {}
    for axes, (family, title) in zip(panels, FAMILIES):
        for depth, dash in zip(depths, DASHES):
            by_lag = spread(only(rows, run=family, depth=depth), "correlation", "lag")
            points = {lag / 127: likeness for lag, likeness in by_lag.items()}
            band(axes, points, color=look[family], linestyle=dash)
            near[family, depth] = points[1 / 127].centre
        axes.set_xscale("log")
        axes.set_xticks([1 / 127, 8 / 127, 64 / 127], ["1/127", "8/127", "64/127"])
        axes.minorticks_off()
        axes.set(title=title, xlabel="distance (share of the way)")
    panels[0].set_ylabel("likeness of the gradients")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    return fig, (
        "Likeness of the gradients at neighbouring inputs, plain against residual: "
        + ", ".join(
            f"{near['plain', depth]:.2f} against {near['resnet', depth]:.2f} at {depth} layers"
            for depth in depths
        )
        + "."
    )


@figure(
    "dissection",
    "Training error of a trained network of 20 layers after one of its nine blocks is taken out (the "
    "shortcut remains, or is put in). The whole networks make hardly an error. Blocks 4 and 7 change the "
    "shape. Mean and standard deviation over seeds.",
)
def lesions(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.4), sharey=True)
    ranges = {}
    for axes, (family, title) in zip(panels, FAMILIES):
        chosen = only(rows, run=f"{family}-20")
        points = spread([row for row in chosen if row["block"]], "train_error", "block")
        axes.bar(
            list(points),
            [s.centre for s in points.values()],
            yerr=[s.high - s.centre for s in points.values()],
            color=look[family],
            ecolor=look.ink,
            capsize=2,
        )
        axes.set(title=title, xlabel="block taken out", xticks=list(points), ylim=(0, 100))
        axes.grid(axis="x", visible=False)
        kept = [s.centre for block, s in points.items() if block not in (1, 4, 7)]
        ranges[family] = (min(kept), max(kept))
    panels[0].set_ylabel("training error (%)")
    return (
        fig,
        "Training error without one block, of those that keep the shape and are not the first: "
        + ", ".join(
            f"{title} {ranges[family][0]:.0f} to {ranges[family][1]:.0f} %" for family, title in FAMILIES
        )
        + ".",
    )


@figure(
    "responses",
    "How far the responses of each layer vary, after batch normalisation and before ReLU and addition, in "
    "our networks of 20 layers, trained on CIFAR-10 for 64,000 iterations (thick), and in those of "
    "@he2016deep [Figure 7] (thin). One seed.",
)
def layer_responses(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.2), sharey=True)
    means = {}
    for axes, (family, title) in zip(panels, FAMILIES):
        paper, ours = only(published.figure_7(), network=label(family, 20)), only(rows, family=family)
        for whose, points, colour, width in (
            ("paper", paper, look.quiet, 0.9),
            ("ours", ours, look[family], None),
        ):
            layers, deviations = zip(*((row["layer"], row["deviation"]) for row in points))
            axes.plot(layers, deviations, color=colour, linewidth=width)
            means[family, whose] = f"{mean(deviations):.2f}"
        axes.set(title=title, xlabel="layer", xticks=range(1, 20, 3))
    panels[0].set(ylabel="standard deviation", ylim=(0, None))
    return fig, (
        "Standard deviations of the responses, layer by layer, in the mean: plain-20 "
        f"{means['plain', 'ours']}, in the paper {means['plain', 'paper']}; ResNet-20 "
        f"{means['resnet', 'ours']}, in the paper {means['resnet', 'paper']}. From layer to layer ours "
        "mostly rise and fall where the paper's do."
    )


@figure(
    "gradients-cifar",
    "Back-propagated gradient by layer in the untrained convolutional networks of He et al. 2016a, all with "
    "batch normalisation: plain (left) and residual (right). Each line ends at its last layer.",
)
def convolutional_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharex=True, sharey=True)
    ratio = {}
    for axes, run, skip, title in zip(panels, ("plain", "resnet"), (False, True), ("plain", "residual")):
        for depth, dash in zip((20, 56, 110), DASHES):
            found = net(rows, run=run, batch_norm=True, skip=skip, depth=depth)
            profile(axes, found, "backpropagated", color=look[run], linestyle=dash, label=f"{depth} layers")
            first, last = (at(found, "backpropagated", layer) for layer in (1, -1))
            ratio[run, depth] = scientific(10 ** (first - last))
        axes.set(title=title, xlabel="layer")
        axes.legend(loc="upper right")
    log_axis(panels[0], decades=2)
    panels[0].set_ylabel("norm")
    return fig, "First layer's gradient over the last layer's: " + ", ".join(
        f"{value} in {label(run, depth)}" for (run, depth), value in ratio.items()
    ) + "."


@figure(
    "trainability",
    "Where ReLU nets learn: error on 64 training images after 200 steps, over depth and the scale of the "
    "initial weights in units of He's. Blue is learnt. A cross: at least one seed diverged.",
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
