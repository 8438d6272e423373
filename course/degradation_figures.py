"""Figures that take degradation apart: the constructed solution, other ways to err,
and what happens inside the networks.
"""

from statistics import median

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.drawing import Rows, band, dash_legend, distinct, figure, only
from course.records import ends, geometric, last_epoch, middle, spread
from course.style import DASHES, WIDTH, Look, log_axis, scientific

FAMILIES = (("plain", "plain"), ("resnet", "residual"))

CONSTRUCTIONS = (
    ("trained-0.1", "trained plain-20 plus identities, rate 0.1", "plain"),
    ("trained-0.01", "trained plain-20 plus identities, rate 0.01", "resnet"),
    ("shallow-0.1", "for comparison: trained plain-20 itself, rate 0.1", "theory"),
)


@figure(
    "construction",
    "Training error (in batch mode) of a plain-56 built from a trained plain-20 and identity layers, "
    "trained on at two rates. It begins with hardly an error (epoch 0); a small rate keeps it there, the "
    "rate of the recipe drives it away for a while, though not plain-20. Median, least and greatest of the "
    "seeds.",
)
def construction(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.8))
    for (run, label, concept), dash in zip(CONSTRUCTIONS, DASHES):
        band(
            axes,
            middle(only(rows, run=run), "batch_error", "epoch"),
            color=look[concept],
            linestyle=dash,
            label=label,
        )
    axes.set(xlabel="epoch", ylabel="training error (%)", ylim=(-3, 100), xlim=(0, 6))
    fig.legend(loc="outside lower center", ncols=1, handlelength=2.6)
    built = max(row["batch_error"] for row in only(rows, run="trained-0.1", epoch=0))
    worst = {
        run: max(s.centre for s in middle(only(rows, run=run), "batch_error", "epoch").values())
        for run, _, _ in CONSTRUCTIONS
    }
    return fig, (
        f"Training error of plain-56 by epoch. Built from a trained plain-20, it starts at {built:.1f} % at "
        f"most. With a rate of 0.01 its median never exceeds {worst['trained-0.01']:.1f} %; with 0.1 it "
        f"rises to {worst['trained-0.1']:.0f} %. That of plain-20 itself, trained on with 0.1, never exceeds "
        f"{worst['shallow-0.1']:.1f} %."
    )


# Of the rows of the map: family, layers, start, and what the pages call it.
STARTS = (
    ("plain", 20, "he", "plain-20, He"),
    ("plain", 20, "shifted", "plain-20, β = 2"),
    ("plain", 56, "he", "plain-56, He"),
    ("plain", 56, "shifted", "plain-56, β = 2"),
    ("plain", 56, "identity", "plain-56, identities"),
    ("resnet", 20, "he", "ResNet-20, He"),
    ("resnet", 56, "he", "ResNet-56, He"),
    ("resnet", 56, "zero", "ResNet-56, last γ = 0"),
)
RATES = ("0.1", "0.01", "clipped")


