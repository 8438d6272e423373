"""Tables of our own records."""

from statistics import mean
from typing import Any

from course import records
from course.records import Record
from course.records.gradient_grid import NAMES
from course.records.names import LABELS, label
from course.records.statistics import (
    Spread,
    distinct,
    ends,
    final,
    geometric,
    last_epoch,
    middle,
    only,
    spread,
)
from course.report.numerals import scientific
from course.report.tables.markdown import markdown, percent, register


@register
def digits() -> str:
    """Ours: the final epoch on the handwritten digits."""
    rows = records.rows("digits")
    lines = []
    for depth in sorted(distinct(rows, "depth")):
        errors = [
            final(only(rows, family=family, depth=depth), key)
            for family in ("plain", "resnet")
            for key in ("train_error", "test_error")
        ]
        lines.append(
            [str(depth), *(f"{error.centre:.1f} ± {error.high - error.centre:.1f}" for error in errors)]
        )
    return markdown("Layers | Plain, training | Plain, test | Residual, training | Residual, test", lines)


STARTS = {"he": "He", "shifted": "He, β = 2", "identity": "identities", "zero": "He, last γ = 0"}


def started(row: dict[str, Any]) -> str:
    return f"{label(row['family'], row['depth'])}, {STARTS[row['start']]}"


@register
def care() -> str:
    """Ours: every cell of the map of starts, rates and lengths; median, least and greatest of the seeds."""
    order = ("iteration", "family", "depth", "start")
    trained = sorted(ends(records.rows("care")), key=lambda row: [row[key] for key in order])
    lines = []
    for run in distinct(trained, "run"):
        rows = only(trained, run=run)
        errors = [middle(rows, key, "run")[run] for key in ("train_error", "inference_error", "test_error")]
        lines.append(
            [
                f"{rows[0]['iteration']:,}",
                started(rows[0]),
                rows[0]["rate"],
                *(f"{error.centre:.1f} ({error.low:.1f} to {error.high:.1f})" for error in errors),
                str(len(rows)),
            ]
        )
    return markdown(
        "Iterations | Network, start | Rate | Training, batch mode | Training, inference | Test | Seeds",
        lines,
    )


@register
def outset() -> str:
    """Ours: what each start is like before training,
    and its training error after 264 iterations at each rate.
    """
    before = [
        row | {"ratio": row["first_gradient"] / row["last_gradient"], "started": started(row)}
        for row in records.rows("outset")
    ]
    ratio = geometric(before, "ratio", "started")
    alike, between = (middle(before, key, "started") for key in ("likeness", "between_images"))
    after = [row | {"started": started(row)} for row in only(ends(records.rows("care")), iteration=264)]
    errors = [middle(only(after, rate=rate), "train_error", "started") for rate in ("0.1", "0.01", "clipped")]
    lines = [
        [
            start,
            scientific(ratio[start].centre),
            f"{alike[start].centre:z.1f}",
            f"{100 * between[start].centre:.0f}",
            *(f"{of_rate[start].centre:.1f}" for of_rate in errors),
        ]
        for start in ratio
    ]
    return markdown(
        "Network, start | First gradient / last | Likeness | Between images, % | "
        "Rate 0.1 | Rate 0.01 | 0.1, clipped",
        lines,
    )


# Initialisation, batch normalisation, skips.
KINDS = {
    "Normal": ("normal", False, False),
    "Xavier": ("xavier", False, False),
    "He": ("he", False, False),
    "Orthogonal": ("orthogonal", False, False),
    "He, BN": ("he", True, False),
    "He, BN, skips": ("he", True, True),
}


@register
def gradient_shares() -> str:
    """Ours: the first layer's gradient over the last layer's, in untrained perceptrons of 32 layers.

    Geometric mean over the seeds.
    """
    untrained = only(records.rows("gradients"), kind="Perceptrons", scale=1, depth=32, step=0)
    shares = {
        (row["activation"], row["init"], row["batch_norm"], row["skip"]): 10 ** mean(row["decay"])
        for row in untrained
    }
    lines = [
        [name, *(scientific(shares[activation, *kind]).replace(" ", "\u00a0") for kind in KINDS.values())]
        for activation, name in NAMES.items()
    ]
    return markdown(" | ".join(["Activation", *KINDS]), lines)


@register
def measured_cifar10() -> str:
    """Ours: what the networks for CIFAR-10 cost, how fast they are on a processor and how well they do.

    All on the same images and by the same recipe.
    """
    errors = spread(last_epoch(records.rows("cifar10-short")), "test_error", "run")
    timed = [record for record in records.read_all("benchmark") if record.run == f"{record.spec['name']}-cpu"]
    timed.sort(key=lambda r: (r.device, list(LABELS).index(r.spec["family"]), r.spec["depth"]))
    devices, precisions = (
        ", ".join(sorted({getattr(record, key) for record in timed})) for key in ("device", "precision")
    )
    return markdown(
        "Network | Parameters[^counted] | Multiply-adds, million[^counted] | Test error, %[^short] | "
        "Training, images/s[^speed] | Inference, images/s[^speed]",
        [timed_row(record, errors) for record in timed],
        "[^counted]: Counted from our modules for one 32×32 image: record `cifar-networks`.\n"
        "[^short]: At the end of 4,000 iterations, one seed: record `cifar10-short`. A dash: not trained, or "
        "diverged.\n"
        f"[^speed]: {devices}; batches of 128, {precisions} to train, float32 to answer: record `benchmark`.",
    )


def timed_row(record: Record, errors: dict[str, Spread]) -> list[str]:
    """record: of the benchmark of a network.  errors: by network, on the test images, in percent."""
    error = errors.get(record.spec["name"])  # vgg-16 diverged
    layers = only(records.rows("cifar-networks"), run=record.spec["name"])
    rates = [
        mean(row["images_per_second"] for row in only(record.rows(), loop=loop))
        for loop in ("ours", "inference")
    ]
    return [
        label(record.spec["family"], record.spec["depth"]),
        f"{sum(row['parameters'] for row in layers):,}",
        f"{sum(row['multiply_adds'] for row in layers) / 1e6:.0f}",
        percent(error.centre if error else None),
        *(f"{rate:,.0f}" for rate in rates),
    ]
