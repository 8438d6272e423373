"""Figures of the lecture on what came after: orders of a block, networks of equal work, normalisations, the
residual stream, recipes.
"""

from statistics import mean, median
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from course.figures.drawing import band, dash_legend, figure
from course.figures.residual_learning import arrow
from course.figures.style import DASHES, WIDTH, Look
from course.records.names import SUCCESSORS
from course.records.published import TORCHVISION_RECIPE
from course.records.statistics import Rows, distinct, geometric, last_epoch, middle, only, spread

# What stands on the branch, between which the additions and what is on the path follow.
ORDERS = (
    ("original", "plain", ("conv", "BN, ReLU", "conv", "BN"), "ReLU"),
    ("full pre-activation", "resnet", ("BN, ReLU", "conv", "BN, ReLU", "conv"), ""),
)


@figure(
    None,
    "The block of 2015 (left) and of 2016 (right): the same parts in another order. On the right, nothing "
    "stands on the path from block to block but the addition.",
    "A drawing, after @he2016identity [Table 2]",
)
def block_orders(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.0))
    axes.axis("off")
    axes.set(xlim=(0, 10), ylim=(9.0, 0))
    for centre, (name, concept, branch, path) in zip((1.2, 6.2), ORDERS):
        colour, beside = look[concept], centre + 2.4
        axes.text(centre + 1.2, 0.3, name, ha="center", weight="bold", color=colour)
        axes.plot([beside, centre], [1.1, 1.1], color=look.ink, linewidth=1.4)
        for place, part in enumerate(branch):
            top = 1.65 + 1.25 * place
            arrow(axes, look.ink, (centre, top - (0.55 if place == 0 else 0.6)), (centre, top))
            box(axes, colour, centre, top + 0.33, part)
        axes.plot([centre, centre], [6.06, 6.7], color=look.ink, linewidth=1.4)
        arrow(axes, look.ink, (centre, 6.7), (beside - 0.2, 6.7))
        axes.add_patch(Ellipse((beside, 6.7), 0.4, 0.56, facecolor="none", edgecolor=colour, linewidth=1.6))
        axes.text(beside, 6.7, "+", ha="center", va="center", fontsize=13, color=colour)
        arrow(axes, colour, (beside, 0.7), (beside, 6.42))
        axes.text(beside + 0.2, 3.6, "the path", color=colour, va="center")
        if path:
            arrow(axes, colour, (beside, 6.97), (beside, 7.4))
            box(axes, colour, beside, 7.73, path)
        arrow(axes, colour, (beside, 8.06 if path else 6.97), (beside, 8.8))
    return fig, (
        "Two blocks. Original: convolution, BN and ReLU, convolution, BN on the branch; then the addition; "
        "then a ReLU on the path. Full pre-activation: BN and ReLU, convolution, BN and ReLU, convolution on "
        "the branch; then the addition, and nothing else on the path."
    )


def box(axes: Axes, colour: str, x: float, y: float, text: str) -> None:
    axes.add_patch(
        plt.Rectangle((x - 0.95, y - 0.33), 1.9, 0.66, facecolor=colour, alpha=0.18, edgecolor=colour)
    )
    axes.text(x, y, text, ha="center", va="center")


FAMILIES = (
    ("original", "original", "plain", "s"),
    ("pre-activation", "pre-activation", "resnet", "o"),
    ("pre-activation-unnormalised", "pre-activation,\nlast BN left out", "alexnet", "^"),
)


@figure(
    "pre-activation",
    "110 layers on the digits, four epochs at a rate of 0.1 (left) and of 0.01 (right), divided by ten after "
    "two and three: the original order, pre-activation, and pre-activation without the normalisation at the "
    "end. Training error; median, least and greatest of the seeds.",
)
def pre_activation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharey=True)
    said = []
    for axes, rate in zip(panels, (0.1, 0.01)):
        for (family, label, concept, marker), dash in zip(FAMILIES, DASHES):
            points = middle(only(rows, run=f"{family}-{rate}"), "train_error", "epoch")
            band(axes, points, color=look[concept], marker=marker, linestyle=dash, label=label)
            said.append(f"{label.replace(chr(10), ' ')} {points[max(points)].centre:.1f} % (rate {rate})")
        axes.set(title=f"rate {rate}", xlabel="epoch", ylim=(-3, 100), xticks=(1, 2, 3, 4))
    panels[0].set_ylabel("training error (%)")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, handlelength=2.6)
    return fig, f"Median training error of 110 layers after four epochs: {', '.join(said)}."


