"""Tables of the pages as Markdown: counted from our networks, read from records, or cited (`@key [place]`);
each cell has its source.
"""

import math
import re
from collections.abc import Callable, Iterable
from statistics import mean
from typing import Any

from course import CourseError, ledger, published, records
from course.grid import NAMES
from course.ledger import Entry
from course.records import geometric, last_epoch, middle, spread
from course.style import scientific

TABLES: dict[str, Callable[[], str]] = {}


def table(name: str) -> str:
    """The Markdown of a table. Raises CourseError for an unknown name."""
    if name not in TABLES:
        raise CourseError(f"unknown table {name!r}: choose from {', '.join(TABLES)}")
    return TABLES[name]()


def register(make: Callable[[], str]) -> Callable[[], str]:
    TABLES[make.__name__.replace("_", "-")] = make
    return make


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; columns of numbers are set right."""
    sides = [
        "---:" if all(cell[0].isdigit() or cell == "–" for cell in column) else "---" for column in zip(*rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ["---", *sides[1:]], *rows))


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


LABELS = {
    "alexnet": "AlexNet (2012)",
    "vgg": "VGG-{}",
    "vgg-bn": "VGG-{} with BN",
    "plain": "plain-{}",
    "resnet": "ResNet-{}",
}


def networks() -> list[dict[str, Any]]:
    """One row a network: layers, parameters and multiply-adds counted from the module,
    errors of torchvision's weights.
    """
    rows = records.rows("networks")
    stated = {row["model"]: row for row in rows if row["run"] == "torchvision"}
    result = []
    for run in dict.fromkeys(row["run"] for row in rows if row["run"] != "torchvision"):
        layers = [row for row in rows if row["run"] == run]
        family, depth = layers[0]["family"], layers[0]["depth"]
        errors = stated.get(f"{family}{depth}", {})  # torchvision's AlexNet is another network
        result.append(
            {
                "name": LABELS[family].format(depth),
                "family": family,
                "depth": depth,
                "layers": sum(row["kind"] != "other" for row in layers),
                "parameters": sum(row["parameters"] for row in layers),
                "multiply_adds": sum(row["multiply_adds"] for row in layers),
                "top1": errors.get("top1_error"),
                "top5": errors.get("top5_error"),
            }
        )
    return sorted(result, key=lambda row: (list(LABELS).index(row["family"]), row["depth"]))


def anatomy(run: str) -> str:
    """A line a layer, counted from the module, with its share of the whole."""
    layers = [row for row in records.rows("networks") if row["run"] == run and row["kind"] != "other"]
    whole = {key: sum(row[key] for row in layers) for key in ("parameters", "multiply_adds")}
    lines = []
    for number, row in enumerate(layers, start=1):
        kernel = f", {row['kernel']}×{row['kernel']}" if row["kind"] == "conv" else ""
        out = f"{row['out']}×{row['side']}×{row['side']}" if row["kind"] == "conv" else f"{row['out']:,}"
        shares = {key: f"{100 * row[key] / whole[key]:.1f}" for key in whole}
        lines.append(
            [
                f"{row['kind']}{number}{kernel}",
                out,
                f"{row['parameters']:,}",
                shares["parameters"],
                f"{row['multiply_adds'] / 1e6:,.1f}",
                shares["multiply_adds"],
            ]
        )
    lines.append(
        ["sum", "–", f"{whole['parameters']:,}", "100", f"{whole['multiply_adds'] / 1e6:,.1f}", "100"]
    )
    heads = [
        "Layer, kernel",
        "Output[^layers]",
        "Parameters[^layers]",
        "%[^layers]",
        "Million multiply-adds[^layers]",
        "%[^layers]",
    ]
    return (
        markdown(heads, lines)
        + "\n\n[^layers]: Counted from our module for one 224×224 image: record `networks`."
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
    heads = [
        "Network",
        "Layers[^counted]",
        "Parameters[^counted]",
        "Multiply-adds[^counted]",
        "Top-1 error, %[^torchvision]",
        "Top-5 error, %[^torchvision]",
    ]
    rows = [
        [
            n["name"],
            str(n["layers"]),
            f"{n['parameters']:,}",
            f"{n['multiply_adds'] / 1e9:.2f} G",
            percent(n["top1"]),
            percent(n["top5"]),
        ]
        for n in networks()
    ]
    notes = (
        "[^counted]: Counted from our modules for one 224×224 image: record `networks`. Depth counts "
        "convolutions and fully connected layers, not projections.\n[^torchvision]: One centre crop of each "
        "validation image, as torchvision states it for its weights `IMAGENET1K_V1`, which were not trained "
        "by the papers' recipes. A dash: torchvision has no weights of that network (its AlexNet is a later "
        "variant)."
    )
    return markdown(heads, rows) + "\n\n" + notes


def results(protocol: str) -> str:
    found = [r for r in published.IMAGENET if r.protocol == protocol]
    (source,) = {f"@{r.key} [{r.where}]" for r in found}  # one table of one paper
    note = protocol.replace("-", "")
    heads = ["Network", f"Top-1 error, %[^{note}]", f"Top-5 error, %[^{note}]", "Images"]
    rows = [
        [r.network, percent(r.top1), percent(r.top5), {"val": "validation", "test": "test"}[r.split]]
        for r in found
    ]
    return markdown(heads, rows) + f"\n\n[^{note}]: {source}."


@register
def ten_crop() -> str:
    return results("10-crop")


@register
def single_models() -> str:
    return results("multi-scale")


@register
def ensembles() -> str:
    return results("ensemble")


@register
def ilsvrc() -> str:
    outside = {True: "yes", False: "no", None: "–"}
    rows = []
    for e in published.ILSVRC:
        note = "[^later]" if e.checked == "secondary" else ""
        name = f"**{e.name.partition(',')[0]}**" if e.won else e.name.partition(",")[0]
        rows.append(
            [
                f"{e.year} {name}",
                f"{e.top5:g}{note}",
                str(e.networks or "–"),
                outside[e.outside],
                f"@{e.key} [{e.where}]",
            ]
        )
    notes = "[^later]: As later summaries agree to quote it; we have not seen the official number. A dash anywhere: the sources we read do not say."
    return markdown(["Entry", "Top-5, %", "Nets", "Outside data", "Source"], rows) + "\n\n" + notes


@register
def digits() -> str:
    """Ours: the final epoch on the handwritten digits."""
    rows = last_epoch(records.rows("digits"))
    lines = []
    for depth in sorted({row["depth"] for row in rows}):
        line = [str(depth)]
        for family in ("plain", "resnet"):
            chosen = [row for row in rows if row["family"] == family and row["depth"] == depth]
            for key in ("train_error", "test_error"):
                s = spread(chosen, key, "depth")[depth]
                line.append(f"{s.centre:.1f} ± {s.high - s.centre:.1f}")
        lines.append(line)
    return markdown(
        ["Layers", "Plain, training", "Plain, test", "Residual, training", "Residual, test"], lines
    )


STARTS = {"he": "He", "shifted": "He, β = 2", "identity": "identities", "zero": "He, last γ = 0"}


def started(row: dict[str, Any]) -> str:
    return f"{LABELS[row['family']].format(row['depth'])}, {STARTS[row['start']]}"


@register
def care() -> str:
    """Ours: every cell of the map of starts, rates and lengths; median, least and greatest of the seeds."""
    found = records.ends(records.rows("care"))
    found.sort(key=lambda row: (row["iteration"], row["family"], row["depth"], row["start"]))
    lines = []
    for run in dict.fromkeys(row["run"] for row in found):
        rows = [row for row in found if row["run"] == run]
        train, inference, test = (
            middle(rows, key, "run")[run] for key in ("train_error", "inference_error", "test_error")
        )
        errors = [f"{s.centre:.1f} ({s.low:.1f} to {s.high:.1f})" for s in (train, inference, test)]
        lines.append(
            [f"{rows[0]['iteration']:,}", started(rows[0]), rows[0]["rate"], *errors, str(train.count)]
        )
    return markdown(
        [
            "Iterations",
            "Network, start",
            "Rate",
            "Training, batch mode",
            "Training, inference",
            "Test",
            "Seeds",
        ],
        lines,
    )


@register
def outset() -> str:
    """Ours: what each start is like before training,
    and its training error after 264 iterations at each rate.
    """
    found = [row for row in records.ends(records.rows("care")) if row["iteration"] == 264]
    before = [
        row | {"ratio": row["first_gradient"] / row["last_gradient"], "run": started(row)}
        for row in records.rows("outset")
    ]
    ratio = geometric(before, "ratio", "run")
    alike, between = (middle(before, key, "run") for key in ("likeness", "between_images"))
    errors = {
        rate: middle(
            [row | {"run": started(row)} for row in found if row["rate"] == rate], "train_error", "run"
        )
        for rate in ("0.1", "0.01", "clipped")
    }
    lines = [
        [run, scientific(ratio[run].centre), f"{alike[run].centre:z.1f}", f"{100 * between[run].centre:.0f}"]
        + [f"{of_rate[run].centre:.1f}" for of_rate in errors.values()]
        for run in ratio
    ]
    heads = [
        "Network, start",
        "First gradient / last",
        "Likeness",
        "Between images, %",
        "Rate 0.1",
        "Rate 0.01",
        "0.1, clipped",
    ]
    return markdown(heads, lines)


@register
def gradient_shares() -> str:
    """Ours: the first layer's gradient over the last layer's, in untrained perceptrons of 32 layers;
    geometric mean over the seeds.
    """
    kinds = {
        "Normal": ("normal", False, False), "Xavier": ("xavier", False, False), "He": ("he", False, False), "Orthogonal": ("orthogonal", False, False),
        "He, BN": ("he", True, False), "He, BN, skips": ("he", True, True),
    }  # fmt: skip
    shares = {
        (row["activation"], row["init"], row["batch_norm"], row["skip"]): 10 ** mean(row["decay"])
        for row in records.rows("gradients")
        if row["kind"] == "Perceptrons" and (row["scale"], row["depth"], row["step"]) == (1, 32, 0)
    }
    lines = [
        [label, *(scientific(shares[name, *kind]).replace(" ", "\u00a0") for kind in kinds.values())]
        for name, label in NAMES.items()
    ]
    return markdown(["Activation", *kinds], lines)


@register
def cifar10() -> str:
    """The paper's: printed in its Table 6, or read off the curves of its Figure 6."""
    rows = [
        [r.network, r.parameters or "–", percent(r.train_read), percent(r.test_read), percent(r.test)]
        for r in published.CIFAR10
    ]
    return markdown(
        [
            "Network",
            "Parameters",
            "Training error, % (read off Figure 6)",
            "Test error, % (read off Figure 6)",
            "Test error, % (Table 6)",
        ],
        rows,
    )


