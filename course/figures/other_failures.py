"""Figures of the lecture on degradation: overfitting and distribution shift."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.figures.drawing import band, figure
from course.figures.style import DASHES, WIDTH, Look
from course.records.statistics import Rows, final, only, spread

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
    slide=True,
)
def failures(rows: Rows, look: Look) -> tuple[Figure, str]:
    fig, axes = plt.subplots(figsize=look.size(3.9))
    bars = {}
    for place, (run, _) in enumerate(CHANGES):
        for offset, (key, label, concept, hatch) in zip((-0.28, 0, 0.28), ERRORS):
            s = final(only(rows, run=run), key)
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
            axes.text(place + offset, s.high + 2, f"{s.centre:.0f}", ha="center", fontsize=look.letters(9))
    axes.set_xticks(
        range(len(CHANGES)), [label for _, label in CHANGES], color=look.ink, fontsize=look.letters(9)
    )
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
    best, last = min(test, key=lambda epoch: test[epoch]), max(test)
    return fig, (
        "With half of the training labels random, the training error falls to "
        f"{wrong['train_error'][last].centre:.0f} %; the test error is lowest at epoch {best} with "
        f"{test[best]:.0f} % and ends at {test[last]:.0f} %."
    )
