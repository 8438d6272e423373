"""The networks layer by layer: figures of the lectures on AlexNet, VGG and residual learning."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures.drawing import figure
from course.figures.style import Look
from course.records.statistics import Rows, only


def layers_of(rows: Rows, look: Look, run: str, name: str) -> tuple[Figure, str]:
    """Two bars a layer: its share of the parameters and of the multiply-adds."""
    layers = [row for row in only(rows, run=run) if row["kind"] != "other"]
    labels = [f"{row['kind']}{i}" for i, row in enumerate(layers, start=1)]
    fig, panels = plt.subplots(1, 2, figsize=look.size(0.24 * len(layers) + 1.2), sharey=True)
    shares = {}
    for axes, key, title in zip(
        panels, ("parameters", "multiply_adds"), ("parameters (million)", "multiply-adds (million)")
    ):
        shares[key] = (
            100 * sum(row[key] for row in layers if row["kind"] == "fc") / sum(row[key] for row in layers)
        )
        values = [row[key] / 1e6 for row in layers]
        colours = [look[row["kind"]] for row in layers]
        axes.barh(range(len(layers)), values, color=colours)
        for place, value in enumerate(values):
            axes.text(
                value + max(values) * 0.02,
                place,
                f"{value:.2g}" if value < 1 else f"{value:,.0f}",
                va="center",
                fontsize=look.letters(8.5),
            )
        axes.set_xlim(0, max(values) * 1.22)
        axes.set_title(f"{title}\n{shares[key]:.1f} % fully connected")
        axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(len(layers)), labels, color=look.ink)
    panels[0].invert_yaxis()
    return fig, (
        f"Two bar charts over the {len(layers)} layers of {name}. The fully connected layers hold "
        f"{shares['parameters']:.1f} % of the parameters and do {shares['multiply_adds']:.1f} % of the "
        "multiply-adds."
    )


@figure(
    "networks",
    "AlexNet layer by layer: the convolutions (blue) do the work, the fully connected layers (orange) hold "
    "the parameters.",
    slide=True,
)
def alexnet_layers(rows: Rows, look: Look) -> tuple[Figure, str]:
    return layers_of(rows, look, "alexnet-8", "AlexNet")


@figure(
    "networks", "VGG-16 layer by layer: the same division of labour, with twenty times the work of AlexNet."
)
def vgg_layers(rows: Rows, look: Look) -> tuple[Figure, str]:
    return layers_of(rows, look, "vgg-16", "VGG-16")


# The networks of He et al. 2016a, Figure 3, and AlexNet before them; row by row as there,
# by the size of the feature maps.
SIDE_BY_SIDE = (
    ("alexnet-8", "AlexNet"),
    ("vgg-19", "VGG-19"),
    ("plain-34", "plain-34"),
    ("resnet-34", "ResNet-34"),
)
SIDES = (224, 112, 56, 28, 14, 7, 1)


@figure(
    "networks",
    "Layer by layer, drawn from the modules: a box a layer, a row a size of the feature maps (height in "
    "pixels on the left). Arcs are shortcuts, dashed where they project.",
    slide=True,
)
def architectures(rows: Rows, look: Look) -> tuple[Figure, str]:
    columns = {run: [r for r in only(rows, run=run) if r["kind"] != "other"] for run, _ in SIDE_BY_SIDE}
    shelves = {
        run: {side: [r for r in layers if size_class(r["side"]) == side] for side in SIDES}
        for run, layers in columns.items()
    }
    costs = {run: sum(r["multiply_adds"] for r in only(rows, run=run)) / 1e9 for run in columns}
    weights = {run: sum(r["parameters"] for r in only(rows, run=run)) / 1e6 for run in columns}
    said = (
        f"layers: AlexNet with 8, VGG-19 with 19, plain-34 and ResNet-34 with 34 each. VGG-19 costs "
        f"{costs['vgg-19']:.1f} billion multiply-adds, plain-34 and ResNet-34 {costs['plain-34']:.1f} and "
        f"{costs['resnet-34']:.1f} billion; these two differ by the arcs around every two layers."
    )
    if look.slide:
        return in_rows(columns, weights, costs, look), f"Four rows of {said}"
    heights = [max(len(shelf[side]) for shelf in shelves.values()) for side in SIDES]
    fig, axes = plt.subplots(figsize=(7.2, 0.22 * sum(heights) + 1.6))
    axes.axis("off")
    axes.set(xlim=(-0.35, len(columns)), ylim=(sum(heights) + 2.2, -2.6))
    for column, (run, label) in enumerate(SIDE_BY_SIDE):
        axes.text(column + 0.42, -2.0, label, ha="center", weight="bold")
        axes.text(
            column + 0.42,
            -0.7,
            f"{weights[run]:.1f} M weights\n{costs[run]:.1f} G multiply-adds",
            ha="center",
            va="center",
            fontsize=8.5,
            color=look.quiet,
        )
        top = 0.4
        for side, height in zip(SIDES, heights):
            if column == 0:
                axes.text(
                    -0.06,
                    top + height / 2,
                    str(side) if side > 1 else "fc",
                    ha="right",
                    va="center",
                    color=look.quiet,
                    fontsize=9,
                )
                axes.axhline(top - 0.1, color=look.grid, linewidth=0.7)
            for place, layer in enumerate(shelves[run][side]):
                draw_layer(axes, look, column, top + place, layer)
            if run.startswith("resnet"):
                draw_arcs(axes, look, column, top, shelves[run][side])
            top += height + 0.2
    return fig, f"Four columns of {said}"


def in_rows(columns: dict[str, Rows], weights: dict, costs: dict, look: Look) -> Figure:
    """On a slide a network is a row of layers, each as high as its feature maps are large."""
    fig, axes = plt.subplots(figsize=look.size(0))
    axes.axis("off")
    axes.set(xlim=(-9, 58), ylim=(3.6, -1.2))
    for x, words in ((36, "weights (M)"), (47, "multiply-adds (G)")):
        axes.text(x, -0.9, words, va="center", color=look.quiet)
    for y, (run, name) in enumerate(SIDE_BY_SIDE):
        axes.text(-0.8, y, name, ha="right", va="center", weight="bold")
        for x, layer in enumerate(columns[run]):
            height = 0.62 - 0.08 * SIDES.index(size_class(layer["side"])) if layer["side"] > 1 else 0.4
            place = (x + 0.12, y - height / 2 + 0.05)
            axes.add_patch(plt.Rectangle(place, 0.76, height, facecolor=look[layer["kind"]], linewidth=0))
        if run.startswith("resnet"):
            for start in range(1, len(columns[run]) - 1, 2):
                arc = {
                    "arrowstyle": "-",
                    "connectionstyle": "arc3,rad=-0.5",
                    "color": look.ink,
                    "linewidth": 1.2,
                }
                axes.annotate("", (start + 2, y - 0.28), (start, y - 0.28), arrowprops=arc)
        axes.text(41, y, f"{weights[run]:.1f}", ha="right", va="center")
        axes.text(53, y, f"{costs[run]:.1f}", ha="right", va="center")
    return fig


def size_class(side: int) -> int:
    """AlexNet's 55, 27 and 13 stand with 56, 28 and 14."""
    return min(SIDES, key=lambda s: abs(s - side))


