"""What a page may ask of the rows of a run: each quantity turns them into the number that a reader sees."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log10
from statistics import mean, median, stdev
from typing import Any

from course.records.accounts import fall
from course.records.gradient_grid import at
from course.records.statistics import Rows, final, geometric, grouped, last_epoch, middle, only, spread
from course.report.numerals import scientific


@dataclass(frozen=True)
class Quantity:
    """text: rows -> the number as a reader sees it.  how: how it was made of them.  needs: its column.

    value: rows -> the number itself, where it is one.
    """

    text: Callable[[Rows], str]
    how: str
    needs: str
    value: Callable[[Rows], float] | None = None


class Missing(Exception):
    """There is no number where one was asked for."""


def there(value: float | None) -> float:
    if value is None:
        raise Missing
    return value


def extremes(percentages: list[float]) -> str:
    return f"{min(percentages):.1f} to {max(percentages):.1f} %"


def last(key: str) -> Quantity:
    """A percentage at the last epoch, as mean ± standard deviation."""

    def text(rows: Rows) -> str:
        s = final(rows, key)
        return f"{s.centre:.1f} ± {s.high - s.centre:.1f} %" if s.count > 1 else f"{s.centre:.1f} %"

    how = "mean and standard deviation over {seeds} seeds"
    return Quantity(text, how, key, lambda rows: final(rows, key).centre)


def median_of(key: str) -> Quantity:
    """A percentage at the last epoch, where one seed may end far from the others."""

    def value(rows: Rows) -> float:
        (s,) = middle(last_epoch(rows), key, "run").values()
        return s.centre

    return Quantity(lambda rows: f"{value(rows):.1f} %", "median of {seeds} seeds", key, value)


def last_range(key: str) -> Quantity:
    def text(rows: Rows) -> str:
        return extremes([row[key] for row in last_epoch(rows)])

    return Quantity(text, "least and greatest of {seeds} seeds", key)


def mean_where(
    key: str, place: Callable[[dict[str, Any]], bool], digits: int = 1, unit: str = " %"
) -> Quantity:
    """A mean over the rows of one place, such as a block."""

    def text(rows: Rows) -> str:
        (s,) = spread([row for row in rows if place(row)], key, "run").values()
        return f"{s.centre:z.{digits}f} ± {s.high - s.centre:.{digits}f}{unit}"  # z: no -0.00

    return Quantity(text, "mean and standard deviation over {seeds} seeds", key)


def epoch_range(key: str, epoch: int) -> Quantity:
    def text(rows: Rows) -> str:
        return extremes([row[key] for row in only(rows, epoch=epoch)])

    return Quantity(text, f"after epoch {epoch}, least and greatest of {{seeds}} seeds", key)


def worst_epoch(key: str) -> Quantity:
    """How far a training leaves the place where it began: the greatest of the epochs, of each seed."""

    def text(rows: Rows) -> str:
        return extremes([max(values) for values in grouped(rows, key, "seed").values()])

    return Quantity(text, "the worst epoch, least and greatest of {seeds} seeds", key)


def other_blocks(key: str) -> Quantity:
    """Without one block; the first block aside, on which the whole network stands."""

    def text(rows: Rows) -> str:
        means = [s.centre for s in spread([row for row in rows if row["block"] > 1], key, "block").values()]
        return f"{min(means):.0f} to {max(means):.0f} %"

    return Quantity(text, "least and greatest mean of the blocks after the first, over {seeds} seeds", key)


def first_layer(key: str) -> Quantity:
    """Of networks before or after an epoch of training."""

    def text(rows: Rows) -> str:
        (s,) = geometric(only(rows, layer=1), key, "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", key)


def first_turn() -> Quantity:
    """How far a step of rate 0.1 moves the first layer's weights, as a share of their length."""

    def text(rows: Rows) -> str:
        first = only(rows, layer=1)
        turns = [row | {"turn": 0.1 * row["weight_gradient"] / row["weight"]} for row in first]
        (s,) = geometric(turns, "turn", "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", "weight")


def logarithm(key: str, layer: int) -> Quantity:
    """A norm or a deviation at one layer, counted from 1, or from -1, the last."""

    def value(rows: Rows) -> float:
        return 10 ** there(at(rows[0], key, layer))

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", key, value)


