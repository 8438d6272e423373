"""Records, packed small for the explorers: curves of whole numbers, so many of which are one."""

from collections.abc import Iterable
from itertools import groupby, product
from statistics import mean

import numpy as np

from course import CourseError, records
from course.records import published


def pack(values: Iterable[float | None], one: int) -> list[int | None]:
    """Whole numbers, `one` of which are 1; what is missing stays so."""
    return [None if value is None else round(value * one) for value in values]


HUNDREDTHS, THOUSANDTHS = 100, 1000
TRAININGS = {
    "digits": "Handwritten digits, 24 epochs: ours",
    "cifar10": "CIFAR-10, 64,000 iterations: ours",
    "cifar10-short": "CIFAR-10, 4,000 iterations: ours",
}


def errors() -> dict:
    """The error curves of our trainings as far as they are recorded, and those of the paper last."""
    return {
        "one": THOUSANDTHS,
        "trainings": [*(ours(name, title) for name, title in TRAININGS.items() if trained(name)), paper()],
    }


def trained(experiment: str) -> list[records.Record]:
    """Its records of plain and residual networks, which the explorer compares."""
    return [
        record
        for record in records.read_all(experiment, missing_ok=True)
        if record.spec["family"] in ("plain", "resnet")
    ]


def ours(experiment: str, title: str) -> dict:
    found = trained(experiment)
    cifar = found[0].data["name"] == "cifar10"
    unit = "iteration" if cifar else "epoch"
    steps, iterations = (found[0].table[key] for key in (unit, "iteration"))
    drops = [drop * steps[-1] / iterations[-1] for drop in found[0].spec["recipe"]["drops"]]
    curves = {
        network(run): {
            "seeds": [record.seed for record in same],
            "train": [pack(record.table["train_error"], THOUSANDTHS) for record in same],
            "test": [pack(record.table["test_error"], THOUSANDTHS) for record in same],
        }
        for run, same in ((run, list(same)) for run, same in groupby(found, key=lambda record: record.run))
    }
    return {
        "title": title,
        "who": "A",
        "unit": unit,
        "steps": steps,
        "top": 20 if experiment == "cifar10" else 100,
        "drops": drops,
        "overlay": cifar,
        "curves": curves,
    }


def network(run: str) -> str:
    return run.replace("resnet", "ResNet")


def paper() -> dict:
    """He et al. 2016a, Figure 6: its vertices lie a thousand iterations apart, one run a network; the rate
    drops at 32,000 and 48,000 (section 4.2).
    """
    steps = list(range(1000, 64_001, 1000))
    vertices: dict[str, dict[str, list]] = {}
    for row in published.figure_6():
        vertices.setdefault(row["network"], {"train": [], "test": []})[row["kind"]].append(
            (round(row["share"] * 64) * 1000, row["error"])
        )
    curves = {
        # the first is where the curve enters the figure
        name: {
            "seeds": [],
            **{kind: [pack(read(points[1:], steps), THOUSANDTHS)] for kind, points in kinds.items()},
        }
        for name, kinds in vertices.items()
    }
    return {
        "title": "CIFAR-10, 64,000 iterations: He et al. 2016a, Figure 6",
        "who": "In the paper, a",
        "unit": "iteration",
        "steps": steps,
        "top": 20,
        "drops": [32_000, 48_000],
        "overlay": False,
        "curves": curves,
    }


def read(points: list[tuple[int, float]], steps: list[int]) -> list[float | None]:
    """A digitised curve at these steps; where it is straight the reading has no vertices,
    and outside its ends it says nothing.
    """
    x, y = zip(*points)
    return [value if x[0] <= step <= x[-1] else None for step, value in zip(steps, np.interp(steps, x, y))]


GRID = "gradients"
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "identity")
INITS = ("normal", "xavier", "he", "orthogonal")
CURVES = ("backpropagated", "backpropagated_spread", "weight_gradient", "weight_gradient_spread")


def gradients() -> dict:
    """The grid of gradients: all perceptrons in the order of the axes,
    the curves of one after those of the other.

    Raises CourseError where a network of the grid is not recorded.
    """
    rows = [row for row in records.rows(GRID) if row["kind"] == "Perceptrons" and row["scale"] == 1]
    axes = {"activation": ACTIVATIONS, "init": INITS, "batch_norm": (False, True), "skip": (False, True)}
    axes |= {axis: tuple(sorted({row[axis] for row in rows})) for axis in ("depth", "step")}
    networks = {tuple(row[axis] for axis in axes): row for row in rows}
    try:
        found = [networks[place] for place in product(*axes.values())]
    except KeyError as lost:
        raise CourseError(
            f"no gradients are recorded for {dict(zip(axes, lost.args[0]))}: "
            f"run python scripts/train.py {GRID}"
        ) from None
    facts: dict[str, list] = {
        # log10 of first over last, in the mean of the seeds
        "decay": [average(row["decay"]) for row in found],
        "error": [average(row["error"]) for row in found],
        "zeros": [zeros(row) for row in found],
        "diverged": [row["decay"].count(None) - zeros(row) for row in found],
    }
    return {
        "axes": axes,
        "seeds": found[0]["seeds"],
        "layers": {row["depth"]: row["layers"] for row in found},
        "scale": {"curves": HUNDREDTHS, "facts": THOUSANDTHS},
        "curves": {
            name: pack([value for row in found for value in row[name]], HUNDREDTHS) for name in CURVES
        },
        "facts": {name: pack(values, THOUSANDTHS) for name, values in facts.items()},
    }


def zeros(row: dict) -> int:
    """Under how many seeds the first layer's gradient is exactly 0: it has no logarithm,
    though the loss is far from overflow.
    """
    return sum(
        decay is None and loss is not None and loss < 1e9 for decay, loss in zip(row["decay"], row["loss"])
    )


def average(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return mean(there) if there else None
