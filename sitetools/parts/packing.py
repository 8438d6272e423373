"""Records, packed small for the explorers: curves as short strings,
which docs/assets/explorers/chart.js unpacks.
"""

from collections.abc import Sequence
from itertools import product
from statistics import mean

import numpy as np

from course import CourseError, records
from course.records import published

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def pack(values: Sequence[float], one: int) -> str:
    """Whole numbers, `one` of which are 1, each as its difference from the one before,
    in Base64 VLQ as in source maps.

    What comes back differs from the value by no more than 1 / (2 one).
    """
    text, last = [], 0
    for value in values:
        whole = round(value * one)
        difference, last = whole - last, whole
        number = 2 * difference if difference >= 0 else 1 - 2 * difference
        while number >= 32:
            text.append(DIGITS[32 + number % 32])
            number //= 32
        text.append(DIGITS[number])
    return "".join(text)


HUNDREDTHS, THOUSANDTHS = 100, 1000
# stands for what is missing: the logarithm of zero, what is not a number, what a figure does not show
NOTHING = -999.0
TRAININGS = {
    "digits": "Handwritten digits, 24 epochs: ours",
    "cifar10": "CIFAR-10, 64,000 iterations: ours",
    "cifar10-short": "CIFAR-10, 4,000 iterations: ours",
}


def errors() -> dict:
    """The error curves of our trainings as far as they are recorded, and those of the paper last."""
    return {
        "one": THOUSANDTHS,
        "nothing": NOTHING,
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
    curves: dict[str, dict] = {}
    for record in found:
        curve = curves.setdefault(network(record.run), {"seeds": [], "train": [], "test": []})
        curve["seeds"].append(record.seed)
        for kind in ("train", "test"):
            curve[kind].append(pack(record.table[f"{kind}_error"], THOUSANDTHS))
    cifar = found[0].data["name"] == "cifar10"
    unit = "iteration" if cifar else "epoch"
    steps, iterations = (found[0].table[key] for key in (unit, "iteration"))
    drops = [drop * steps[-1] / iterations[-1] for drop in found[0].spec["recipe"]["drops"]]
    top = 20 if experiment == "cifar10" else 100
    return {
        "title": title,
        "who": "A",
        "unit": unit,
        "steps": steps,
        "top": top,
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
    title = "CIFAR-10, 64,000 iterations: He et al. 2016a, Figure 6"
    return {
        "title": title,
        "who": "In the paper, a",
        "unit": "iteration",
        "steps": steps,
        "top": 20,
        "drops": [32_000, 48_000],
        "overlay": False,
        "curves": curves,
    }


def read(points: list[tuple[int, float]], steps: list[int]) -> list[float]:
    """A digitised curve at these steps; where it is straight the reading has no vertices,
    and outside its ends it says nothing.
    """
    x, y = zip(*points)
    return np.interp(steps, x, y, left=NOTHING, right=NOTHING).tolist()


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
    places = list(product(*axes.values()))
    lost = [place for place in places if place not in networks]
    if lost:
        raise CourseError(
            f"no gradients are recorded for {dict(zip(axes, lost[0]))}: run python scripts/train.py {GRID}"
        )
    found = [networks[place] for place in places]
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
        "nothing": NOTHING,
        "scale": {"curves": HUNDREDTHS, "facts": THOUSANDTHS},
        "curves": {
            name: pack([present(value) for row in found for value in row[name]], HUNDREDTHS)
            for name in CURVES
        },
        "facts": {
            name: pack([present(value) for value in values], THOUSANDTHS) for name, values in facts.items()
        },
    }


def zeros(row: dict) -> int:
    """Under how many seeds the first layer's gradient is exactly 0: it has no logarithm,
    though the loss is far from overflow.
    """
    return sum(
        decay is None and loss is not None and loss < 1e9 for decay, loss in zip(row["decay"], row["loss"])
    )


def present(value: float | None) -> float:
    return NOTHING if value is None else value


def average(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return mean(there) if there else None
