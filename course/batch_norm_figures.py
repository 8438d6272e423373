"""What batch normalisation does to gradients, and to the distributions it was made for."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.drawing import Rows, figure
from course.grid import NAMES, OWN, at, decays, depth_axis, net, nets, profile
from course.style import DASHES, WIDTH, Look, log_axis, scientific


@figure(
    "gradients",
    "Back-propagated gradient by layer in untrained nets of 64 layers. Batch normalisation rescues the "
    "sigmoid from underflow, makes the ReLU net's gradient grow towards the input, and needs a skip to keep "
    "it level.",
)
def batch_norm_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    kinds = {
        "sigmoid": ("sigmoid", {}), "sigmoid, BN": ("sigmoid", {"batch_norm": True}),
        "ReLU, BN": ("relu", {"batch_norm": True}), "ReLU, BN, skip": ("relu", {"batch_norm": True, "skip": True}),
    }  # fmt: skip
    fig, axes = plt.subplots(figsize=(WIDTH, 4.0))
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
    axes.set(xlabel="layer", ylabel="norm of the back-propagated gradient")
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
            ratio[run, depth] = scientific(
                10 ** (at(found, "backpropagated", 1) - at(found, "backpropagated", -1))
            )
        axes.set(title=title, xlabel="layer")
        axes.legend(loc="upper right")
    log_axis(panels[0], decades=2)
    panels[0].set_ylabel("norm")
    return fig, "First layer's gradient over the last layer's: " + ", ".join(
        f"{value} in {'ResNet' if run == 'resnet' else run}-{depth}" for (run, depth), value in ratio.items()
    ) + "."
