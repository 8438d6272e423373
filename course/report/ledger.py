"""The ledger: every number of the papers that this course reproduces, beside ours, and why they differ."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from course import records
from course.records import Record, published
from course.records.names import label
from course.records.published import CifarResult
from course.records.statistics import Rows, closing, final, last_epoch


@dataclass(frozen=True)
class Comparison:
    """A number of a paper beside ours.

    family, depth: of the network.  paper: the printed number, whose last digit is worth `unit`.  source: the
    citation, with its place.  ours: mean over `seeds` (0: counted), with their deviation.  conditions: epoch
    rule, seeds and device of ours.  remark: why they differ, where they do by more than rounding and spread.
    """

    family: str
    depth: int
    quantity: str
    paper: float
    unit: float
    source: str
    ours: float
    conditions: str
    deviation: float = 0.0
    seeds: int = 0
    remark: str = ""

    @property
    def what(self) -> str:
        return f"{label(self.family, self.depth)}: {self.quantity}"

    @property
    def agrees(self) -> bool:
        """They are the same as printed, or no further apart than rounding and spread."""
        near = abs(self.paper - self.ours) <= self.unit / 2 + self.deviation
        return near or round(self.paper / self.unit) == round(self.ours / self.unit)


def comparisons() -> list[Comparison]:
    return [
        *multiply_adds(),
        *parameters(),
        *cifar10_parameters(),
        *cifar10("train_error"),
        *cifar10("test_error"),
    ]


# What is printed, in billions, and its place in He et al. 2016a.
MULTIPLY_ADDS = (
    ("vgg", 16, 15.3, "section 4.1"),
    ("vgg", 19, 19.6, "Figure 3"),
    ("plain", 34, 3.6, "Figure 3"),
    ("resnet", 18, 1.8, "Table 1"),
    ("resnet", 34, 3.6, "Table 1"),
    ("resnet", 50, 3.8, "Table 1"),
    ("resnet", 101, 7.6, "Table 1"),
    ("resnet", 152, 11.3, "Table 1"),
)
# In millions.
PARAMETERS = (
    ("alexnet", 8, 60, "@krizhevsky2012 [abstract]"),
    ("vgg", 11, 133, "@simonyan2015 [Table 2]"),
    ("vgg", 13, 133, "@simonyan2015 [Table 2]"),
    ("vgg", 16, 138, "@simonyan2015 [Table 2]"),
    ("vgg", 19, 144, "@simonyan2015 [Table 2]"),
)
COUNTED = "counted from the module"


def layers(experiment: str, family: str, depth: int) -> Rows:
    return [row for row in records.rows(experiment) if row["run"] == f"{family}-{depth}"]


def counted(experiment: str, family: str, depth: int, key: str) -> int:
    return sum(row[key] for row in layers(experiment, family, depth))


def multiply_adds() -> Iterator[Comparison]:
    for family, depth, paper, where in MULTIPLY_ADDS:
        ours = counted("networks", family, depth, "multiply_adds") / 1e9
        yield Comparison(
            family,
            depth,
            "multiply-adds, billion",
            paper,
            0.1,
            f"@he2016deep [{where}]",
            ours,
            COUNTED,
            remark=remark_on_multiply_adds(family, depth, paper),
        )


def remark_on_multiply_adds(family: str, depth: int, paper: float) -> str:
    if (family, depth) == ("vgg", 16):
        return "The paper's figure is not derived; ours is torchvision's too."
    if (family, depth) == ("resnet", 34):
        return "Ours has projections (option B), which the paper's count leaves out."
    if family == "resnet" and depth >= 50:
        return remark_on_strides(depth, paper)
    return ""


def remark_on_strides(depth: int, paper: float) -> str:
    """What becomes of our count where the stride moves to the first 1×1 of its block, which then sees a
    quarter of the places.
    """
    rows = layers("networks", "resnet", depth)
    moved = sum(row["multiply_adds"] for row in rows if re.fullmatch(r"layer[234]\.0\.conv1", row["layer"]))
    there = (sum(row["multiply_adds"] for row in rows) - 3 / 4 * moved) / 1e9
    as_printed = f"{there:.1f}" == f"{paper:.1f}"
    rest = (
        "as printed." if as_printed else "still more than is printed: how the paper counted, it does not say."
    )
    return (
        "Our stride of 2 stands on the 3×3 of the bottleneck, as in torchvision, the paper's on the first "
        f"1×1. There ours would count {there:.2f} billion, {rest}"
    )


def parameters() -> Iterator[Comparison]:
    for family, depth, paper, source in PARAMETERS:
        ours = counted("networks", family, depth, "parameters") / 1e6
        remark = "The paper rounds." if family == "alexnet" else ""
        yield Comparison(family, depth, "parameters, million", paper, 1, source, ours, COUNTED, remark=remark)


def cifar10_parameters() -> Iterator[Comparison]:
    for result in published.CIFAR10:
        if result.parameters:
            yield Comparison(
                result.family,
                result.depth,
                "parameters for CIFAR-10, million",
                result.parameters,
                0.01 if result.parameters < 1 else 0.1,
                "@he2016deep [Table 6]",
                counted("cifar-networks", result.family, result.depth, "parameters") / 1e6,
                COUNTED,
            )


def cifar10(key: str) -> Iterator[Comparison]:
    """Errors, "train_error" or "test_error": of the longest training that is recorded."""
    for result in published.CIFAR10:
        if found := longest_training(result):
            yield compared_error(result, found, key)


def longest_training(result: CifarResult) -> list[Record]:
    for experiment in ("cifar10", "cifar10-short"):
        recorded = records.read_all(experiment, missing_ok=True)
        if chosen := [record for record in recorded if record.run == f"{result.family}-{result.depth}"]:
            return chosen
    return []


def compared_error(result: CifarResult, found: list[Record], key: str) -> Comparison:
    """Of a whole training, the training error is the mean of the last 10,000 iterations, as we read the
    paper's off its curve.
    """
    rows, read_off = [row for record in found for row in record.rows()], "Figure 6, read off"
    iterations = last_epoch(rows)[0]["iteration"]
    ours, when = final(rows, key), f"last epoch of {iterations:,} iterations"
    if key == "train_error":
        quantity, paper, unit, where = "training error on CIFAR-10, %", result.train_read, 0.1, read_off
        if iterations == 64_000:
            ours, when = closing(rows, key), "mean of the last 10,000 of 64,000 iterations"
    else:
        quantity, paper, unit = "test error on CIFAR-10, %", result.test or result.test_read, 0.01
        where = "Table 6" if result.test else read_off
    seeds = f"{ours.count} seed{'s' * (ours.count > 1)}"
    entry = Comparison(
        result.family,
        result.depth,
        quantity,
        paper,
        unit,
        f"@he2016deep [{where}]",
        ours.centre,
        f"{when}, {seeds}, {found[0].device}",
        ours.high - ours.centre,
        ours.count,
    )
    if iterations < 64_000:
        return replace(entry, remark=f"Ours trained for {iterations:,} of the paper's 64,000 iterations.")
    return entry if entry.agrees else replace(entry, remark=remark_on_chance(rows, key, paper))


def remark_on_chance(rows: Rows, key: str, paper: float) -> str:
    """How far the epochs of a run lie apart, how far the paper's own runs do, and whether that is enough."""
    late = [row[key] for row in rows if row["iteration"] > 54_000]
    apart = f"Our epochs of the last 10,000 iterations lie between {min(late):.2f} and {max(late):.2f} %"
    chance = 0.0
    if key == "test_error":
        chance = 0.16
        apart += f", and five of the paper's own runs, of ResNet-110, deviate by {chance} points (Table 6)"
    near = min(late) - chance <= paper <= max(late) + chance
    beyond = "" if near else " The paper's value lies outside; we do not know why."
    return f"{apart}.{beyond}"