@figure(
    "care",
    "Training error (%) on the digits after 264, 792 and 2,640 iterations, with a rate of 0.1, of 0.01, and "
    "of 0.1 with the gradient clipped to length 1. A line is a network and its start. Median over the "
    "seeds, in batch mode; the bluer, the lower. A dash: not run.",
)
def care_map(rows: Rows, look: Look) -> tuple[Figure, str]:
    found = ends(rows)
    lengths = sorted(distinct(found, "iteration"))
    fig, panels = plt.subplots(1, len(lengths), figsize=(WIDTH, 4.5), sharey=True)
    shades = LinearSegmentedColormap.from_list(
        "error", [(*to_rgb(look["resnet"]), 0.45), (*to_rgb(look["resnet"]), 0.0)]
    )
    cells = {}
    for axes, length in zip(panels, lengths):
        for i, (family, depth, start, _) in enumerate(STARTS):
            for j, rate in enumerate(RATES):
                chosen = only(found, iteration=length, family=family, depth=depth, start=start, rate=rate)
                if not chosen:
                    axes.text(j + 0.5, i + 0.5, "–", ha="center", va="center", fontsize=10)
                    continue
                error = cells[length, family, depth, start, rate] = median(
                    row["train_error"] for row in chosen
                )
                axes.add_patch(Rectangle((j, i), 1, 1, facecolor=shades(error / 90), edgecolor=look.grid))
                axes.text(
                    j + 0.5,
                    i + 0.5,
                    f"{error:.1f}" if error < 9.95 else f"{error:.0f}",
                    ha="center",
                    va="center",
                    fontsize=10,
                )
        axes.set(title=f"{length:,} iterations", xlim=(0, len(RATES)), ylim=(len(STARTS), 0))
        axes.set_xticks([j + 0.5 for j in range(len(RATES))], ["0.1", "0.01", "0.1,\nclipped"])
        axes.set_yticks([i + 0.5 for i in range(len(STARTS))], [label for *_, label in STARTS])
        axes.tick_params(length=0)
        axes.grid(False)
    panels[len(panels) // 2].set_xlabel("learning rate")
    first = lengths[0]
    said = {rate: [cells[length, "plain", 56, "he", rate] for length in lengths] for rate in RATES}
    return fig, (
        "Training errors by start, learning rate and length. Plain-56 from the usual start ends after "
        f"{' and '.join(f'{length:,}' for length in lengths)} iterations at "
        + "; ".join(
            f"{', '.join(f'{error:.1f}' for error in said[rate])} % "
            f"({'rate ' if rate != 'clipped' else '0.1 '}{rate})"
            for rate in RATES
        )
        + f". From identity layers it is at {max(cells[first, 'plain', 56, 'identity', rate] for rate in RATES):.1f} % at most after {first} iterations, at every rate, ResNet-56 at "
        f"{max(cells[first, 'resnet', 56, 'he', rate] for rate in RATES):.1f} % at most."
    )


LINES = (
    ("plain", 56, "he", "plain-56, He", "plain"),
    ("plain", 56, "identity", "plain-56, identities", "alexnet"),
    ("resnet", 56, "he", "ResNet-56, He", "resnet"),
    ("plain", 20, "he", "plain-20, He", "theory"),
)


@figure(
    "care",
    "Error on the digits against the length of the training, at three rates: training error (above, in "
    "batch mode) and test error (below). Small steps and time together bring plain-56 down; the other three "
    "need neither. Median, least and greatest of the seeds.",
)
def care_length(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, len(RATES), figsize=(WIDTH, 5.2), sharex=True, sharey=True)
    found = ends(rows)
    lengths = sorted(distinct(found, "iteration"))
    last = {}
    for column, rate in enumerate(RATES):
        for line, key in enumerate(("train_error", "test_error")):
            axes = panels[line][column]
            for (family, depth, start, label, concept), dash in zip(LINES, DASHES):
                points = middle(
                    only(found, family=family, depth=depth, start=start, rate=rate), key, "iteration"
                )
                band(
                    axes, points, color=look[concept], linestyle=dash, marker="o", markersize=3.5, label=label
                )
                last[key, family, depth, start, rate] = points[max(points)].centre
            axes.set_xscale("log")
            axes.set_xticks(lengths, [f"{length:,}" for length in lengths], fontsize=9)
            axes.minorticks_off()
            axes.set_ylim(-3, 100)
        panels[0][column].set_title({"clipped": "rate 0.1, clipped"}.get(rate, f"rate {rate}"))
        panels[1][column].set_xlabel("iterations")
    for line, label in zip(panels, ("training error (%)", "test error (%)")):
        line[0].set_ylabel(label)
    fig.legend(
        *panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6
    )
    return fig, "At the longest training plain-56 from the usual start has " + "; ".join(
        f"{last['train_error', 'plain', 56, 'he', rate]:.1f} % training and "
        f"{last['test_error', 'plain', 56, 'he', rate]:.1f} % test error "
        f"({'rate 0.1, ' if rate == 'clipped' else 'rate '}{rate})"
        for rate in RATES
    ) + "."


CHANGES = (
    ("unchanged", "digits as\nthey are"),
    ("few", "50 training\nimages"),
    ("mislabelled", "half the labels\nrandom"),
    ("cue", "a colour for\neach class"),
    ("no-cue", "random\ncolours"),
)
ERRORS = (
    ("train_error", "training images", "theory", None),
    ("test_error", "new, same kind", "resnet", None),
    ("other_error", "new, other kind", "plain", "//"),
)


@figure(
    "failures",
    "A perceptron that fits its training images can fail in two ways. Overfitting shows on new images of "
    "the same kind, distribution shift only on those of another kind (white on black exchanged; for "
    "coloured digits, opposite colours). Mean and standard deviation over seeds.",
)
def failures(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.9))
    bars = {}
    for place, (run, _) in enumerate(CHANGES):
        for offset, (key, label, concept, hatch) in zip((-0.28, 0, 0.28), ERRORS):
            (s,) = spread(last_epoch(only(rows, run=run)), key, "run").values()
            bars[run, key] = s.centre
            bar = axes.bar(
                place + offset,
                s.centre,
                0.26,
                yerr=s.high - s.centre,
                capsize=2,
                color=look[concept],
                hatch=hatch,
                ecolor=look.ink,
                label=label if not place else None,
            )
            bar[0].set_edgecolor(look.paper)
            axes.text(place + offset, s.high + 2, f"{s.centre:.0f}", ha="center", fontsize=9)
    axes.set_xticks(range(len(CHANGES)), [label for _, label in CHANGES], color=look.ink, fontsize=9)
    axes.set(ylabel="error (%)", ylim=(0, 112))
    axes.grid(axis="x", visible=False)
    fig.legend(loc="outside lower center", ncols=3)
    return fig, "Errors on training images, on new images of the same kind and of another kind: " + "; ".join(
        f"{label.replace(chr(10), ' ')}: {bars[run, 'train_error']:.0f}, {bars[run, 'test_error']:.0f} and "
        f"{bars[run, 'other_error']:.0f} %"
        for run, label in CHANGES
    ) + "."


