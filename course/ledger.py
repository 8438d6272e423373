"""The ledger: every number of the papers that this course reproduces, beside ours,
with a sentence where they differ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from course import published, records
from course.records import last_epoch, spread


@dataclass(frozen=True)
class Entry:
    """paper: the printed number, whose last digit is worth `unit`.  ours: mean over `seeds` (0: counted),
    with their deviation.

    source: the citation, with its place.  conditions: epoch rule, seeds and device of ours.
    remark: why they differ, where they do by more than rounding and spread.
    """

    run: str
    quantity: str
    paper: float
    unit: float
    source: str
    ours: float
    deviation: float
    seeds: int
    conditions: str
    remark: str = ""

    @property
    def what(self) -> str:
        return f"{self.run}: {self.quantity}"

    @property
    def agrees(self) -> bool:
        return abs(self.paper - self.ours) <= self.unit / 2 + self.deviation


def entries() -> list[Entry]:
    return [
        *multiply_adds(),
        *parameters(),
        *cifar10_parameters(),
        *cifar10("train_error"),
        *cifar10("test_error"),
    ]


# What is printed, in billions or millions, and its place: He et al. 2016a, Table 1 and Figure 3.
MULTIPLY_ADDS = [
    ("vgg-16", 15.3),
    ("vgg-19", 19.6),
    ("plain-34", 3.6),
    ("resnet-18", 1.8),
    ("resnet-34", 3.6),
]
MULTIPLY_ADDS += [("resnet-50", 3.8), ("resnet-101", 7.6), ("resnet-152", 11.3)]
MULTIPLY_ADDS_REMARKS = {
    "vgg-16": "The paper's figure is not derived; ours is torchvision's too.",
    "resnet-34": "Ours has projections (option B), which the paper's count leaves out.",
}
BOTTLENECKS = ("resnet-50", "resnet-101", "resnet-152")
PARAMETERS = [
    ("alexnet-8", 60, "@krizhevsky2012 [abstract]"),
    ("vgg-11", 133, "@simonyan2015 [Table 2]"),
    ("vgg-13", 133, "@simonyan2015 [Table 2]"),
]
PARAMETERS += [("vgg-16", 138, "@simonyan2015 [Table 2]"), ("vgg-19", 144, "@simonyan2015 [Table 2]")]
COUNTED = "counted from the module"


def counted(experiment: str, run: str, key: str) -> int:
    return sum(row[key] for row in records.rows(experiment) if row["run"] == run)


def multiply_adds() -> Iterator[Entry]:
    for run, paper in MULTIPLY_ADDS:
        ours = counted("networks", run, "multiply_adds") / 1e9
        where = (
            "Figure 3" if run in ("vgg-19", "plain-34") else "section 4.1" if run == "vgg-16" else "Table 1"
        )
        remark = stride_remark(run, paper) if run in BOTTLENECKS else MULTIPLY_ADDS_REMARKS.get(run, "")
        yield Entry(
            run, "multiply-adds, billion", paper, 0.1, f"@he2016deep [{where}]", ours, 0, 0, COUNTED, remark
        )


def stride_remark(run: str, paper: float) -> str:
    """What becomes of our count where the stride moves to the first 1×1 of its block, which then sees a
    quarter of the places."""
    first = [
        row["multiply_adds"]
        for row in records.rows("networks")
        if row["run"] == run and re.fullmatch(r"layer[234]\.0\.conv1", row["layer"])
    ]
    there = (counted("networks", run, "multiply_adds") - 3 / 4 * sum(first)) / 1e9
    rest = (
        ", as printed."
        if f"{there:.1f}" == f"{paper:.1f}"
        else ", still more than is printed: how the paper counted, it does not say."
    )
    return (
        "Our stride of 2 stands on the 3×3 of the bottleneck, as in torchvision, the paper's on the first "
        f"1×1. There ours would count {there:.2f} billion{rest}"
    )


def parameters() -> Iterator[Entry]:
    for run, paper, source in PARAMETERS:
        remark = "The paper rounds." if run == "alexnet-8" else ""
        yield Entry(
            run,
            "parameters, million",
            paper,
            1,
            source,
            counted("networks", run, "parameters") / 1e6,
            0,
            0,
            COUNTED,
            remark,
        )


def cifar10_parameters() -> Iterator[Entry]:
    for result in published.CIFAR10:
        if result.parameters:
            run, value = result.network.lower(), float(result.parameters.removesuffix(" M"))
            unit = 0.01 if value < 1 else 0.1
            ours = counted("cifar-networks", run, "parameters") / 1e6
            yield Entry(
                run,
                "parameters for CIFAR-10, million",
                value,
                unit,
                "@he2016deep [Table 6]",
                ours,
                0,
                0,
                COUNTED,
            )


def cifar10(key: str) -> Iterator[Entry]:
    """Errors, "train_error" or "test_error": of the longest training that is recorded."""
    by_length = [
        records.read_all(name, missing_ok=True) for name in ("cifar10", "cifar10-quarter", "cifar10-short")
    ]
    for result in published.CIFAR10:
        run = result.network.lower()
        found = next(
            (chosen for recorded in by_length if (chosen := [r for r in recorded if r.run == run])), None
        )
        if not found:
            continue
        if key == "train_error":
            quantity, paper, unit, where = (
                "training error on CIFAR-10, %",
                result.train_read,
                0.1,
                "Figure 6, read off",
            )
        else:
            quantity, paper, unit, where = (
                "test error on CIFAR-10, %",
                result.test or result.test_read,
                0.01,
                "Table 6" if result.test else "Figure 6, read off",
            )
        rows = last_epoch([row for record in found for row in record.rows()])
        s = spread(rows, key, "run")[run]
        iterations = rows[0]["iteration"]
        conditions = (
            f"last epoch of {iterations:,} iterations, {s.count} seed{'s' * (s.count > 1)}, {found[0].device}"
        )
        remark = (
            ""
            if iterations == 64_000
            else f"Ours trained for {iterations:,} of the paper's 64,000 iterations."
        )
        yield Entry(
            run,
            quantity,
            paper,
            unit,
            f"@he2016deep [{where}]",
            s.centre,
            s.high - s.centre,
            s.count,
            conditions,
            remark,
        )
