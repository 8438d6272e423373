"""Figures of the lecture on why it works: each account of residual learning, and what its test showed."""

import math
from statistics import median

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from course.figures.drawing import band, dash_legend, figure
from course.figures.style import DASHES, WIDTH, Look, log_axis
from course.records.accounts import FAILED, KINDS, LEARNED, VARIANTS, best
from course.records.names import label
from course.records.statistics import Rows, distinct, geometric, middle, only, spread
from course.report.numerals import power_of_ten, scientific

DEPTHS = (20, 56, 110)


@figure(
    "blocks",
    "Untrained residual networks with batch normalisation: what the branch of each block adds, over what "
    "goes around it (deviations). It falls with the number of blocks before it. The dotted line is one over "
    "the root of the block's number. Mean and standard deviation over seeds.",
)
def branch_share(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.6))
    ends = {}
    for depth, dash in zip(DEPTHS, DASHES):
        points = spread(only(rows, run=f"resnet-{depth}"), "added_before", "block")
        band(axes, points, color=look["resnet"], linestyle=dash, label=f"{depth} layers")
        ends[depth] = points[1].centre, points[max(points)].centre
    blocks = range(1, max(distinct(rows, "block")) + 1)
    axes.plot(
        blocks, [block**-0.5 for block in blocks], color=look["theory"], linestyle=":", label="1 / √block"
    )
    axes.set(xlabel="block", ylabel="branch over shortcut", xscale="log", yscale="log")
    axes.set_xticks([1, 3, 9, 27, 54], ["1", "3", "9", "27", "54"])
    axes.set_yticks([0.25, 0.5, 1, 2], ["1/4", "1/2", "1", "2"])
    axes.minorticks_off()
    axes.legend()
    return fig, "The branch over the shortcut at the first and the last block: " + ", ".join(
        f"{first:.2f} and {last:.2f} in {label('resnet', depth)}" for depth, (first, last) in ends.items()
    ) + "."


@figure(
    "blocks",
    "What each block of an untrained network does to the gradient on its way back: its norm in front of "
    "the block over its norm behind it. Plain networks multiply by more than one at every block, residual"
    " ones "
    "come near one, the nearer the more blocks lie before. Dips: the two blocks that change the "
    "shape. Mean and standard "
    "deviation over seeds.",
)
def norm_preservation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.6), sharey=True)
    said = []
    for axes, (family, title) in zip(panels, (("plain", "plain"), ("resnet", "residual"))):
        for depth, dash in zip(DEPTHS, DASHES):
            found = only(rows, run=f"{family}-{depth}")
            band(axes, spread(found, "back_before", "block"), color=look[family], linestyle=dash)
            product = math.prod(point.centre for point in geometric(found, "back_before", "block").values())
            said.append(f"{scientific(product)} in {label(family, depth)}")
        axes.axhline(1, color=look["theory"], linestyle=":")
        axes.set(title=title, xlabel="block", xscale="log")
        axes.set_xticks([1, 3, 9, 27, 54], ["1", "3", "9", "27", "54"])
        axes.minorticks_off()
    panels[0].set_ylabel("gradient before over behind")
    dash_legend(fig, look, (f"{depth} layers" for depth in DEPTHS))
    return fig, f"All factors of a network multiplied: {', '.join(said)}."


@figure(
    "reach",
    "Training error (%) of perceptrons of 64 units a layer after 264 steps of plain gradient descent, by "
    "depth, at the best of three rates (0.1, 0.03, 0.01); at 200 layers of two, down to 0.001. Median over "
    "the seeds; the bluer, the lower. A dash: not run.",
)
def reach(rows: Rows, look: Look) -> tuple[Figure, str]:
    columns = sorted(distinct(rows, "depth"))
    fig, axes = plt.subplots(figsize=(WIDTH, 5.4))
    shades = LinearSegmentedColormap.from_list(
        "error", [(*to_rgb(look["resnet"]), 0.45), (*to_rgb(look["resnet"]), 0.0)]
    )
    reached = {}
    for i, (kind, name) in enumerate(KINDS.items()):
        for j, depth in enumerate(columns):
            error = best(rows, kind, depth)
            if error is None:
                axes.text(j + 0.5, i + 0.5, "–", ha="center", va="center")
                continue
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor=shades(error / 90), edgecolor=look.grid))
            axes.text(
                j + 0.5, i + 0.5, f"{error:.1f}" if error < 9.95 else f"{error:.0f}", ha="center", va="center"
            )
            if error < 5:
                reached[name] = depth
    axes.set(xlim=(0, len(columns)), ylim=(len(KINDS), 0), xlabel="layers")
    axes.axhline(list(KINDS).index("skip"), color=look.quiet, linewidth=1.5)
    axes.set_xticks([j + 0.5 for j in range(len(columns))], [str(depth) for depth in columns])
    axes.set_yticks([i + 0.5 for i in range(len(KINDS))], list(KINDS.values()))
    axes.tick_params(length=0)
    axes.grid(False)
    return fig, "The greatest depth at which the training error is below 5 %: " + ", ".join(
        f"{depth} ({name})" for name, depth in reached.items()
    ) + "."


