"""What vanishes and what explodes: figures of the gradient grid."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.drawing import Rows, figure
from course.grid import DEPTHS, INITS, NAMES, OWN, at, decays, depth_axis, floor, net, nets, profile
from course.style import DASHES, WIDTH, Look, log_axis, power_of_ten, scientific


@figure(
    "gradients",
    "What reaches the first layer of an untrained perceptron of L layers, as a share of the gradient at the "
    "last. The sigmoid nets follow the product of their derivatives, at most 1/4 each.",
)
def gradient_decay(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.0))
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
    axes.set_ylabel("gradient, first layer / last layer")
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
)
def slope_and_weights(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 3, figsize=(WIDTH, 4.2), sharey=True)
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
    panels[0].set_ylabel("gradient, first layer / last layer")
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
        + f". With sigmoids it is {scientific(first['sigmoid', 8])} at 8 layers already; every sigmoid layer divides by about four."
    )