def decay() -> Quantity:
    """The first layer's back-propagated gradient over the last layer's."""

    def value(rows: Rows) -> float:
        logarithms = [each for each in rows[0]["decay"] if each is not None]
        return 10 ** there(mean(logarithms) if logarithms else None)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", "decay", value)


def percentage(key: str, layer: int) -> Quantity:
    def value(rows: Rows) -> float:
        return there(at(rows[0], key, layer))

    return Quantity(lambda rows: f"{value(rows):g} %", "mean over {seeds} seeds", key, value)


def counted(value: Callable[[Rows], float], shown: Callable[[float], str]) -> Quantity:
    return Quantity(lambda rows: shown(value(rows)), "counted from the module", "layer", value)


def total(key: str) -> Callable[[Rows], float]:
    return lambda rows: sum(row[key] for row in rows)


def share(key: str) -> Callable[[Rows], float]:
    """Of the fully connected layers, in percent."""
    return lambda rows: 100 * total(key)(only(rows, kind="fc")) / total(key)(rows)


def stated(key: str) -> Quantity:
    def value(rows: Rows) -> float:
        return rows[0][key]

    how = "as torchvision states it for its weights"
    return Quantity(lambda rows: f"{value(rows):.1f} %", how, key, value)


def speed_up() -> Quantity:
    """Our loop's rate over the usual loop's, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["loop"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates["ours", turn] / rates["usual", turn] for loop, turn in rates if loop == "usual"]
        return f"{mean(ratios):.2f} ± {stdev(ratios):.2f} times"

    return Quantity(text, "mean and deviation over the turns of both loops", "images_per_second")


def gain(jobs: int) -> Quantity:
    """The rate of `jobs` runs side by side over that of one alone, turn by turn."""

    def text(rows: Rows) -> str:
        rates = {(row["jobs"], row["turn"]): row["images_per_second"] for row in rows}
        ratios = [rates[jobs, turn] / rates[1, turn] for together, turn in rates if together == jobs]
        return f"{mean(ratios):.1f} times"

    return Quantity(text, "mean over the turns of both", "images_per_second")


def reached(key: str, iteration: int) -> Quantity:
    """A percentage on the way, of the epoch that ends at an iteration."""

    def value(rows: Rows) -> float:
        return final(only(rows, iteration=iteration), key).centre

    how = f"at iteration {iteration:,}, mean over {{seeds}} seeds"
    return Quantity(lambda rows: f"{value(rows):.1f} %", how, key, value)


def minutes() -> Quantity:
    def text(rows: Rows) -> str:
        return f"{rows[0]['seconds'] / 60:.0f} minutes"

    return Quantity(text, "its seconds", "train_error")


def full_length() -> Quantity:
    """The time that the paper's 64,000 iterations take at the speed of a shorter training."""

    def text(rows: Rows) -> str:
        hours = rows[0]["seconds"] / rows[-1]["iteration"] * 64_000 / 3600
        return f"{hours:.0f} hours"

    return Quantity(text, "its seconds times sixteen", "train_error")


def gradient_of_a_block() -> Quantity:
    """Of untrained transformers."""

    def text(rows: Rows) -> str:
        (s,) = geometric(rows, "gradient", "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", "gradient")


def mean_of(key: str) -> Quantity:
    """Where a run has one row a seed."""
    return mean_where(key, lambda row: True)


def of_networks(key: str, digits: int, unit: str = "") -> Quantity:
    """Of untrained perceptrons, some of which a record has more than once: at several rates."""

    def value(rows: Rows) -> float:
        return median(there(row[key]) for row in rows)

    return Quantity(lambda rows: f"{value(rows):z.{digits}f}{unit}", "median of {seeds} seeds", key, value)


def best_rate() -> Quantity:
    """The training error at that of the rates where its median over the seeds is least."""

    def value(rows: Rows) -> float:
        return min(median(errors) for errors in grouped(rows, "error", "rate").values())

    return Quantity(
        lambda rows: f"{value(rows):.1f} %",
        "median of {seeds} seeds at the best of the rates",
        "error",
        value,
    )


def start_decay() -> Quantity:
    """The gradient in front of the first hidden layer over that behind the last."""

    def value(rows: Rows) -> float:
        return 10 ** mean(there(row["decay"]) for row in rows)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", "decay", value)


