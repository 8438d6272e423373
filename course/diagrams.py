"""Figures of the networks themselves and of what they scored on ImageNet."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import published
from course.drawing import Rows, figure, only
from course.style import DASHES, WIDTH, Look


@figure(
    None,
    "Top-5 error of the ILSVRC classification task on each year's test images; winners in full colour. "
    "Brackets: how many networks were averaged, where the sources say. The dashed line is the better of two "
    "trained people.",
    "Numbers of the literature [@krizhevsky2012, Table 1; @ilsvrc2011; @ilsvrc2012; @szegedy2015, Table 2; "
    "@he2016deep, Table 5; @hu2018; @russakovsky2015]",
)
def ilsvrc(rows: Rows, look: Look) -> tuple[Figure, str]:
    entries = published.ILSVRC
    fig, axes = plt.subplots(figsize=(WIDTH, 4.4))
    for place, entry in enumerate(entries):
        deep = entry.kind == "deep"
        bar = axes.barh(
            place,
            entry.top5,
            color=look["resnet"] if deep else look["theory"],
            hatch=None if deep else "//",
            alpha=1 if entry.won else 0.45,
        )
        bar[0].set_edgecolor(look.paper)
        outside = ", outside data" if entry.outside else ""
        axes.text(
            (entry.top5 if entry.top5 > published.HUMAN else published.HUMAN) + 0.4,
            place,
            f"{entry.top5:g} %{outside}",
            va="center",
        )
    labels = [
        f"{e.year}  {e.name.partition(',')[0]}{f' ({e.networks})' if e.networks else ''}" for e in entries
    ]
    axes.set_yticks(range(len(entries)), labels, color=look.ink)
    axes.axvline(published.HUMAN, color=look["human"], linestyle=DASHES[1], linewidth=1.4, zorder=0.5)
    axes.text(
        11, len(entries) - 1, f"dashed: a person, {published.HUMAN:g} %", va="center", color=look["human"]
    )
    axes.invert_yaxis()
    axes.set(xlabel="top-5 error (%)", xlim=(0, 33))
    axes.grid(axis="y", visible=False)
    first, last = entries[0], entries[-1]
    return fig, (
        f"Bars of top-5 error by year: {first.top5:g} % for {first.name.lower()} on hand-made features in "
        f"{first.year}, 15.3 % for AlexNet in 2012, 3.57 % for ResNet in 2015, {last.top5:g} % for "
        f"{last.name} in {last.year}."
    )


def layers_of(rows: Rows, look: Look, run: str, name: str) -> tuple[Figure, str]:
    """Two bars a layer: its share of the parameters and of the multiply-adds."""
    layers = [row for row in only(rows, run=run) if row["kind"] != "other"]
    labels = [f"{row['kind']}{i}" for i, row in enumerate(layers, start=1)]
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 0.24 * len(layers) + 1.2), sharey=True)
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
                fontsize=8.5,
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
)
def alexnet_layers(rows: Rows, look: Look) -> tuple[Figure, str]:
    return layers_of(rows, look, "alexnet-8", "AlexNet")


@figure(
    "networks", "VGG-16 layer by layer: the same division of labour, with twenty times the work of AlexNet."
)
def vgg_layers(rows: Rows, look: Look) -> tuple[Figure, str]:
    return layers_of(rows, look, "vgg-16", "VGG-16")


def single_crop(rows: Rows) -> list[dict]:
    """Each network that torchvision has trained weights for, with its family, depth and label."""
    points = []
    for row in only(rows, run="torchvision"):
        family = row["model"].rstrip("0123456789")
        depth = int(row["model"].removeprefix(family) or 8)
        label = {"alexnet": "AlexNet", "vgg": f"VGG-{depth}", "resnet": f"ResNet-{depth}"}[family]
        points.append(row | {"family": family, "depth": depth, "label": label})
    return points


def scatter(axes: Axes, points: list[dict], look: Look, x: str, below: str = "") -> None:
    """A point a network, a line a family; the labels stand above their points,
    or below where there is no room above.
    """
    for family, marker, dash in zip(("alexnet", "vgg", "resnet"), "s^o", DASHES):
        offset, side = ((-4, -13), "right") if family == below else ((6, 4), "left")
        chosen = [p for p in points if p["family"] == family]
        axes.plot(
            [p[x] for p in chosen],
            [p["top5_error"] for p in chosen],
            marker=marker,
            color=look[family],
            linestyle=dash,
        )
        for p in chosen:
            axes.annotate(
                p["label"],
                (p[x], p["top5_error"]),
                offset,
                textcoords="offset points",
                ha=side,
                color=look[family],
                fontsize=9.5,
            )


@figure(
    "networks",
    "Single-crop error of torchvision's trained networks (its AlexNet is a later variant) against depth. "
    "VGG ends at 19 layers; residual networks go on.",
)
def error_against_depth(rows: Rows, look: Look) -> tuple[Figure, str]:
    points = single_crop(rows)
    fig, axes = plt.subplots(figsize=(WIDTH, 3.8))
    errors = {p["label"]: p["top5_error"] for p in points}
    for p in points:
        # no room; the axis names the depths
        p["label"] = "" if p["label"] in ("VGG-13", "VGG-16", "ResNet-101") else p["label"]
    scatter(axes, points, look, "depth", below="vgg")
    axes.set_xscale("log")
    depths = [8, 11, 19, 34, 50, 101, 152]
    axes.set_xticks(depths, [str(d) for d in depths])
    axes.minorticks_off()
    axes.set(
        xlabel="layers with weights", ylabel="top-5 error on ImageNet (%)", xlim=(7, 300), ylim=(0, None)
    )
    return fig, (
        f"Top-5 error falls with depth: AlexNet {errors['AlexNet']:.1f} % at 8 layers, VGG-19 "
        f"{errors['VGG-19']:.1f} %, ResNet-152 {errors['ResNet-152']:.1f} %."
    )


@figure(
    "networks",
    "The same networks against what one image costs. The residual networks are more accurate than VGG, and "
    "cheaper.",
)
def error_against_cost(rows: Rows, look: Look) -> tuple[Figure, str]:
    points = single_crop(rows)
    fig, axes = plt.subplots(figsize=(WIDTH, 3.8))
    scatter(axes, points, look, "billions")
    axes.set(
        xlabel="multiply-adds for one 224×224 image (billion)",
        ylabel="top-5 error on ImageNet (%)",
        xlim=(0, 23),
        ylim=(0, None),
    )
    named = {p["label"]: p for p in points}
    vgg, resnet = named["VGG-16"], named["ResNet-34"]
    return fig, (
        f"Error against cost: VGG-16 needs {vgg['billions']:.1f} billion multiply-adds for "
        f"{vgg['top5_error']:.1f} % top-5 error, ResNet-34 {resnet['billions']:.1f} billion for "
        f"{resnet['top5_error']:.1f} %."
    )


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
)
def architectures(rows: Rows, look: Look) -> tuple[Figure, str]:
    columns = {run: [r for r in only(rows, run=run) if r["kind"] != "other"] for run, _ in SIDE_BY_SIDE}
    shelves = {
        run: {side: [r for r in layers if size_class(r["side"]) == side] for side in SIDES}
        for run, layers in columns.items()
    }
    heights = [max(len(shelf[side]) for shelf in shelves.values()) for side in SIDES]
    fig, axes = plt.subplots(figsize=(7.2, 0.22 * sum(heights) + 1.6))
    axes.axis("off")
    axes.set(xlim=(-0.35, len(columns)), ylim=(sum(heights) + 2.2, -2.6))
    for column, (run, label) in enumerate(SIDE_BY_SIDE):
        parameters, cost = (
            sum(r[key] for r in only(rows, run=run)) for key in ("parameters", "multiply_adds")
        )
        axes.text(column + 0.42, -2.0, label, ha="center", weight="bold")
        axes.text(
            column + 0.42,
            -0.7,
            f"{parameters / 1e6:.1f} M weights\n{cost / 1e9:.1f} G multiply-adds",
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
    costs = {run: sum(r["multiply_adds"] for r in only(rows, run=run)) / 1e9 for run in columns}
    return fig, (
        "Four columns of layers: AlexNet with 8, VGG-19 with 19, plain-34 and ResNet-34 with 34 each. VGG-19 "
        f"costs {costs['vgg-19']:.1f} billion multiply-adds, plain-34 and ResNet-34 {costs['plain-34']:.1f} "
        f"and {costs['resnet-34']:.1f} billion; these two differ by the arcs around every two layers."
    )


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
        dashed = layers[places[0]]["stride"] > 1
        axes.annotate(
            "", (x + 0.79, end), (x + 0.79, start),
            arrowprops={"arrowstyle": "->", "connectionstyle": "arc3,rad=-0.55", "color": look["resnet"], "linewidth": 1.1,
                        "linestyle": "--" if dashed else "-", "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


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