@figure(
    "variants",
    "Training error of ResNet-56 with one thing changed, after 132 iterations at a rate of 0.1 or 0.03; a "
    "dot a seed, at 90 % where it diverged. Above, the way of the gradient; then networks without batch "
    "normalisation; last, stochastic depth.",
)
def variants(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.4))
    said = []
    for line, (run, name) in enumerate(VARIANTS.items()):
        errors = [row["train_error"] for row in only(rows, run=run, block=1)]
        axes.plot(
            errors,
            [line] * len(errors),
            "o",
            color=look["plain" if run == "through" else "resnet"],
            alpha=0.8,
        )
        said.append(f"{name} {min(errors):.1f} to {max(errors):.1f} %")
    axes.set_yticks(range(len(VARIANTS)), list(VARIANTS.values()))
    axes.set(xlabel="training error (%)", xlim=(-2, 100), ylim=(len(VARIANTS) - 0.5, -0.5))
    return fig, f"Training errors of ResNet-56: {'; '.join(said)}."


@figure(
    "lengths",
    "The gradient that arrives at the first block of ResNet-56, by the branches that its paths cross."
    " Grey: how many of the "
    "2²⁷ paths have that length. Left: the norm of what all paths of a length bring together, over "
    "that of the whole "
    "gradient. Right: what is left of it without the paths of that length and shorter. Mean and "
    "standard deviation over seeds.",
)
def path_lengths(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.7), sharex=True)
    longest = max(distinct(rows, "length"))
    number = [math.comb(longest, length) / 2**longest for length in range(longest + 1)]
    counted = panels[0].twinx()
    counted.bar(range(longest + 1), number, color=look["theory"], alpha=0.35)
    counted.set_yticks([])
    counted.grid(False)
    counted.spines["right"].set_visible(False)
    half = {}
    for (when, name), dash in zip((("before", "untrained"), ("after", "trained")), DASHES):
        for axes, key in zip(panels, ("together", "left")):
            band(
                axes,
                spread(rows, f"{key}_{when}", "length"),
                color=look["resnet"],
                linestyle=dash,
                label=name,
            )
        left = spread(rows, f"left_{when}", "length")
        half[name] = min(length for length, point in left.items() if point.centre < 0.1)
    panels[0].set(ylabel="share of the gradient's norm", title="paths of this length")
    panels[1].set(title="left without these and shorter ones")
    for axes in panels:
        axes.set(xlabel="branches crossed")
    panels[0].set_zorder(counted.get_zorder() + 1)
    panels[0].patch.set_visible(False)
    handles = [
        *panels[1].get_legend_handles_labels()[0],
        Rectangle((0, 0), 1, 1, color=look["theory"], alpha=0.35, label="number of paths"),
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, handlelength=2.6)
    return fig, "Nine tenths of the gradient are there with the paths of up to " + " and ".join(
        f"{length} branches ({name})" for name, length in half.items()
    ) + f"; the most frequent lengths are {longest // 2} and {longest // 2 + 1}."


@figure(
    "variants",
    "Lesions in ResNet-56, trained as usual and with stochastic depth: training error of the whole "
    "network (dotted) and without "
    "one of its 27 blocks. Blocks 10 and 19 change the shape. Median, least and greatest of the seeds.",
)
def lesions_after_stochastic_depth(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.5), sharey=True)
    said = []
    for axes, (run, title) in zip(panels, (("usual", "usual"), ("sometimes", "stochastic depth"))):
        chosen = only(rows, run=run)
        band(axes, middle(chosen, "without", "block"), color=look["resnet"])
        whole = median(row["whole"] for row in chosen)
        axes.axhline(whole, color=look.ink, linestyle=":")
        axes.set(title=title, xlabel="block taken out", ylim=(0, 100))
        late = [
            point.centre
            for block, point in middle(chosen, "without", "block").items()
            if block > 10 and block != 19
        ]
        said.append(
            f"{title}: {whole:.1f} % whole, {min(late):.1f} to {max(late):.1f} % without a late block"
        )
    panels[0].set_ylabel("training error (%)")
    return fig, f"Training errors with one block taken out. {'; '.join(said)}."


