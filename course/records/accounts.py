"""What the records of the lecture on why it works are called on its pages, and when a network of theirs has
learned.
"""

import math
from statistics import median

from course.records.statistics import Rows, only, spread

# The perceptrons, first those without skips.
KINDS = {
    "he": "ReLU, He",
    "orthogonal": "ReLU, orthogonal",
    "tanh": "tanh, Gaussian",
    "tanh-orthogonal": "tanh, orthogonal",
    "identity": "ReLU, identity",
    "looks-linear": "looks linear",
    "bn": "ReLU, BN",
    "skip": "skips",
    "skip-bn": "skips, BN",
    "skip-bn-halved": "skips, BN, sum halved",
    "skip-root": "skips, branch / √L",
    "skipinit": "skips, branch × α",
}
VARIANTS = {
    "usual": "as usual",
    "around": "gradient around the blocks",
    "through": "gradient through the blocks",
    "skipinit": "SkipInit, no BN",
    "skipinit-0.03": "SkipInit, no BN, rate 0.03",
    "fixup-0.03": "Fixup, no BN, rate 0.03",
    "sometimes": "stochastic depth",
}
LEARNED, FAILED = 5.0, 50.0  # percent of training errors: below the one, above the other


def best(rows: Rows, kind: str, depth: int) -> float | None:
    """The training error at the best of the rates: the median over the seeds; None where it was not run."""
    runs = [row for row in rows if row["run"] in (kind, f"{kind}-200") and row["depth"] == depth]
    by_rate = {row["rate"]: median(each["error"] for each in only(runs, rate=row["rate"])) for row in runs}
    return min(by_rate.values(), default=None)


def fall(rows: Rows, statistics: str = "running") -> float:
    """Of the steps from the middle of a plane straight to its rim, the share at which the loss falls: a
    surface that is one bowl has none. rows: the points of one plane; with the statistics of each point's own
    "batch" there are those of a line.
    """
    plane = {
        (round(row["a"], 3), round(row["b"], 3)): math.inf if row["loss"] is None else row["loss"]
        for row in only(rows, scaling="filter", statistics=statistics)
    }
    steps = sorted({a for a, _ in plane if a >= 0})
    rim = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x or y) and (x, y) in plane]
    ways = [[(a * x, a * y) for a in steps] for x, y in rim]
    falls = [plane[here] > plane[there] for way in ways for here, there in zip(way, way[1:])]
    return sum(falls) / len(falls)


def crossing(rows: Rows, blocks: int) -> float | None:
    """The angle from which on the residual chain of so many blocks is behind the plain one, between two that
    were run; None where it never is.
    """
    plain, residual = (
        spread(only(rows, run=f"{name}-{blocks}"), "loss", "angle") for name in ("plain", "residual")
    )
    ahead = [(angle, plain[angle].centre - residual[angle].centre) for angle in sorted(plain)]
    for (angle, lead), (later, then) in zip(ahead, ahead[1:]):
        if lead > 0 >= then:
            return angle + (later - angle) * lead / (lead - then)
    return None
