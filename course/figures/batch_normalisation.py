"""Batch normalisation, seen: distributions, the noise of a mini-batch, its least size,
what gamma and beta become.
"""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures.drawing import band, figure
from course.figures.gradient_grid import decays, depth_axis, profile
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records.gradient_grid import NAMES, OWN, at, net, nets
from course.records.statistics import Rows, distinct, only, spread
from course.report.numerals import scientific


def fan(axes: Axes, x: list, rows: Rows, key: str, colour: str) -> None:
    """Median, the middle half and 95 % of a distribution: quantiles 0.025, 0.25, 0.5, 0.75, 0.975."""
    low, lower, middle, upper, high = zip(*(row[key] for row in rows))
    axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.fill_between(x, lower, upper, color=colour, alpha=0.35, linewidth=0)
    axes.plot(x, middle, color=colour)


@figure(
    "batch-norm",
    "What enters the sigmoids of an 8-layer net, layer by layer, after 0 to 1,000 steps. Above: all values "
    "together; median, middle half and 95 %. Below: how far one unit varies between images. Without batch "
    "normalisation deep layers hardly tell two images apart.",
)
def pre_activations(rows: Rows, look: Look) -> tuple[Figure, str]:
    steps = distinct(only(rows, run="sigmoid"), "step")
    fig, panels = plt.subplots(3, len(steps), figsize=(WIDTH, 5.8), sharex=True, sharey="row")
    deepest = {}
    for run, colour, dash, line in (
        ("sigmoid", look["sigmoid"], DASHES[1], 0),
        ("sigmoid-bn", look["relu"], DASHES[0], 1),
    ):
        for column, step in enumerate(steps):
            found = only(rows, run=run, step=step)
            layers = [row["layer"] for row in found]
            fan(panels[line][column], layers, found, "after", colour)
            panels[2][column].plot(
                layers, [row["within_after"] for row in found], color=colour, linestyle=dash
            )
            deepest[run, step] = found[-1]["within_after"]
    for axes, step in zip(panels[0], steps):
        axes.set_title(f"step {step:,}")
    for axes in panels[2]:
        axes.set_xlabel("layer")
        axes.set_xticks((1, 4, 7))
    log_axis(panels[2][0], decades=2)
    for line, label in zip(panels, ("without BN", "with BN", "one unit")):
        line[0].set_ylabel(label)
    first, last = steps[0], steps[-1]
    return fig, (
        "In the seventh layer one unit's pre-activation varies between images with a deviation of "
        f"{scientific(deepest['sigmoid', first])} without batch normalisation and "
        f"{scientific(deepest['sigmoid-bn', first])} with it; after {last:,} steps, "
        f"{scientific(deepest['sigmoid', last])} and {scientific(deepest['sigmoid-bn', last])}."
    )


@figure(
    "batch-norm",
    "How far a mini-batch's statistics lie from those of all training images, in a trained net of 4 layers "
    "(left; dotted: 1/√m, and 1/√2m, which holds for large m), and how many answers change with the "
    "company an image is in (right).",
)
def batch_noise(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.6), sharex=True)
    noise = only(rows, run="noise")
    sizes = distinct(noise, "size")
    for key, label, colour, marker, dash in (
        ("mean_noise", "of the mean", look["sigmoid"], "s", DASHES[0]),
        ("deviation_noise", "of the deviation", look["relu"], "o", DASHES[1]),
    ):
        panels[0].plot(
            sizes,
            [row[key] for row in only(noise, layer=1)],
            color=colour,
            marker=marker,
            linestyle=dash,
            label=label,
        )
    panels[0].plot(
        sizes,
        [m**-0.5 for m in sizes],
        color=look["theory"],
        linestyle=":",
        linewidth=1.4,
        label="1/√m and 1/√2m",
    )
    panels[0].plot(
        sizes, [(2 * m) ** -0.5 for m in sizes], color=look["theory"], linestyle=":", linewidth=1.4
    )
    disagreement = {row["size"]: row["disagreement"] for row in noise}
    panels[1].plot(sizes, [disagreement[m] for m in sizes], color=look["relu"], marker="o")
    for axes in panels:
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes[::2], [str(m) for m in sizes[::2]])
        axes.minorticks_off()
        axes.set_xlabel("mini-batch m")
    panels[0].set_yscale("log")
    panels[0].set_yticks((0.05, 0.1, 0.2, 0.5), ("0.05", "0.1", "0.2", "0.5"))
    panels[0].minorticks_off()
    panels[0].set(title="error of the statistics", ylabel="in deviations")
    panels[0].legend(loc="lower left")
    panels[1].set(title="answers that change", ylabel="% of the images", ylim=(-2, 62))
    first = {row["size"]: row["mean_noise"] for row in only(noise, layer=1)}
    return fig, (
        f"The mean of a mini-batch of 2 is off by {first[2]:.2f} deviations in the first layer, of 32 by "
        f"{first[32]:.2f}. With batch statistics {disagreement[2]:.0f} % of the answers differ from those in "
        f"inference mode for batches of 2, {disagreement[8]:.1f} % for 8 and {disagreement[32]:.1f} % for 32."
    )