def dots(axes: Axes, rows: Rows, places: dict[str, float], key: str, colours: dict[str, str]) -> None:
    """A hollow dot a seed and a line at their mean, for each run at its place from above."""
    for run, place in places.items():
        values = [row[key] for row in rows if row["run"] == run]
        axes.plot(values, [place] * len(values), "o", color=colours[run], fillstyle="none", alpha=0.9)
        axes.plot([mean(values)] * 2, [place - 0.3, place + 0.3], color=colours[run], linewidth=2.4)


@figure(
    "equal-work",
    "Six networks that do the same work for an image, and a control that does a quarter of it, trained on "
    "256 digits by one recipe and tested on the 1,541 others. A dot is a seed, which also draws the 256; a "
    "line their mean.",
)
def equal_work(rows: Rows, look: Look) -> tuple[Figure, str]:
    ends = last_epoch(rows)
    means = {run: mean(row["test_error"] for row in only(ends, run=run)) for run in SUCCESSORS}
    fig, axes = plt.subplots(figsize=(WIDTH, 3.9))
    places = {run: float(place) for place, run in enumerate(SUCCESSORS)}
    concepts = {"original": "resnet", "shallow": "theory"}
    colours = {run: look[concepts.get(run, "vgg")] for run in SUCCESSORS}
    dots(axes, ends, places, "test_error", colours)
    axes.set_yticks(list(places.values()), list(SUCCESSORS.values()))
    axes.set(xlabel="test error (%)", ylim=(len(places) - 0.5, -0.5), xlim=(0, None))
    return fig, "Mean test error: " + ", ".join(
        f"{label} {means[run]:.1f} %" for run, label in SUCCESSORS.items()
    ) + "."


NORMALISATIONS: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("batch normalisation", {"run": "sizes", "batch_norm": True}, "relu", "o"),
    ("layer normalisation", {"run": "sizes-layer"}, "sigmoid", "^"),
    ("group normalisation, 8 groups", {"run": "sizes-group"}, "tanh", "D"),
    ("none", {"run": "sizes", "batch_norm": False}, "theory", "s"),
)


@figure(
    "batch-norm",
    "The perceptrons of the lecture on batch normalisation, trained with mini-batches of 2 to 128, here with "
    "layer and group normalisation beside them: training error (left) and test error (right). Mean and "
    "standard deviation over seeds.",
)
def group_sizes(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 4.0), sharex=True, sharey=True)
    smallest = []
    for (label, values, concept, marker), dash in zip(NORMALISATIONS, DASHES):
        found = only([row for row in rows if row["run"] == values["run"]], **values)
        for axes, key in zip(panels, ("train_error", "test_error")):
            points = spread(found, key, "size")
            band(axes, points, color=look[concept], marker=marker, linestyle=dash, label=label)
        smallest.append(f"{label} {points[2].centre:.1f} % and {points[128].centre:.1f} %")
    sizes = distinct(only(rows, run="sizes"), "size")
    for axes, title in zip(panels, ("training error", "test error")):
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes[::2], [str(m) for m in sizes[::2]])
        axes.minorticks_off()
        axes.set(title=title, xlabel="mini-batch m", ylim=(-2, 72))
    panels[0].set_ylabel("error (%)")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return fig, f"Test error after training with batches of 2 and of 128: {'; '.join(smallest)}."


KINDS = (("post", "post-normalisation", "plain", "s"), ("pre", "pre-normalisation", "resnet", "o"))


@figure(
    "stream",
    "Gradient at the last weights of each block in untrained transformers, cross-entropy on 256 digits: "
    "block by block in 24 blocks (left), and at the last block of networks of 6 to 48 (right). Geometric "
    "mean and deviation over seeds.",
)
def stream_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharey=True)
    said = []
    for (kind, label, concept, marker), dash in zip(KINDS, DASHES):
        found = only(rows, run=f"gradients-{kind}")
        style = {"color": look[concept], "linestyle": dash, "label": label}
        blocks = geometric(only(found, blocks=24), "gradient", "block")
        band(panels[0], blocks, **style)
        last = [row for row in found if row["block"] == row["blocks"]]
        ends = geometric(last, "gradient", "blocks")
        band(panels[1], ends, marker=marker, **style)
        said.append(
            f"{label}: {blocks[1].centre:.2f} in the first of 24 blocks and {blocks[24].centre:.2f} in the "
            f"last; in the last of 6 blocks {ends[6].centre:.2f}, of 48 {ends[48].centre:.2f}"
        )
    for axes in panels:
        axes.set_yscale("log")
        axes.set_yticks((0.1, 0.3, 1, 3), ("0.1", "0.3", "1", "3"))
        axes.minorticks_off()
    panels[1].set_xscale("log")
    panels[1].set_xticks((6, 12, 24, 48), ("6", "12", "24", "48"))
    panels[1].minorticks_off()
    panels[0].set(title="24 blocks", xlabel="block", ylabel="norm of the gradient", xticks=(1, 6, 12, 18, 24))
    panels[1].set(title="the last block", xlabel="blocks")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6)
    return fig, f"Gradient norms. {'. '.join(said)}."


