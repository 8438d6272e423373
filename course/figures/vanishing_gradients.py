"""Figures of the lecture on vanishing gradients: activations, untrained nets."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.figures.drawing import figure
from course.figures.gradient_grid import decays, depth_axis, floor, profile
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records.gradient_grid import DEPTHS, INITS, NAMES, OWN, at, net, nets
from course.records.statistics import Rows, distinct, only
from course.report.numerals import power_of_ten, scientific


@figure(
    "activations",
    "Three activation functions (solid) and their derivatives (dashed). Only the sigmoid's slope never "
    "reaches one.",
    slide=True,
)
def activation_functions(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=look.size(2.7), sharex=True)
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


@figure(
    "gradients",
    "What reaches the first layer of an untrained perceptron of L layers, as a share of the gradient at the "
    "last. The sigmoid nets follow the product of their derivatives, at most 1/4 each.",
    slide=True,
)
def gradient_decay(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=look.size(4.0))
    axes.plot(
        DEPTHS,
        [4.0 ** -(d - 1) for d in DEPTHS],
        color=look["theory"],
        linestyle=":",
        linewidth=2.5,
        label="¼ multiplied L − 1 times",
    )
    deepest = {}
    for activation, marker, dash in (
        ("sigmoid", "s", DASHES[0]),
        ("tanh", "^", DASHES[1]),
        ("relu", "o", DASHES[2]),
    ):
        found = nets(rows, activation=activation, init=OWN[activation])
        label = f"{NAMES[activation]} ({INITS[OWN[activation]]})"
        deepest[activation] = (
            10 ** decays(axes, found, color=look[activation], marker=marker, linestyle=dash, label=label)[64]
        )
    depth_axis(axes)
    log_axis(axes, decades=10)
    floor(axes, look)
    axes.set_ylabel("gradient, first / last" if look.slide else "gradient, first layer / last layer")
    axes.legend(loc="center left")
    return fig, (
        f"At 64 layers the first layer receives {scientific(deepest['sigmoid'])} of the last layer's "
        f"gradient with sigmoids, {scientific(deepest['tanh'])} with tanh and {scientific(deepest['relu'])} "
        "with ReLU. The sigmoid nets lie along the line of 1/4 to the power L minus 1."
    )


@figure(
    "gradients",
    "The same for every initialisation. Dotted: the largest slope times the stretch of the weights, once a "
    "layer. The weights decide as much as the activation.",
    slide=True,
)
def slope_and_weights(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=look.size(4.2), sharey=True)
    # sqrt(n v), with n = 64 units
    stretch = {"normal": 0.01 * 8, "xavier": 1.0, "he": 2**0.5, "orthogonal": 1.0}
    ends = {}
    for axes, activation, slope in zip(panels, ("sigmoid", "tanh", "identity"), (0.25, 1.0, 1.0)):
        for (init, label), dash in zip(INITS.items(), DASHES):
            found = nets(rows, activation=activation, init=init)
            ends[activation, init] = decays(axes, found, color=look[init], linestyle=dash, label=label).get(
                64
            )
            axes.plot(
                DEPTHS,
                [(slope * stretch[init]) ** (d - 1) for d in DEPTHS],
                color=look["theory"],
                linestyle=":",
                linewidth=1,
            )
        depth_axis(axes, (2, 8, 32))
        axes.set(title=NAMES[activation], ylim=(1e-115, 1e15))
        log_axis(axes, decades=20)
        floor(axes, look)
    panels[0].set_ylabel("gradient, first / last" if look.slide else "gradient, first layer / last layer")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=2.6)
    return fig, (
        "Share of the gradient that reaches the first of 64 layers, by activation and initialisation: "
        + "; ".join(
            f"{NAMES[activation]} "
            + ", ".join(f"{power(ends[activation, init])} ({label})" for init, label in INITS.items())
            for activation in ("sigmoid", "tanh", "identity")
        )
        + "."
    )


def power(logarithm: float | None) -> str:
    return "nothing" if logarithm is None else power_of_ten(round(logarithm))


@figure(
    "gradients",
    "The back-propagated gradient in untrained nets of 4 to 64 layers, each activation with its usual "
    "initialisation. Each line ends at its last layer. The sigmoid has a scale of its own: 42 powers of ten "
    "where the others have nine.",
)
def gradient_by_layer(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, 3, figsize=(WIDTH, 5.0), sharex=True)
    first = {}
    for axes, activation in zip(panels.flat, NAMES):
        for depth, dash in zip((64, 32, 16, 8, 4), (*DASHES, DASHES[0])):
            found = net(rows, activation=activation, init=OWN[activation], depth=depth)
            profile(axes, found, "backpropagated", color=look[activation], linestyle=dash)
            first[activation, depth] = 10 ** at(found, "backpropagated", 1)
        axes.set_title(f"{NAMES[activation]} ({INITS[OWN[activation]]})")
        axes.set_xticks((1, 16, 32, 48, 64))
        axes.set_ylim((1e-41, 10) if activation == "sigmoid" else (1e-8, 10))
        log_axis(axes, decades=10 if activation == "sigmoid" else 2)
    for axes in panels[-1]:
        axes.set_xlabel("layer")
    for line in panels:
        line[0].set_ylabel("norm")
    return fig, (
        "Norm of the back-propagated gradient at layer 1 of 64: "
        + ", ".join(f"{scientific(first[a, 64])} with {name}" for a, name in NAMES.items())
        + f". With sigmoids it is {scientific(first['sigmoid', 8])} at 8 layers already; every sigmoid layer "
        "divides by about four."
    )


@figure(
    "glorot",
    "Two gradients in untrained tanh nets of 32 layers. With the standard weights of 2010 (dashed) the "
    "back-propagated gradient (left) shrinks towards the input, the weight gradient (right) does not: the "
    "signal shrinks the other way. Xavier's weights (solid) keep both.",
    slide=True,
)
def two_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(3.6), sharey=True)
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