@figure(
    "likeness",
    "Mean cosine between the gradients at two unrelated inputs, in wide untrained perceptrons of "
    "ReLUs, with the statistics of batch "
    "normalisation frozen. The dotted line is 2⁻ᴸ. Geometric mean over the seeds, where positive.",
)
def gradient_likeness(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.9))
    lines = (
        ("looks-linear", "vgg", "-"),
        ("skip-bn", "resnet", DASHES[0]),
        ("he", "plain", DASHES[0]),
        ("skip-bn-halved", "resnet", DASHES[2]),
        ("bn", "plain", DASHES[1]),
    )
    names = {
        "looks-linear": "looks linear", "he": "plain, He", "bn": "plain, BN",
        "skip-bn": "skips, BN", "skip-bn-halved": "skips, BN, sum halved",
    }  # fmt: skip
    found = {}
    for run, colour, dash in lines:
        positive = [row for row in only(rows, run=run) if row["frozen"] > 3e-4]
        points = geometric(positive, "frozen", "depth")
        whole = {depth: point for depth, point in points.items() if point.count == 3}
        band(axes, whole, color=look[colour], linestyle=dash, marker="o", markersize=3, label=names[run])
        found[run] = middle(only(rows, run=run), "frozen", "depth")
    depths = sorted(distinct(rows, "depth"))
    axes.plot(
        depths[:4], [2.0**-depth for depth in depths[:4]], color=look["theory"], linestyle=":", label="2⁻ᴸ"
    )
    axes.set(xscale="log", xlabel="hidden layers", ylabel="cosine")
    axes.set_xticks(depths, [str(depth) for depth in depths])
    log_axis(axes)
    axes.legend(fontsize=9)
    return fig, "Median cosines at 8 layers: " + ", ".join(
        f"{found[run][8].centre:.3f} ({names[run]})" for run, *_ in lines
    ) + f"; at 64 layers {found['skip-bn'][64].centre:.2f} with skips and batch normalisation."


@figure(
    "reach",
    "The two suspects at the start, and whether the network then learns: each mark is one kind of "
    "perceptron of 30 or 100 layers. "
    "Across: the gradient at the first hidden layer over that behind the last. Up: the mean cosine "
    "between the gradients at two images. "
    "Full: training error below 5 %, half: below 50 %, empty: above, at the best of three rates. "
    "Medians over the seeds.",
)
def suspects(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 4.4))
    counts = [0, 0, 0]
    for depth, marker in ((30, "o"), (100, "s")):
        for kind in KINDS:
            found = only(rows, run=kind, depth=depth)
            decay, alike = (median(row[key] for row in found) for key in ("decay", "alike"))
            error = best(rows, kind, depth) or 0.0
            level = sum(error > limit for limit in (LEARNED, FAILED))
            counts[level] += 1
            colour = look["resnet" if kind.startswith("skip") else "plain"]
            axes.plot(
                decay,
                alike,
                marker,
                color=colour,
                markersize=8,
                fillstyle=("full", "bottom", "none")[level],
                markerfacecoloralt="none",
            )
    axes.axvline(0, color=look["theory"], linestyle=":")
    axes.set(xlabel="gradient at the first layer over the last", ylabel="likeness of gradients")
    powers = [tick for tick in range(-6, 22, 4)]
    low, high = axes.get_xlim()
    powers = [power for power in powers if low <= power <= high]
    axes.set_xticks(powers, [power_of_ten(power) for power in powers])
    marks = [
        Line2D([], [], color=look["plain"], marker="o", linestyle="", label="without skips"),
        Line2D([], [], color=look["resnet"], marker="o", linestyle="", label="with skips"),
        Line2D([], [], color=look.ink, marker="o", linestyle="", label="30 layers"),
        Line2D([], [], color=look.ink, marker="s", linestyle="", label="100 layers"),
        Line2D([], [], color=look.ink, marker="o", fillstyle="none", linestyle="", label="does not learn"),
    ]
    fig.legend(handles=marks, loc="outside lower center", ncols=3)
    return fig, (
        f"Of {sum(counts)} networks, {counts[0]} end below 5 % training error, {counts[1]} between 5 and "
        f"50 % and {counts[2]} above. At 100 layers all with a likeness below 0.02 fail; at 30 "
        "layers one network with skips and a likeness near 0 learns."
    )