def at_block(key: str, block: int, digits: int, unit: str = "") -> Quantity:
    """At one block, counted from 1, or from -1, the last."""

    def value(rows: Rows) -> float:
        place = block if block > 0 else max(row["block"] for row in rows) + 1 + block
        found = [row[key] for row in only(rows, block=place) if row[key] is not None]
        return there(median(found) if found else None)

    how = "median over those of {seeds} seeds that did not diverge"
    return Quantity(lambda rows: f"{value(rows):.{digits}f}{unit}", how, key, value)


def range_at_first_block(key: str) -> Quantity:
    """What all rows of a network share."""

    def text(rows: Rows) -> str:
        return extremes([there(row[key]) for row in only(rows, block=1)])

    return Quantity(text, "least and greatest of {seeds} seeds", key)


def late_blocks(key: str) -> Quantity:
    """Without one block of the last two stages that keeps the shape."""

    def text(rows: Rows) -> str:
        late = [row for row in rows if row["block"] > 10 and row["block"] != 19 and row[key] is not None]
        means = [s.centre for s in middle(late, key, "block").values()]
        return extremes(means)

    return Quantity(text, "least and greatest median over {seeds} seeds", key)


def product_over_blocks(key: str) -> Quantity:
    def value(rows: Rows) -> float:
        by_seed = grouped(rows, key, "seed").values()
        return 10 ** mean(sum(log10(factor) for factor in factors) for factors in by_seed)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", key, value)


def shortest_with(key: str, left: float) -> Quantity:
    """Up to how many branches the paths cross which together leave less than a share of the gradient."""

    def text(rows: Rows) -> str:
        return str(min(length for length, s in spread(rows, key, "length").items() if s.centre < left))

    return Quantity(text, "mean over {seeds} seeds", key)


def strongest(key: str) -> Quantity:
    """The number of branches crossed by the paths that together bring most."""

    def text(rows: Rows) -> str:
        means = spread(rows, key, "length")
        return str(max(means, key=lambda length: means[length].centre))

    return Quantity(text, "mean over {seeds} seeds", key)


def last_of_all(key: str) -> Quantity:
    """What all points of a surface share."""
    return Quantity(
        lambda rows: extremes([row[key] for row in rows]), "least and greatest of {seeds} seeds", key
    )


def outermost(scaling: str, statistics: str) -> Quantity:
    """The loss a whole step from the middle, along the first direction, on both sides."""

    def value(rows: Rows) -> float:
        line = only(rows, scaling=scaling, statistics=statistics)
        ends = [row["loss"] for row in line if abs(row["a"]) == 1 and abs(row["b"]) < 1e-6]
        return median(inf if loss is None else loss for loss in ends)

    return Quantity(
        lambda rows: scientific(value(rows)), "median of both ends and {seeds} seeds", "loss", value
    )


def falling() -> Quantity:
    """On the straight ways from the middle of a plane to its rim: the share of steps at which the loss
    falls.
    """

    def value(rows: Rows) -> float:
        return 100 * mean(fall(only(rows, seed=seed)) for seed in {row["seed"] for row in rows})

    return Quantity(lambda rows: f"{value(rows):.0f} %", "mean over {seeds} seeds", "loss", value)


