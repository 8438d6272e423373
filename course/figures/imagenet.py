"""Figures of the lecture on ImageNet."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from course.figures.drawing import figure
from course.figures.style import DASHES, Look
from course.records import published
from course.records.statistics import Rows


@figure(
    None,
    "Top-5 error of the ILSVRC classification task on each year's test images; winners in full colour. "
    "Brackets: how many networks were averaged, where the sources say. The dashed line is the better of two "
    "trained people.",
    "Numbers of the literature [@krizhevsky2012, Table 1; @ilsvrc2011; @ilsvrc2012; @szegedy2015, Table 2; "
    "@he2016deep, Table 5; @hu2018; @russakovsky2015]. Those of 2011 and 2016 are as later summaries "
    "quote them",
    slide=True,
)
def ilsvrc(rows: Rows, look: Look) -> tuple[Figure, str]:
    entries = published.ILSVRC
    fig, axes = plt.subplots(figsize=look.size(4.4))
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