def draw_layer(axes: Axes, look: Look, x: float, y: float, layer: dict) -> None:
    colour = look[layer["kind"]]
    axes.add_patch(plt.Rectangle((x + 0.06, y + 0.08), 0.72, 0.84, facecolor=colour, alpha=0.22, linewidth=0))
    axes.add_patch(plt.Rectangle((x + 0.06, y + 0.08), 0.025, 0.84, facecolor=colour, linewidth=0))
    size = f"{layer['kernel']}×{layer['kernel']}, " if layer["kind"] == "conv" else ""
    stride = f" /{layer['stride']}" if layer["stride"] > 1 else ""
    axes.text(x + 0.43, y + 0.52, f"{size}{layer['out']}{stride}", ha="center", va="center", fontsize=8.5)


def draw_arcs(axes: Axes, look: Look, x: float, top: float, layers: list[dict]) -> None:
    """A shortcut around each block of two layers; dashed where its first layer changes the shape."""
    blocks: dict[str, list[int]] = {}
    for place, layer in enumerate(layers):
        if layer["layer"].startswith("layer"):
            blocks.setdefault(layer["layer"].rpartition(".")[0], []).append(place)
    for places in blocks.values():
        start, end = top + places[0] - 0.02, top + places[-1] + 0.98
        arc = {
            "arrowstyle": "->",
            "connectionstyle": "arc3,rad=-0.55",
            "color": look["resnet"],
            "linewidth": 1.1,
            "linestyle": "--" if layers[places[0]]["stride"] > 1 else "-",
            "shrinkA": 0,
            "shrinkB": 0,
        }
        axes.annotate("", (x + 0.79, end), (x + 0.79, start), arrowprops=arc)