@register
def cifar10_plain() -> str:
    """Of these, the plain networks."""
    rows = [
        [r.network, percent(r.train_read), percent(r.test_read)]
        for r in published.CIFAR10
        if r.network.startswith("plain")
    ]
    return markdown(
        ["Network", "Training error, % (read off Figure 6)", "Test error, % (read off Figure 6)"], rows
    )


@register
def measured_cifar10() -> str:
    """Ours: what the networks for CIFAR-10 cost, how fast they are and how well they do,
    on the same images and by the same recipe.
    """
    errors = spread(last_epoch(records.rows("cifar10-short")), "test_error", "run")
    measured = [
        record
        for record in records.read_all("benchmark")
        if record.precision == record.spec["recipe"]["precision"]
    ]
    timed = sorted(
        measured,
        key=lambda record: (record.device, list(LABELS).index(record.spec["family"]), record.spec["depth"]),
    )
    rows = []
    for record in timed:
        name = record.spec["name"]
        layers = [row for row in records.rows("cifar-networks") if row["run"] == name]
        parameters, multiply_adds = (
            sum(row[key] for row in layers) for key in ("parameters", "multiply_adds")
        )
        speed = [
            mean(row["images_per_second"] for row in record.rows() if row["loop"] == loop)
            for loop in ("ours", "inference")
        ]
        label = LABELS[record.spec["family"]].format(record.spec["depth"])
        rows.append(
            [
                label,
                f"{parameters:,}",
                f"{multiply_adds / 1e6:.0f}",
                percent(errors[name].centre if name in errors else None),
                *(f"{rate:,.0f}" for rate in speed),
            ]
        )
    heads = [
        "Network",
        "Parameters[^counted]",
        "Multiply-adds, million[^counted]",
        "Test error, %[^short]",
        "Training, images/s[^speed]",
        "Inference, images/s[^speed]",
    ]
    notes = (
        "[^counted]: Counted from our modules for one 32×32 image: record `cifar-networks`.\n[^short]: At "
        "the end of 4,000 iterations, one seed: record `cifar10-short`. A dash: not trained, or diverged.\n"
        f"[^speed]: {', '.join(sorted({record.device for record in timed}))}; batches of 128, "
        f"{', '.join(sorted({record.precision for record in timed}))} to train, float32 to answer: record "
        "`benchmark`."
    )
    return markdown(heads, rows) + "\n\n" + notes


