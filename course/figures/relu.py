"""What goes forward: the size of the signal under each initialisation, saturated and dead units."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.figures.drawing import figure
from course.figures.gradient_grid import depth_axis, floor, profile
from course.figures.style import DASHES, Look, log_axis
from course.records.gradient_grid import DEPTHS, INITS, at, net
from course.records.statistics import Rows
from course.report.numerals import scientific


@figure(
    "gradients",
    "The signal in untrained nets of 64 layers: standard deviation of each layer's activations. For ReLU "
    "(right) only He's variance keeps it; for tanh (left), which bends large values back, Xavier, He and "
    "orthogonal weights all do.",
    slide=True,
)
def relu_signal(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(4.0), sharey=True)
    ends = {}
    for axes, activation, title in zip(panels, ("tanh", "relu"), ("tanh", "ReLU")):
        for (init, label), dash in zip(INITS.items(), DASHES):
            found = net(rows, activation=activation, init=init, depth=64)
            # the last has no activation
            profile(
                axes,
                found,
                "deviation",
                lambda layer: layer < 64,
                color=look[init],
                linestyle=dash,
                label=label,
            )
            ends[activation, init] = f"{scientific(10 ** at(found, 'deviation', 63))} ({label})"
        axes.set(title=title, xlabel="layer", ylim=(1e-90, 1e5))
        log_axis(axes, decades=20)
        floor(axes, look)
    panels[0].set_ylabel("standard deviation")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=2.6)
    return fig, "Standard deviation of the activations at layer 63: " + "; ".join(
        f"{title} " + ", ".join(ends[activation, init] for init in INITS)
        for activation, title in (("tanh", "tanh"), ("relu", "ReLU"))
    ) + "."


@figure(
    "gradients",
    "Dead units in the last hidden layer of ReLU nets with He initialisation: the share that is zero for "
    "every probed digit. Left: untrained, against depth. Right: of 16 layers, through the first steps of "
    "training.",
    slide=True,
)
def dead_units(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(3.6), sharey=True)
    kinds = (("ReLU", "relu", False), ("ReLU, BN", "relu", True), ("leaky ReLU", "leaky_relu", False))
    for (label, activation, batch_norm), marker, dash in zip(kinds, "os^", DASHES):
        style = {
            "marker": marker,
            "linestyle": dash,
            "label": label,
            "color": look["tanh" if batch_norm else activation],
        }
        own = {"activation": activation, "init": "he", "batch_norm": batch_norm}
        panels[0].plot(
            DEPTHS, [at(net(rows, depth=depth, **own), "dead", depth - 1) for depth in DEPTHS], **style
        )
        steps = (0, 1, 10, 100)
        panels[1].plot(
            range(4), [at(net(rows, depth=16, step=step, **own), "dead", 15) for step in steps], **style
        )
    depth_axis(panels[0])
    panels[0].set(title="untrained", ylabel="dead units (%)", ylim=(-3, 103))
    panels[1].set(title="16 layers", xlabel="steps of training")
    panels[1].set_xticks(range(4), ["0", "1", "10", "100"])
    panels[0].legend(loc="upper left")
    dead = {
        depth: at(net(rows, activation="relu", init="he", depth=depth), "dead", depth - 1)
        for depth in (2, 64)
    }
    return (
        fig,
        f"In untrained ReLU nets {dead[2]:g} % of the last hidden layer's units are dead at 2 layers and "
        f"{dead[64]:g} % at 64.",
    )