GRADIENTS = {
    "decay": decay(),
    "first": logarithm("backpropagated", 1),
    "first-weight": logarithm("weight_gradient", 1),
    "last-weight": logarithm("weight_gradient", -1),
    "last-signal": logarithm("deviation", -2),
    "last-dead": percentage("dead", -2),
}
QUANTITIES: dict[str, dict[str, Quantity]] = {
    "digits": {
        "train-error": last("train_error"),
        "test-error": last("test_error"),
        "train-error-range": last_range("train_error"),
        "test-error-range": last_range("test_error"),
    },
    "cifar10": {
        "test-error": last("test_error"),
        "train-error-at-39000": reached("train_error", 39_000),
        "test-error-at-39000": reached("test_error", 39_000),
        "minutes": minutes(),
    },
    "cifar10-first-drop": {
        "train-error": last("train_error"),
        "test-error": last("test_error"),
    },
    "cifar10-short": {
        "train-error": last("train_error"),
        "test-error": last("test_error"),
        "full-length": full_length(),
    },
    "gradients": GRADIENTS,
    "gradients-cifar": GRADIENTS,
    "benchmark": {"speed-up": speed_up()},
    "side-by-side": {"two": gain(2)},
    "care": {
        "train-error": median_of("train_error"),
        "train-error-range": last_range("train_error"),
        "sixth-epoch": epoch_range("train_error", 6),
        "inference-error": median_of("inference_error"),
        "inference-error-range": last_range("inference_error"),
        "test-error": median_of("test_error"),
        "test-error-range": last_range("test_error"),
    },
    "construction": {
        "start-range": epoch_range("batch_error", 0),
        "worst-epoch": worst_epoch("batch_error"),
        "batch-error-range": last_range("batch_error"),
        "inference-error-range": last_range("train_error"),
    },
    "dissection": {
        "first-block": mean_where("train_error", lambda row: row["block"] == 1 and row["layer"] == 2),
        "other-blocks": other_blocks("train_error"),
    },
    "failures": {
        "train-error": last("train_error"),
        "test-error": last("test_error"),
        "other-error": last("other_error"),
    },
    "recipes": {"top1-error": stated("top1_error"), "top5-error": stated("top5_error")},
    "shattering": {"next": mean_where("correlation", lambda row: row["lag"] == 1, digits=2, unit="")},
    "training-gradients": {
        "first": first_layer("backpropagated"),
        "first-weight": first_layer("weight"),
        "first-weight-gradient": first_layer("weight_gradient"),
        "first-turn": first_turn(),
    },
    # Of the lecture on why it works.
    "blocks": {
        "first-added": at_block("added_before", 1, 1),
        "last-added": at_block("added_before", -1, 2),
        "first-back": at_block("back_before", 1, 1),
        "last-back": at_block("back_before", -1, 2),
        "all-back": product_over_blocks("back_before"),
    },
    "lengths": {
        "strongest-before": strongest("together_before"),
        "strongest-after": strongest("together_after"),
        "nine-tenths-before": shortest_with("left_before", 0.1),
        "nine-tenths-after": shortest_with("left_after", 0.1),
    },
    "likeness": {"frozen": of_networks("frozen", 3), "trap": of_networks("trap", 4)},
    "reach": {"error": best_rate(), "alike": of_networks("alike", 2), "decay": start_decay()},
    "surfaces": {
        "train-error-range": last_of_all("train_error"),
        "falling": falling(),
        "running": outermost("filter", "running"),
        "batch": outermost("filter", "batch"),
        "whole": outermost("whole", "running"),
    },
    "turned": {"loss": of_networks("loss", 2), "start": of_networks("start", 2)},
    "variants": {
        "train-error-range": range_at_first_block("train_error"),
        "test-error-range": range_at_first_block("test_error"),
        "first-added": at_block("added_after", 1, 1),
        "last-added": at_block("added_after", -1, 2),
        "first-turn": at_block("turn", 1, 0, "°"),
        "last-turn": at_block("turn", -1, 0, "°"),
        "first-distance": at_block("distance", 1, 1),
        "last-distance": at_block("distance", -1, 2),
        "without-first": at_block("without", 1, 0, " %"),
        "without-late": late_blocks("without"),
    },
    "networks": {
        "parameters": counted(total("parameters"), "{:,}".format),
        "multiply-adds": counted(total("multiply_adds"), lambda value: f"{value / 1e9:.1f} billion"),
        "fc-parameters": counted(share("parameters"), "{:.1f} %".format),
        "fc-multiply-adds": counted(share("multiply_adds"), "{:.1f} %".format),
        "top5-error": stated("top5_error"),
        "top1-error": stated("top1_error"),
    },
    "batch-norm": {"train-error": mean_of("train_error"), "test-error": mean_of("test_error")},
    "pre-activation": {
        "train-error": median_of("train_error"),
        "train-error-range": last_range("train_error"),
        "test-error": median_of("test_error"),
    },
    "equal-work": {"train-error": last("train_error"), "test-error": last("test_error")},
    "equal-work-longer": {"train-error": last("train_error"), "test-error": last("test_error")},
    "stream": {
        "gradient": gradient_of_a_block(),
        "train-error": median_of("train_error"),
        "train-error-range": last_range("train_error"),
        "test-error": median_of("test_error"),
    },
    "recipe-parts": {"train-error": mean_of("train_error"), "test-error": mean_of("test_error")},
}