@figure(
    "batch-norm",
    "Perceptrons of 4 layers trained for 20 epochs with mini-batches of 2 to 128: training error (left) and "
    "test error (right), mean and standard deviation over seeds. Batch normalisation needs a batch; “batch "
    "statistics” are the same nets when the test images, too, are normalised in batches of that size.",
)
def batch_sizes(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharex=True, sharey=True)
    found = only(rows, run="sizes")
    sizes = distinct(found, "size")
    kinds = (
        ("with BN, running statistics", True, ("train_error", "test_error"), look["relu"], "o", DASHES[0]),
        ("with BN, batch statistics", True, (None, "batch_error"), look["sigmoid"], "^", DASHES[2]),
        ("without BN", False, ("train_error", "test_error"), look["theory"], "s", DASHES[1]),
    )
    ends = {}
    for label, batch_norm, keys, colour, marker, dash in kinds:
        for axes, key in zip(panels, keys):
            if key:
                points = spread(only(found, batch_norm=batch_norm), key, "size")
                band(axes, points, color=colour, marker=marker, linestyle=dash, label=label)
                ends[batch_norm, key] = {size: points[size].centre for size in sizes}
    for axes, title in zip(panels, ("training error", "test error")):
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes[::2], [str(m) for m in sizes[::2]])
        axes.minorticks_off()
        axes.set(title=title, xlabel="mini-batch m", ylim=(-3, 100))
    panels[0].set_ylabel("error (%)")
    fig.legend(*panels[1].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return fig, (
        f"Test error after training with batches of 2: {ends[True, 'test_error'][2]:.0f} % with and "
        f"{ends[False, 'test_error'][2]:.1f} % without batch normalisation; with batches of 8 "
        f"{ends[True, 'test_error'][8]:.1f} % and {ends[False, 'test_error'][8]:.1f} %. Normalised in test "
        f"batches of 8, the same nets err on {ends[True, 'batch_error'][8]:.1f} %."
    )


@figure(
    "gradients",
    "Back-propagated gradient by layer in untrained nets of 64 layers. Batch normalisation rescues the "
    "sigmoid from underflow, and makes the ReLU net's gradient grow towards the input; with a skip around "
    "each layer it grows far less.",
    slide=True,
)
def batch_norm_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    kinds = {
        "sigmoid": ("sigmoid", {}),
        "sigmoid, BN": ("sigmoid", {"batch_norm": True}),
        "ReLU, BN": ("relu", {"batch_norm": True}),
        "ReLU, BN, skip": ("relu", {"batch_norm": True, "skip": True}),
    }
    fig, axes = plt.subplots(figsize=look.size(4.0))
    first = []
    for (label, (activation, switches)), dash in zip(kinds.items(), DASHES):
        found = net(rows, activation=activation, init=OWN[activation], depth=64, **switches)
        profile(
            axes,
            found,
            "backpropagated",
            color=look["tanh" if "skip" in switches else activation],
            linestyle=dash,
            label=label,
        )
        first.append(f"{scientific(10 ** at(found, 'backpropagated', 1))} ({label})")
    log_axis(axes, decades=10)
    axes.set(xlabel="layer", ylabel="norm" if look.slide else "norm of the back-propagated gradient")
    axes.legend(loc="lower right")
    return fig, f"Gradient norm at layer 1 of 64: {', '.join(first)}."


@figure(
    "gradients",
    "The first layer's gradient over the last layer's in untrained nets with batch normalisation. Without "
    "skips (left) it grows exponentially with depth where the activation bends or kinks, and hardly where "
    "it is nearly straight. With a skip around every layer (right) it stays small.",
)
def batch_norm_depth(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 4.0), sharey=True)
    deepest = {}
    for axes, skip, title in zip(panels, (False, True), ("BN, no skips", "BN and skips")):
        for activation, marker, dash in zip(NAMES, "s^ovDx", (*DASHES, *DASHES)):
            found = nets(rows, activation=activation, init=OWN[activation], batch_norm=True, skip=skip)
            deepest[activation, skip] = (
                10
                ** decays(
                    axes,
                    found,
                    color=look[activation],
                    marker=marker,
                    linestyle=dash,
                    label=NAMES[activation],
                )[64]
            )
        depth_axis(axes)
        axes.set_title(title)
    log_axis(panels[0])
    panels[0].set_ylabel("gradient, first layer / last layer")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, handlelength=2.8)
    return fig, (
        "First layer's gradient over the last layer's at 64 layers with batch normalisation: "
        + ", ".join(
            f"{scientific(deepest[a, False])} without and {scientific(deepest[a, True])} with skips for "
            f"{name}"
            for a, name in NAMES.items()
        )
        + "."
    )
