"""Tables of the networks, counted from our modules."""

from typing import Any

from course import records
from course.records.names import LABELS, label
from course.records.statistics import distinct, only
from course.report.tables.markdown import markdown, percent, register

COUNTED = ("parameters", "multiply_adds")


def networks() -> list[dict[str, Any]]:
    """One row a network: what is counted from the module, and the errors of torchvision's weights."""
    rows = records.rows("networks")
    torchvision = only(rows, run="torchvision")
    stated = {row["model"]: row for row in torchvision}
    counted = [row for row in rows if row["run"] != "torchvision"]
    result = []
    for run in distinct(counted, "run"):
        layers = only(counted, run=run)
        family, depth = layers[0]["family"], layers[0]["depth"]
        errors = stated.get(f"{family}{depth}", {})  # torchvision's AlexNet is another network
        result.append(
            {
                "family": family,
                "depth": depth,
                "layers": sum(row["kind"] != "other" for row in layers),
                "top1": errors.get("top1_error"),
                "top5": errors.get("top5_error"),
            }
            | {key: sum(row[key] for row in layers) for key in COUNTED}
        )
    return sorted(result, key=lambda row: (list(LABELS).index(row["family"]), row["depth"]))


def anatomy(run: str) -> str:
    """A line a layer, counted from the module, with its share of the whole."""
    layers = [row for row in only(records.rows("networks"), run=run) if row["kind"] != "other"]
    parameters, multiply_adds = (sum(row[key] for row in layers) for key in COUNTED)
    lines = []
    for number, row in enumerate(layers, start=1):
        convolution = row["kind"] == "conv"
        lines.append(
            [
                f"{row['kind']}{number}" + f", {row['kernel']}×{row['kernel']}" * convolution,
                f"{row['out']}×{row['side']}×{row['side']}" if convolution else f"{row['out']:,}",
                f"{row['parameters']:,}",
                f"{100 * row['parameters'] / parameters:.1f}",
                f"{row['multiply_adds'] / 1e6:,.1f}",
                f"{100 * row['multiply_adds'] / multiply_adds:.1f}",
            ]
        )
    lines.append(["sum", "–", f"{parameters:,}", "100", f"{multiply_adds / 1e6:,.1f}", "100"])
    return markdown(
        "Layer, kernel | Output[^layers] | Parameters[^layers] | %[^layers] | "
        "Million multiply-adds[^layers] | %[^layers]",
        lines,
        "[^layers]: Counted from our module for one 224×224 image: record `networks`.",
    )


@register
def alexnet_layers() -> str:
    return anatomy("alexnet-8")


@register
def vgg_layers() -> str:
    return anatomy("vgg-16")


@register
def vgg_vs_resnet() -> str:
    """Counted from our modules; single-crop errors as torchvision states them for its trained weights."""
    rows = [
        [
            label(each["family"], each["depth"]),
            str(each["layers"]),
            f"{each['parameters']:,}",
            f"{each['multiply_adds'] / 1e9:.2f} G",
            percent(each["top1"]),
            percent(each["top5"]),
        ]
        for each in networks()
    ]
    return markdown(
        "Network | Layers[^counted] | Parameters[^counted] | Multiply-adds[^counted] | "
        "Top-1 error, %[^torchvision] | Top-5 error, %[^torchvision]",
        rows,
        "[^counted]: Counted from our modules for one 224×224 image: record `networks`. Depth counts "
        "convolutions and fully connected layers, not projections.\n"
        "[^torchvision]: One centre crop of each validation image, as torchvision states it for its weights "
        "`IMAGENET1K_V1`, which were not trained by the papers' recipes. A dash: torchvision has no weights "
        "of that network (its AlexNet is a later variant).",
    )