def compared(found: Iterable[Entry]) -> str:
    """Entries of one quantity. Sources, conditions and reasons are notes below the table:
    a sentence in a narrow cell is hard to read.
    """
    rows, notes, quantity = [], {}, ""

    def note(text: str) -> str:
        return (
            f"[^{re.sub(r'[^a-z0-9]+', '-', quantity.lower()).strip('-')}-{notes.setdefault(text, len(notes) + 1)}]"
            if text
            else ""
        )

    for entry in found:
        quantity = entry.quantity
        family, _, depth = entry.run.partition("-")
        digits = max(0, -round(math.log10(entry.unit)))
        deviation = f" ± {entry.deviation:.{digits}f}" if entry.seeds > 1 else ""
        ours = f"{entry.ours:.{digits}f}{deviation}{note(entry.conditions)}"
        agrees = f"{'yes' if entry.agrees else 'no'}{note(entry.remark)}"
        rows.append(
            [LABELS[family].format(depth), f"{entry.paper:.{digits}f}{note(entry.source)}", ours, agrees]
        )
    texts = "\n".join(f"{note(text)}: {text[0].upper()}{text[1:]}{'.' * (text[-1] != '.')}" for text in notes)
    return (
        markdown([f"{quantity[0].upper()}{quantity[1:]}", "Paper", "Ours", "Agrees"], rows) + "\n\n" + texts
    )


@register
def ledger_multiply_adds() -> str:
    return compared(ledger.multiply_adds())


@register
def ledger_parameters() -> str:
    return compared(ledger.parameters())


@register
def ledger_cifar10_parameters() -> str:
    return compared(ledger.cifar10_parameters())


@register
def ledger_training_error() -> str:
    return compared(ledger.cifar10("train_error"))


@register
def ledger_test_error() -> str:
    return compared(ledger.cifar10("test_error"))
