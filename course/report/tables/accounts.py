"""The accounts of why residual networks work, each test with its verdict, which the records give."""

from statistics import mean, median

from course import records
from course.records.accounts import LEARNED, best, crossing, fall
from course.records.statistics import middle, only, spread
from course.report.tables.markdown import markdown, register


@register
def accounts() -> str:
    """Ours: account, test, whether the prediction came out, and by how much."""
    lines = [*start(), *propagation(), *paths(), *gradients(), *surface(), *preconditioning()]
    return markdown(
        "Account | Prediction | Came out? | By how much",
        [[account, test, "**yes**" if passed else "**no**", found] for account, test, passed, found in lines],
    )


Lines = list[tuple[str, str, bool, str]]


def percent(error: float | None) -> str:
    assert error is not None
    return f"{error:.1f} %"


def reached(kind: str, depth: int) -> tuple[bool, float]:
    error = best(records.rows("reach"), kind, depth)
    assert error is not None
    return error < LEARNED, error


def start() -> Lines:
    blocks = only(records.rows("blocks"), run="resnet-110")
    shares = spread(blocks, "added_before", "block")
    first, last = shares[1].centre, shares[max(shares)].centre
    learned, silent = reached("skipinit", 200)
    _, bare = reached("skip", 30)
    _, halved = reached("skip-bn-halved", 100)
    _, usual = reached("skip-bn", 100)
    root_learned, root = reached("skip-root", 100)
    _, shallow = reached("skip-root", 30)
    name = "A start near the identity"
    return [
        (
            name,
            "the branch is small against the sum in late blocks",
            last < first / 2,
            f"{first:.2f} in the first, {last:.2f} in the last of 54 blocks",
        ),
        (
            name,
            "branches silent at first: 200 layers learn without BN",
            learned,
            f"{percent(silent)}; not silent, 30 layers: {percent(bare)}",
        ),
        (
            name,
            "BN, but a sum that does not grow: 100 layers do worse",
            halved > 2 * usual,
            f"{percent(halved)} against {percent(usual)}",
        ),
        (
            name,
            "branches divided by √L: 100 layers learn without BN",
            root_learned,
            f"{percent(root)}; 30 layers: {percent(shallow)}",
        ),
    ]


def propagation() -> Lines:
    linear, mirrored = reached("looks-linear", 200)
    same, identity = reached("identity", 200)
    isometry, tanh = reached("tanh-orthogonal", 100)
    _, gaussian = reached("tanh", 100)
    name = "Signal propagation"
    return [
        (name, "looks linear: 200 layers learn without skips", linear, percent(mirrored)),
        (name, "identity: 200 layers learn without skips", same, percent(identity)),
        (
            name,
            "tanh, 100 layers: orthogonal learns, Gaussian does worse",
            isometry and gaussian > 2 * tanh,
            f"{percent(tanh)} against {percent(gaussian)}",
        ),
    ]


def errors(run: str) -> list[float]:
    return [row["train_error"] for row in only(records.rows("variants"), run=run, block=1)]


def paths() -> Lines:
    lengths = records.rows("lengths")
    left = spread(lengths, "left_after", "length")
    enough = min(length for length, point in left.items() if point.centre < 0.1)
    half = max(left) / 2
    usual, around, through = (median(errors(run)) for run in ("usual", "around", "through"))
    first = [
        median(row["without"] for row in only(records.rows("variants"), run=run, block=1))
        for run in ("usual", "sometimes")
    ]
    name = "Short paths"
    return [
        (
            name,
            "shorter paths than half bring nine tenths of the gradient",
            enough < half,
            f"up to {enough} branches; half is {half:.1f}",
        ),
        (
            name,
            "gradient around all other blocks alone: ResNet-56 learns",
            around < LEARNED,
            f"{percent(around)}; usual: {percent(usual)}",
        ),
        (
            name,
            "gradient through all blocks alone: ResNet-56 does much worse",
            through > 4 * around,
            percent(through),
        ),
        (
            name,
            "after stochastic depth the first block is missed less",
            first[1] < first[0] / 1.5,
            f"{percent(first[1])} without it; usual: {percent(first[0])}",
        ),
    ]


def gradients() -> Lines:
    rows = records.rows("reach")
    even = min(
        median(row["error"] for row in only(rows, run="bn-even", depth=100, rate=rate))
        for rate in (0.03, 0.01, 0.003)
    )
    control = min(
        median(row["error"] for row in only(rows, run="skip-bn-even", depth=100, rate=rate))
        for rate in (0.03, 0.01, 0.003)
    )
    noisy, halved = reached("skip-bn-halved", 30)
    alike = median(row["alike"] for row in only(rows, run="skip-bn-halved", depth=30))
    kept, orthogonal = reached("orthogonal", 100)
    ratio = 10 ** mean(row["decay"] for row in only(rows, run="orthogonal", depth=100))
    return [
        (
            "Shattered gradients",
            "likeness near 0: 30 layers fail",
            alike < 0.1 and not noisy,
            f"likeness {alike:z.2f} with halved sums, and {percent(halved)}",
        ),
        (
            "Explosion alone",
            "even steps: 100 plain layers with BN learn",
            even < LEARNED,
            f"{percent(even)}; with skips {percent(control)}",
        ),
        (
            "Norms that are kept",
            "orthogonal ReLU layers: 100 learn",
            kept,
            f"{percent(orthogonal)}, gradient first over last {ratio:.2g}",
        ),
    ]


def surface() -> Lines:
    rows = records.rows("surfaces")
    seeds = sorted({row["seed"] for row in rows})
    lines = []
    for statistics, seen in (
        ("running", "the loss around plain-56 has dips, around ResNet-56 fewer"),
        ("batch", "the same on a line, each point with its batch's statistics"),
    ):
        plain, residual = (
            mean(fall(only(rows, run=run, seed=seed), statistics) for seed in seeds)
            for run in ("plain-56", "resnet-56")
        )
        found = f"it falls at {100 * plain:.0f} % of the steps outwards, against {100 * residual:.0f} %"
        lines.append(("A smoother surface", seen, plain > residual, found))
    return lines


def preconditioning() -> Lines:
    at = crossing(records.rows("turned"), 1)
    usual = middle(only(records.rows("variants"), run="usual"), "turn", "block")
    first, last = usual[1].centre, usual[max(usual)].centre
    assert at is not None
    return [
        ("Preconditioning", "one block's advantage ends at 60°", abs(at - 60) < 5, f"at {at:.0f}°"),
        (
            "Preconditioning",
            "trained weights stay near their start",
            first < 30 and last < 30,
            f"turned by {first:.0f}° in the first block, {last:.0f}° in the last",
        ),
    ]
