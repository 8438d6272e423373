"""Error against depth and cost: figures of the lectures on depth and on results."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.figures.drawing import figure
from course.figures.style import DASHES, Look
from course.records.names import label
from course.records.statistics import Rows, only


def single_crop(rows: Rows) -> list[dict]:
    """Each network that torchvision has trained weights for, with its family, depth and label."""
    points = []
    for row in only(rows, run="torchvision"):
        family = row["model"].rstrip("0123456789")
        depth = int(row["model"].removeprefix(family) or 8)
        points.append(row | {"family": family, "depth": depth, "label": label(family, depth)})
    return points


def scatter(axes: Axes, points: list[dict], look: Look, x: str, below: str = "") -> None:
    """A point a network, a line a family. Labels stand above their points, or below,
    for the family `below`.
    """
    for family, marker, dash in zip(("alexnet", "vgg", "resnet"), "s^o", DASHES):
        offset, side = ((-4, -13), "right") if family == below else ((6, 4), "left")
        chosen = [p for p in points if p["family"] == family]
        costs, errors = ([p[key] for p in chosen] for key in (x, "top5_error"))
        axes.plot(costs, errors, marker=marker, color=look[family], linestyle=dash)
        style: dict[str, Any] = {
            "textcoords": "offset points",
            "ha": side,
            "color": look[family],
            "fontsize": look.letters(9.5),
        }
        for point, place in zip(chosen, zip(costs, errors)):
            axes.annotate(point["label"], place, offset, **style)


@figure(
    "networks",
    "Single-crop error of torchvision's trained networks (its AlexNet is a later variant) against depth. "
    "VGG ends at 19 layers; residual networks go on.",
    slide=True,
)
def error_against_depth(rows: Rows, look: Look) -> tuple[Figure, str]:
    points = single_crop(rows)
    fig, axes = plt.subplots(figsize=look.size(3.8))
    errors = {p["label"]: p["top5_error"] for p in points}
    for p in points:
        if p["label"] in ("VGG-13", "VGG-16", "ResNet-101"):  # no room; the axis names the depths
            p["label"] = ""
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
    "The same networks against what one image costs. From 34 layers on the residual networks make fewer "
    "errors than every VGG, all of them for less work than VGG-16.",
    slide=True,
)
def error_against_cost(rows: Rows, look: Look) -> tuple[Figure, str]:
    points = single_crop(rows)
    fig, axes = plt.subplots(figsize=look.size(3.8))
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
