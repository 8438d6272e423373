"""Nothing of the ledger differs from its paper without a sentence on the difference."""

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from course.networks import imagenet_resnet
from course.records import published
from course.report.ledger import Comparison, comparisons, remark_on_chance

ENTRIES = comparisons()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.what)
def test_an_entry_that_differs_says_why_and_one_that_agrees_needs_no_excuse(entry):
    shorter_training = "of the paper's 64,000 iterations" in entry.remark
    assert entry.agrees or entry.remark
    assert not (entry.agrees and entry.remark) or shorter_training


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.what)
def test_every_entry_names_its_source_and_its_conditions(entry):
    assert any(place in entry.source for place in ("Table", "Figure", "section", "abstract"))
    assert entry.conditions == "counted from the module" or (
        entry.seeds
        and f"{entry.seeds} seed" in entry.conditions
        and any(when in entry.conditions for when in ("last epoch of", "mean of the last 10,000 of 64,000"))
    )


@pytest.mark.parametrize(
    "depth, rest",
    (
        (50, "still more than is printed: how the paper counted, it does not say."),
        (101, "as printed."),
        (152, "as printed."),
    ),
)
def test_what_the_place_of_the_stride_explains_is_what_a_network_with_it_there_counts(depth, rest):
    with torch.device("meta"):
        net, x = imagenet_resnet(depth).eval(), torch.zeros(1, 3, 224, 224)
    moved = [block for block in net.modules() if hasattr(block, "conv3") and block.conv2.stride == (2, 2)]
    for block in moved:
        block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    with FlopCounterMode(display=False) as counter:
        net(x)
    (entry,) = [
        entry
        for entry in ENTRIES
        if (entry.family, entry.depth) == ("resnet", depth) and entry.quantity.startswith("multiply")
    ]
    assert len(moved) == 3
    assert entry.remark.endswith(
        f"There ours would count {counter.get_total_flops() / 2e9:.2f} billion, {rest}"
    )


@pytest.mark.parametrize(
    "key, paper, outside",
    (
        ("train_error", 6.0, False),
        ("train_error", 5.9, True),
        ("test_error", 5.9, False),
        ("test_error", 5.8, True),
        ("test_error", 6.7, True),
    ),
)
def test_a_remark_says_where_chance_is_not_enough(key, paper, outside):
    """The last 10,000 iterations lie between 6.0 and 6.5, and the paper's own test errors deviate by 0.16."""
    rows = [{"iteration": at, key: error} for at, error in ((50_000, 5.0), (60_000, 6.0), (64_000, 6.5))]
    assert ("lies outside" in remark_on_chance(rows, key, paper)) is outside


def test_no_entry_stands_twice():
    assert len({entry.what for entry in ENTRIES}) == len(ENTRIES)


def test_agreement_is_rounding_and_one_standard_deviation():
    entry = Comparison(
        "resnet",
        20,
        "test error on CIFAR-10, %",
        8.75,
        0.01,
        "Table 6",
        ours=8.95,
        deviation=0.2,
        seeds=3,
        conditions="last epoch",
    )
    assert entry.agrees
    assert not replace(entry, deviation=0.19).agrees
    read_off = replace(entry, paper=1.32, unit=0.1, deviation=0.0)
    assert replace(read_off, ours=1.26).agrees, "both are 1.3"
    assert not replace(read_off, ours=1.24).agrees


@pytest.mark.parametrize("network", sorted({row["network"] for row in published.figure_6()}))
def test_the_digitised_curves_end_where_the_table_of_the_paper_does(network):
    curve = [row for row in published.figure_6() if row["network"] == network and row["kind"] == "test"]
    (result,) = [r for r in published.CIFAR10 if r.network == network]
    assert max(curve, key=lambda row: row["share"])["error"] == pytest.approx(result.test_read, abs=0.05)
    assert all(0 < row["share"] < 1.02 and 0 < row["error"] <= 20.5 for row in curve)
