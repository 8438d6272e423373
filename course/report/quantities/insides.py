"""Quantities of networks, layer by layer and block by block: gradients, signals, what is counted."""

from collections.abc import Callable
from math import log10
from statistics import mean, median

from course.records.gradient_grid import at
from course.records.statistics import Rows, geometric, grouped, middle, only, spread
from course.report.numerals import scientific
from course.report.quantities.quantity import Quantity, extremes, there


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


def start_decay() -> Quantity:
    """The gradient in front of the first hidden layer over that behind the last."""

    def value(rows: Rows) -> float:
        return 10 ** mean(there(row["decay"]) for row in rows)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", "decay", value)


def percentage(key: str, layer: int) -> Quantity:
    def value(rows: Rows) -> float:
        return there(at(rows[0], key, layer))

    return Quantity(lambda rows: f"{value(rows):g} %", "mean over {seeds} seeds", key, value)


def of_networks(key: str, digits: int) -> Quantity:
    """Of untrained perceptrons, some of which a record has more than once: at several rates."""

    def value(rows: Rows) -> float:
        return median(there(row[key]) for row in rows)

    return Quantity(lambda rows: f"{value(rows):z.{digits}f}", "median of {seeds} seeds", key, value)


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


def other_blocks(key: str) -> Quantity:
    """Without one block; the first block aside, on which the whole network stands."""

    def text(rows: Rows) -> str:
        means = [s.centre for s in spread([row for row in rows if row["block"] > 1], key, "block").values()]
        return f"{min(means):.0f} to {max(means):.0f} %"

    return Quantity(text, "least and greatest mean of the blocks after the first, over {seeds} seeds", key)


def late_blocks(key: str) -> Quantity:
    """Without one block of the last two stages that keeps the shape."""

    def text(rows: Rows) -> str:
        late = [row for row in rows if row["block"] > 10 and row["block"] != 19 and row[key] is not None]
        means = [s.centre for s in middle(late, key, "block").values()]
        return extremes(means)

    return Quantity(text, "least and greatest median over {seeds} seeds", key)


def over_layers(key: str) -> Quantity:
    def value(rows: Rows) -> float:
        return mean(row[key] for row in rows)

    return Quantity(lambda rows: f"{value(rows):.2f}", "mean over the layers", key, value)


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


def product_over_blocks(key: str) -> Quantity:
    def value(rows: Rows) -> float:
        by_seed = grouped(rows, key, "seed").values()
        return 10 ** mean(sum(log10(factor) for factor in factors) for factors in by_seed)

    return Quantity(lambda rows: scientific(value(rows)), "geometric mean over {seeds} seeds", key, value)


def gradient_of_a_block() -> Quantity:
    """Of untrained transformers."""

    def text(rows: Rows) -> str:
        (s,) = geometric(rows, "gradient", "run").values()
        return scientific(s.centre)

    return Quantity(text, "geometric mean over {seeds} seeds", "gradient")
