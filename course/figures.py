"""One short function a figure of the experiments: rows of the records in,
a figure and its alternative text out.
"""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import published
from course.drawing import Rows, band, dash_legend, distinct, figure, only
from course.records import last_epoch, spread
from course.style import DASHES, WIDTH, Look


@figure(
    "activations",
    "Three activation functions (solid) and their derivatives (dashed). Only the sigmoid's slope never "
    "reaches one.",
)
def activation_functions(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=(WIDTH, 2.7), sharex=True)
    peaks = {}
    for axes, (run, title) in zip(panels, (("sigmoid", "sigmoid"), ("tanh", "tanh"), ("relu", "ReLU"))):
        points = only(rows, run=run)
        x = [p["x"] for p in points]
        slope = [p["derivative"] for p in points]
        axes.plot(x, [p["value"] for p in points], color=look[run], label="value")
        axes.plot(x, slope, color=look.ink, linestyle=DASHES[1], linewidth=1.6, label="slope")
        peaks[run] = max(slope)
        axes.axhline(peaks[run], color=look.quiet, linewidth=0.8, linestyle=":")
        axes.set(
            title=f"{title}: slope ≤ {peaks[run]:g}", ylim=(-1.15, 2.15), xlim=(-5, 5), xticks=(-4, 0, 4)
        )
    panels[0].legend(loc="upper left", handlelength=1.6)
    return fig, (
        f"Sigmoid, tanh and ReLU with their derivatives: the largest slope is {peaks['sigmoid']:g} for the "
        f"sigmoid, {peaks['tanh']:g} for tanh and {peaks['relu']:g} for ReLU, whose slope is 0 left of zero."
    )


def curves(axes: Axes, rows: Rows, look: Look, family: str, key: str, depths: list[int]) -> None:
    for depth, dash in zip(depths, DASHES):
        band(
            axes,
            spread(only(rows, family=family, depth=depth), key, "epoch"),
            color=look[family],
            linestyle=dash,
        )


@figure(
    "digits",
    "Plain networks on handwritten digits, 264 iterations at a rate of 0.1: the deeper the network, the "
    "higher its error, on the training images too. Mean and standard deviation over seeds.",
)
def degradation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.6), sharey=True)
    depths = sorted(distinct(rows, "depth"))
    for axes, key, title in zip(panels, ("train_error", "test_error"), ("training error", "test error")):
        curves(axes, rows, look, "plain", key, depths)
        axes.set(title=title, xlabel="epoch", ylim=(0, 100))
    panels[0].set_ylabel("error (%)")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    final = {
        d: spread(last_epoch(only(rows, family="plain", depth=d)), "train_error", "depth")[d].centre
        for d in depths
    }
    return fig, "Final training error of plain networks: " + ", ".join(
        f"{final[d]:.1f} % at {d} layers" for d in depths
    ) + ". The test error follows it."


@figure(
    "digits",
    "Handwritten digits, 264 iterations at a rate of 0.1: the same networks, plain (left) and with "
    "shortcuts (right): equal parameters, equal initial weights, equal batches. Training error above, test "
    "error below; mean and standard deviation over seeds.",
)
def plain_vs_residual(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, 2, figsize=(WIDTH, 5.4), sharex=True, sharey=True)
    depths = sorted(distinct(rows, "depth"))
    for column, (family, title) in enumerate((("plain", "plain"), ("resnet", "residual"))):
        for line, (key, what) in enumerate((("train_error", "training"), ("test_error", "test"))):
            axes = panels[line][column]
            curves(axes, rows, look, family, key, depths)
            axes.set(title=f"{title}, {what} error", ylim=(0, 100))
        panels[1][column].set_xlabel("epoch")
    for line in panels:
        line[0].set_ylabel("error (%)")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    final = {
        f: spread(last_epoch(only(rows, family=f, depth=56)), "train_error", "depth")[56].centre
        for f in ("plain", "resnet")
    }
    return fig, (
        "Error curves of plain and residual networks of 20 to 56 layers, trained by one recipe. At 56 layers "
        f"the plain network ends at {final['plain']:.0f} % training error, the residual network at "
        f"{final['resnet']:.1f} %."
    )


@figure(
    "cifar10-short",
    "CIFAR-10, a sixteenth of the paper's length (4,000 iterations, thick) over the curves of @he2016deep "
    "[Figure 6] (64,000 iterations, thin, where the figure shows them: below 20 %). The axis is the share "
    "of the training that has passed. Of the runs one is not drawn: VGG-16.",
)
def cifar10_short(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, 2, figsize=(WIDTH, 5.4), sharex=True, sharey=True)
    depths = sorted(distinct(only(rows, family="plain"), "depth"))
    paper = published.figure_6()
    length = max(row["iteration"] for row in rows)
    rows = [row | {"share": row["iteration"] / length} for row in rows]
    for column, (family, title) in enumerate((("plain", "plain"), ("resnet", "ResNet"))):
        for line, (key, kind) in enumerate((("train_error", "train"), ("test_error", "test"))):
            axes = panels[line][column]
            for depth, dash in zip(depths, DASHES):
                curve = only(paper, network=f"{title}-{depth}", kind=kind)
                axes.plot(
                    [p["share"] for p in curve],
                    [p["error"] for p in curve],
                    color=look.quiet,
                    linestyle=dash,
                    linewidth=0.9,
                )
                band(
                    axes,
                    spread(only(rows, family=family, depth=depth), key, "share"),
                    color=look[family],
                    linestyle=dash,
                )
            axes.set(
                title=f"{title}, {kind}ing error" if kind == "train" else f"{title}, test error", ylim=(0, 92)
            )
        panels[1][column].set_xlabel("share of the training")
    for line in panels:
        line[0].set_ylabel("error (%)")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    final = {
        (f, d): spread(last_epoch(only(rows, family=f, depth=d)), "train_error", "depth")[d].centre
        for f in ("plain", "resnet")
        for d in depths
    }
    return fig, (
        "Error curves on CIFAR-10 for a short training: final training error "
        + ", ".join(f"{final[f, d]:.1f} % for {'plain' if f == 'plain' else 'ResNet'}-{d}" for f, d in final)
        + ". The paper's curves, of trainings sixteen times as long, lie below; in them ResNet-56 is ahead of ResNet-20."
    )