@figure(
    "failures",
    "Learning by heart: half of the training labels are random. The test error, on right labels, is lowest "
    "while the training error is still high, and rises as the wrong labels are memorised. Mean and standard "
    "deviation over seeds.",
)
def memorising(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=(WIDTH, 3.3))
    chosen = only(rows, run="mislabelled")
    wrong = {}
    for (key, label, concept, _), dash in zip(ERRORS[:2], DASHES):
        wrong[key] = spread(chosen, key, "epoch")
        band(axes, wrong[key], color=look[concept], linestyle=dash, label=label)
    axes.set(xlabel="epoch", ylabel="error (%)", ylim=(0, 70))
    axes.legend(loc="upper right")
    test = {epoch: s.centre for epoch, s in wrong["test_error"].items()}
    best, last = min(test, key=test.get), max(test)
    return fig, (
        "With half of the training labels random, the training error falls to "
        f"{wrong['train_error'][last].centre:.0f} %; the test error is lowest at epoch {best} with "
        f"{test[best]:.0f} % and ends at {test[last]:.0f} %."
    )


@figure(
    "training-gradients",
    "Gradient at each layer's output (above) and norm of its weights (below): before training (solid), "
    "after one epoch (long dashes) and after four (short dashes). In plain-56 the gradient first explodes "
    "towards the input; the first steps then blow up the weights there, and the explosion is over. "
    "Geometric mean over seeds.",
)
def training_gradients(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(2, 3, figsize=(WIDTH, 5.6), sharey="row", sharex="col")
    first = {}
    for column, (run, family) in enumerate(
        (("plain-20", "plain"), ("plain-56", "plain"), ("resnet-56", "resnet"))
    ):
        for line, key in enumerate(("backpropagated", "weight")):
            for epoch, dash in zip((0, 1, 4), DASHES):
                points = geometric(only(rows, run=run, epoch=epoch), key, "layer")
                band(panels[line][column], points, color=look[family], linestyle=dash)
                first[run, key, epoch] = points[1].centre
        panels[0][column].set_title(run.replace("resnet", "ResNet"))
        panels[1][column].set_xlabel("layer")
    for line, label in zip(panels, ("norm of the gradient", "norm of the weights")):
        log_axis(line[0])
        line[0].set_ylabel(label)
    dash_legend(fig, look, ("untrained", "1 epoch", "4 epochs"))
    return fig, (
        f"At layer 1 of plain-56 the gradient is {scientific(first['plain-56', 'backpropagated', 0])} before "
        f"training and {scientific(first['plain-56', 'backpropagated', 4])} after four epochs, the norm of "
        f"the weights {scientific(first['plain-56', 'weight', 0])} and "
        f"{scientific(first['plain-56', 'weight', 4])}. In plain-20 the weights go from "
        f"{scientific(first['plain-20', 'weight', 0])} to {scientific(first['plain-20', 'weight', 4])}, in "
        f"ResNet-56 from {scientific(first['resnet-56', 'weight', 0])} to "
        f"{scientific(first['resnet-56', 'weight', 4])}."
    )


@figure(
    "shattering",
    "How alike the gradients at two inputs are (1: the same, 0: unrelated), against their distance on the "
    "way from one digit to another, in untrained networks. With depth, plain networks' gradients become "
    "noise; residual ones keep their likeness. Mean and standard deviation over seeds.",
)
def shattering(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.7), sharey=True)
    depths = [8, 20, 32, 56]
    near = {}
    for axes, (family, title) in zip(panels, FAMILIES):
        for depth, dash in zip(depths, DASHES):
            points = {
                lag / 127: s
                for lag, s in spread(only(rows, run=family, depth=depth), "correlation", "lag").items()
            }
            band(axes, points, color=look[family], linestyle=dash)
            near[family, depth] = points[1 / 127].centre
        axes.set_xscale("log")
        axes.set_xticks([1 / 127, 8 / 127, 64 / 127], ["1/127", "8/127", "64/127"])
        axes.minorticks_off()
        axes.set(title=title, xlabel="distance (share of the way)")
    panels[0].set_ylabel("likeness of the gradients")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    return fig, (
        "Likeness of the gradients at neighbouring inputs, plain against residual: "
        + ", ".join(
            f"{near['plain', depth]:.2f} against {near['resnet', depth]:.2f} at {depth} layers"
            for depth in depths
        )
        + "."
    )