STEPS = (
    ("0.001", "0.001"),
    ("0.001-warm-up", "0.001 after a warm-up of two epochs"),
    ("0.0003", "0.0003"),
)


@figure(
    "stream",
    "Transformers of 24 blocks in training on the digits with Adam, at a constant rate and with a warm-up: "
    "post-normalisation (left), pre-normalisation (right). Training error; median, least and greatest of the "
    "seeds.",
)
def warm_up(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.8), sharey=True)
    said = []
    for axes, (kind, label, concept, _) in zip(panels, KINDS):
        for (run, what), dash in zip(STEPS, DASHES):
            points = middle(only(rows, run=f"{kind}-{run}"), "train_error", "epoch")
            band(axes, points, color=look[concept], linestyle=dash)
            said.append(f"{label}, {what}: {points[max(points)].centre:.1f} %")
        axes.set(title=label, xlabel="epoch", ylim=(-3, 100))
    panels[0].set_ylabel("training error (%)")
    dash_legend(fig, look, ("rate 0.001", "0.001, warm-up", "0.0003"))
    return fig, f"Median training error in the last epoch. {'; '.join(said)}."


@figure(
    None,
    "ResNet-50 from torchvision's first weights to its second: what each step of the recipe adds, in the "
    "order in which the documentation lists them. Another order would divide the sum in another way.",
    "The table of @vryniotis2021",
)
def recipe_steps(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.8))
    before = TORCHVISION_RECIPE[0][1]
    names, gains = [], []
    for place, (name, after) in enumerate(TORCHVISION_RECIPE[1:]):
        axes.barh(place, after - before, left=before, color=look["resnet"], height=0.66)
        axes.annotate(
            f"+{after - before:.2f}", (after, place), (4, 0), textcoords="offset points", va="center"
        )
        names.append(name)
        gains.append(after - before)
        before = after
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(76, 81.6), xlabel="top-1 accuracy on ImageNet (%)")
    largest = sorted(zip(gains, names), reverse=True)[:2]
    return fig, (
        f"From {TORCHVISION_RECIPE[0][1]:.2f} to {before:.2f} % in {len(names)} steps. The largest: "
        + ", ".join(f"{name} {gain:.2f} points" for gain, name in largest)
        + "; "
        f"the median step is worth {median(gains):.2f}."
    )


PARTS = {
    "old": "the old recipe",
    "cosine": "+ cosine",
    "smoothing": "+ label smoothing",
    "mixup": "+ mixup",
    "averaging": "+ averaged weights",
    "shifts": "+ shifts by a pixel",
    "new": "all five",
    "old-long": "the old recipe",
    "new-long": "all five",
}


@figure(
    "recipe-parts",
    "A ResNet of 8 layers, trained on 256 digits and tested on the 1,541 others: for 160 iterations by an "
    "old recipe, with each of five parts of a new one and with all of them (above); for five times as long "
    "by both (below). A dot is a seed, a line the mean.",
)
def recipe_parts(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.4))
    places = {run: place + 0.8 * run.endswith("long") for place, run in enumerate(PARTS)}
    concepts = {"old": "plain", "new": "resnet"}
    colours = {run: look[concepts.get(run.removesuffix("-long"), "theory")] for run in PARTS}
    dots(axes, rows, places, "test_error", colours)
    axes.axhline(6.9, color=look.quiet, linewidth=0.8)
    axes.set_yticks(list(places.values()), list(PARTS.values()))
    axes.set(xlabel="test error (%)", ylim=(max(places.values()) + 0.6, -0.6), xlim=(0, 9))
    for place, words in ((0.0, "160 iterations"), (7.8, "800 iterations")):
        axes.annotate(
            words, (1, place), xycoords=("axes fraction", "data"), ha="right", va="center", color=look.quiet
        )
    means = {run: mean(row["test_error"] for row in only(rows, run=run)) for run in PARTS}
    return fig, (
        f"Mean test error after 160 iterations: {means['old']:.1f} % by the old recipe, {means['new']:.1f} % "
        f"with all five parts; after 800 iterations {means['old-long']:.1f} % and {means['new-long']:.1f} %."
    )
