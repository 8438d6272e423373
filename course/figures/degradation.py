"""Figures of the lecture on degradation: where plain networks fail, and from which start, rate and length."""

from statistics import median

import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.figures.drawing import band, dash_legend, figure
from course.figures.residual_learning import curves
from course.figures.style import DASHES, WIDTH, Look
from course.records.statistics import Rows, distinct, ends, final, middle, only


@figure(
    "digits",
    "Plain networks on handwritten digits, 264 iterations at a rate of 0.1: the deeper the network, the "
    "higher its error, on the training images too. Mean and standard deviation over seeds.",
    slide=True,
)
def degradation(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, panels = plt.subplots(1, 2, figsize=look.size(3.6), sharey=True)
    depths = sorted(distinct(rows, "depth"))
    for axes, key, title in zip(panels, ("train_error", "test_error"), ("training error", "test error")):
        curves(axes, rows, look, "plain", key, depths)
        axes.set(title=title, xlabel="epoch", ylim=(0, 100))
    panels[0].set_ylabel("error (%)")
    dash_legend(fig, look, (f"{depth} layers" for depth in depths))
    errors = {depth: final(only(rows, family="plain", depth=depth), "train_error") for depth in depths}
    return fig, "Final training error of plain networks: " + ", ".join(
        f"{error.centre:.1f} % at {depth} layers" for depth, error in errors.items()
    ) + ". The test error follows it."


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
    slide=True,
)
def construction(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=look.size(3.8))
    for (run, label, concept), dash in zip(CONSTRUCTIONS, DASHES):
        label = label.replace(", ", ",\n") if look.slide else label
        points = middle(only(rows, run=run), "batch_error", "epoch")
        band(axes, points, color=look[concept], linestyle=dash, label=label)
    axes.set(xlabel="epoch", ylabel="training error (%)", ylim=(-3, 100), xlim=(0, 6))
    fig.legend(
        loc="outside right center" if look.slide else "outside lower center", ncols=1, handlelength=2.6
    )
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
    return fig, alternative_to_the_map(cells, lengths)


def alternative_to_the_map(cells: dict[tuple, float], lengths: list[int]) -> str:
    said = {rate: [f"{cells[length, 'plain', 56, 'he', rate]:.1f}" for length in lengths] for rate in RATES}
    plain = [
        f"{', '.join(errors)} % ({'0.1 ' if rate == 'clipped' else 'rate '}{rate})"
        for rate, errors in said.items()
    ]
    first = lengths[0]
    identity, residual = (
        max(cells[first, family, 56, start, rate] for rate in RATES)
        for family, start in (("plain", "identity"), ("resnet", "he"))
    )
    return (
        "Training errors by start, learning rate and length. Plain-56 from the usual start ends after "
        f"{' and '.join(f'{length:,}' for length in lengths)} iterations at {'; '.join(plain)}. "
        f"From identity layers it is at {identity:.1f} % at most after {first} iterations, at every rate, "
        f"ResNet-56 at {residual:.1f} % at most."
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
    slide=True,
)
def care_length(rows: Rows, look: Look) -> tuple[Figure, str]:
    keys = {"train_error": "training"} | ({} if look.slide else {"test_error": "test"})
    size = look.size(5.2)
    fig, panels = plt.subplots(len(keys), len(RATES), figsize=size, sharex=True, sharey=True, squeeze=False)
    found = ends(rows)
    lengths = sorted(distinct(found, "iteration"))
    last = {}
    for column, rate in enumerate(RATES):
        for line, key in enumerate(keys):
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
            axes.set_xticks(lengths, [f"{length:,}" for length in lengths], fontsize=look.letters(9))
            axes.minorticks_off()
            axes.set_ylim(-3, 100)
        panels[0][column].set_title({"clipped": "rate 0.1, clipped"}.get(rate, f"rate {rate}"))
        panels[-1][column].set_xlabel("iterations")
    for line, label in zip(panels, ("training error (%)", "test error (%)")):
        line[0].set_ylabel(label)
    fig.legend(
        *panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=2.6
    )
    return fig, "At the longest training plain-56 from the usual start has " + "; ".join(
        " and ".join(f"{last[key, 'plain', 56, 'he', rate]:.1f} % {what}" for key, what in keys.items())
        + f" error ({'rate 0.1, ' if rate == 'clipped' else 'rate '}{rate})"
        for rate in RATES
    ) + "."