@figure(
    "dissection",
    "Training error of a trained network of 20 layers after one of its nine blocks is taken out (the "
    "shortcut remains, or is put in). The whole networks make hardly an error. Blocks 4 and 7 change the "
    "shape. Mean and standard deviation over seeds.",
)
def lesions(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.4), sharey=True)
    ranges = {}
    for axes, (family, title) in zip(panels, FAMILIES):
        chosen = only(rows, run=f"{family}-20")
        points = spread([row for row in chosen if row["block"]], "train_error", "block")
        axes.bar(
            list(points),
            [s.centre for s in points.values()],
            yerr=[s.high - s.centre for s in points.values()],
            color=look[family],
            ecolor=look.ink,
            capsize=2,
        )
        axes.set(title=title, xlabel="block taken out", xticks=list(points), ylim=(0, 100))
        axes.grid(axis="x", visible=False)
        kept = [s.centre for block, s in points.items() if block not in (1, 4, 7)]
        ranges[family] = (min(kept), max(kept))
    panels[0].set_ylabel("training error (%)")
    return (
        fig,
        "Training error without one block, of those that keep the shape and are not the first: "
        + ", ".join(
            f"{title} {ranges[family][0]:.0f} to {ranges[family][1]:.0f} %" for family, title in FAMILIES
        )
        + ".",
    )
