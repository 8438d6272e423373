"""Figures of the lecture on residual learning: the block, and error curves."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures.drawing import band, dash_legend, figure
from course.figures.style import DASHES, WIDTH, Look
from course.records import published
from course.records.names import label
from course.records.statistics import Rows, closing, distinct, final, only, spread

KINDS = {"plain": "plain", "resnet": "residual"}


@figure(
    None,
    "A block of two layers, plain (left) and residual (right). The weights learn H(x) on the left, F(x) = "
    "H(x) − x on the right.",
    "A drawing, after @he2016deep [Figure 2]",
)
def residual_block(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.2))
    axes.axis("off")
    axes.set(xlim=(0, 10), ylim=(9.4, 0))
    for centre, residual in ((2.3, False), (6.7, True)):
        colour = look["resnet" if residual else "plain"]
        axes.text(centre, 0.35, "residual" if residual else "plain", ha="center", weight="bold", color=colour)
        boxes = [(1.9, "3×3 conv, BN"), (3.3, "ReLU"), (4.7, "3×3 conv, BN"), (8.0, "ReLU")]
        for y, text in boxes:
            axes.add_patch(
                plt.Rectangle(
                    (centre - 1.2, y - 0.42), 2.4, 0.84, facecolor=colour, alpha=0.18, edgecolor=colour
                )
            )
            axes.text(centre, y, text, ha="center", va="center")
        stops = [1.0, 1.48, 2.32, 2.88, 3.72, 4.28, 5.12, 7.58, 8.42, 9.1]
        if residual:
            stops[7:7] = [6.1, 6.7]
            axes.add_patch(plt.Circle((centre, 6.4), 0.3, facecolor="none", edgecolor=colour, linewidth=1.6))
            axes.text(centre, 6.4, "+", ha="center", va="center", fontsize=13, color=colour)
            axes.plot([centre, centre + 2.1, centre + 2.1], [1.0, 1.0, 6.4], color=colour, linewidth=1.8)
            arrow(axes, colour, (centre + 2.1, 6.4), (centre + 0.3, 6.4))
            axes.text(centre + 2.2, 3.7, "x\nidentity", va="center", color=colour)
            axes.text(centre - 0.2, 5.62, "F(x)", ha="right", va="center")
            axes.text(centre - 0.2, 7.15, "F(x) + x", ha="right", va="center")
        else:
            axes.text(centre - 0.2, 6.4, "H(x)", ha="right", va="center")
        axes.text(centre - 0.2, 0.95, "x", ha="right", va="center")
        for start, end in zip(stops[::2], stops[1::2]):
            arrow(axes, look.ink, (centre, start), (centre, end))
    return fig, (
        "Two blocks side by side. Plain: x goes through convolution, ReLU, convolution to H(x), then ReLU. "
        "Residual: the same layers give F(x), a line carries x around them, both are added, then ReLU."
    )


def arrow(axes: Axes, colour: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0},
    )


def curves(
    axes: Axes, rows: Rows, look: Look, family: str, key: str, depths: list[int], x: str = "epoch"
) -> None:
    for depth, dash in zip(depths, DASHES):
        points = spread(only(rows, family=family, depth=depth), key, x)
        band(axes, points, color=look[family], linestyle=dash)


@figure(
    "digits",
    "Handwritten digits, 264 iterations at a rate of 0.1: the same networks, plain (left) and with "
    "shortcuts (right): equal parameters, equal initial weights, equal batches. Training error above, test "
    "error below; mean and standard deviation over seeds.",
    slide=True,
)
def plain_vs_residual(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = error_curves(rows, [], look, "epoch", 100)
    for axes in panels[-1]:
        axes.set_xlabel("epoch")
    plain, residual = (final(only(rows, family=f, depth=56), "train_error") for f in ("plain", "resnet"))
    return fig, (
        "Error curves of plain and residual networks of 20 to 56 layers, trained by one recipe. At 56 layers "
        f"the plain network ends at {plain.centre:.0f} % training error, the residual network at "
        f"{residual.centre:.1f} %."
    )


@figure(
    "cifar10",
    "CIFAR-10 by the recipe of @he2016deep [section 4.2] (thick; mean and standard deviation of two seeds of "
    "20 layers, one seed of 56), over the curves of its Figure 6 (thin), which begin at 20 %: plain networks "
    "(left), and the same with shortcuts (right). At 32,000 and 48,000 iterations the learning rate is "
    "divided by ten.",
    slide=True,
)
def cifar10(rows: Rows, look: Look) -> tuple[Figure, str]:
    rows = [row | {"thousand": row["iteration"] / 1000} for row in rows]
    paper = [row | {"thousand": 64 * row["share"]} for row in published.figure_6()]
    fig, panels = error_curves(rows, paper, look, "thousand", 20)
    for axes in panels[-1]:
        axes.set(xlabel="thousand iterations", xlim=(0, 64), xticks=(0, 16, 32, 48, 64))
    ends = [
        f"{closing(only(rows, family=family, depth=depth), 'train_error').centre:.1f} % for "
        f"{label(family, depth)}"
        for family in KINDS
        for depth in (20, 56)
    ]
    return fig, (
        f"Error curves on CIFAR-10: training error of the last 10,000 iterations, {', '.join(ends)}. The "
        "paper's are near; before the first drop its test errors are lower."
    )


@figure(
    "cifar10-short",
    "CIFAR-10, a sixteenth of the paper's length (4,000 iterations, thick) over the curves of @he2016deep "
    "[Figure 6] (64,000 iterations, thin, where the figure shows them: below 20 %). The axis is the share "
    "of the training that has passed. Of the runs one is not drawn: VGG-16.",
)
def cifar10_short(rows: Rows, look: Look) -> tuple[Figure, str]:
    length = max(row["iteration"] for row in rows)
    rows = [row | {"share": row["iteration"] / length} for row in rows if row["family"] in KINDS]
    fig, panels = error_curves(rows, published.figure_6(), look, "share", 92)
    for axes in panels[-1]:
        axes.set_xlabel("share of the training")
    ends = [
        f"{final(only(rows, family=family, depth=depth), 'train_error').centre:.1f} % for "
        f"{label(family, depth)}"
        for family in KINDS
        for depth in sorted(distinct(rows, "depth"))
    ]
    return fig, (
        f"Error curves on CIFAR-10 for a short training: final training error {', '.join(ends)}. The paper's "
        "curves, of trainings sixteen times as long, lie below; in them ResNet-56 is ahead of ResNet-20."
    )


def error_curves(rows: Rows, paper: Rows, look: Look, x: str, top: float) -> tuple[Figure, Any]:
    """Plain beside residual, training above test, errors up to `top` percent; below ours the curves of a
    paper, where there are some.
    """
    errors = {"train_error": "training", "test_error": "test"}
    shown = list(errors)[: 1 if look.slide else 2]
    size = look.size(5.4)
    fig, panels = plt.subplots(len(shown), 2, figsize=size, sharex=True, sharey=True, squeeze=False)
    depths = sorted(distinct(rows, "depth"))
    for column, (family, title) in enumerate(KINDS.items()):
        for axes, key in zip(panels[:, column], shown):
            for depth, dash in zip(depths, DASHES):
                kind = key.removesuffix("_error")
                if curve := only(paper, network=label(family, depth), kind=kind):
                    places, values = ([point[which] for point in curve] for which in (x, "error"))
                    axes.plot(places, values, color=look.quiet, linestyle=dash, linewidth=0.9)
            curves(axes, rows, look, family, key, depths, x)
            axes.set(title=f"{title}, {errors[key]} error", ylim=(0, top))
    for line in panels:
        line[0].set_ylabel("error (%)")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    return fig, panels
