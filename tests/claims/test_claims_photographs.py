"""What the pages say of CIFAR-10 by the paper's own recipe."""

from statistics import correlation, mean

import pytest
import torch
from torch import nn

from course import records
from course.experiments import pretrained
from course.records import published
from course.records.names import label
from course.records.statistics import closing, distinct, final, only
from tests.claims.harness import (  # noqa: F401
    Claims,
    Rows,
    test_the_claim_fails_on_records_that_say_otherwise,
    test_the_records_support_the_claim,
    times,
    to,
    where,
)

BOTH = ("train_error", "test_error")


def at_the_end(rows: Rows, run: str, key: str) -> float:
    """As the pages give it: the training error of the last 10,000 iterations, the test error of the last
    epoch."""
    return (closing if key == "train_error" else final)(only(rows, run=run), key).centre


def plain_56_makes_more_errors_than_plain_20_on_the_images_it_is_trained_on_and_on_new_ones(
    rows: Rows,
) -> None:
    for key in BOTH:
        assert at_the_end(rows, "plain-56", key) > at_the_end(rows, "plain-20", key) + 3


def with_shortcuts_56_layers_make_fewer_than_20_and_fewer_than_without(rows: Rows) -> None:
    for key, better in (("train_error", 0.5), ("test_error", 0.9)):
        assert at_the_end(rows, "resnet-56", key) < at_the_end(rows, "resnet-20", key) - better
        assert at_the_end(rows, "resnet-56", key) < at_the_end(rows, "plain-56", key) - 5


def of_20_layers_there_are_two_seeds_and_of_56_one(rows: Rows) -> None:
    """As captions, pages and notes say."""
    seeds = {run: set(distinct(only(rows, run=run), "seed")) for run in distinct(rows, "run")}
    assert seeds == {"plain-20": {0, 1}, "resnet-20": {0, 1}, "plain-56": {0}, "resnet-56": {0}}


def above_the_papers(rows: Rows, first: int, last: int) -> dict[tuple[str, str], float]:
    """By run and kind of error, the mean of ours less the mean of what was read off the paper's curve."""
    found = {}
    for family, depth in (("plain", 20), ("plain", 56), ("resnet", 20), ("resnet", 56)):
        ours = [row for row in only(rows, family=family, depth=depth) if first <= row["iteration"] <= last]
        for key in BOTH:
            theirs = [
                point["error"]
                for point in only(
                    published.figure_6(), network=label(family, depth), kind=key.removesuffix("_error")
                )
                if first <= point["share"] * 64_000 <= last
            ]
            found[f"{family}-{depth}", key] = mean(row[key] for row in ours) - mean(theirs)
    return found


def after_the_second_drop_our_errors_are_within_a_point_of_the_papers(rows: Rows) -> None:
    assert all(abs(more) < 1 for more in above_the_papers(rows, 49_000, 64_000).values())


def before_the_first_ours_are_higher_and_in_training_more_so_with_56_layers(rows: Rows) -> None:
    for (run, key), more in above_the_papers(rows, 24_000, 31_900).items():
        if key == "test_error":
            assert more > 2.5
        elif run.endswith("-20"):
            assert 0 < more < 1
        else:
            assert 2 < more < 4


def their_test_errors_end_within_six_tenths_of_the_papers(rows: Rows) -> None:
    """What "reproduced" means here; no page says the number."""
    for result in published.CIFAR10:
        if result.depth in (20, 56):
            run = f"{result.family}-{result.depth}"
            assert abs(at_the_end(rows, run, "test_error") - (result.test or result.test_read)) < 0.6


def deviations(rows: Rows, run: str) -> list[float]:
    return [row["deviation"] for row in only(rows, run=run)]


def the_responses_mostly_rise_and_fall_with_the_papers_and_are_half_as_large(rows: Rows) -> None:
    for family in ("plain", "resnet"):
        ours = deviations(rows, f"{family}-20")
        theirs = [row["deviation"] for row in only(published.figure_7(), network=label(family, 20))]
        assert correlation(ours, theirs) > 0.75
        alike = [(b > a) == (d > c) for a, b, c, d in zip(ours, ours[1:], theirs, theirs[1:])]
        assert sum(alike) >= 13
        assert 0.4 < mean(ours) / mean(theirs) < 0.55


def residual_responses_vary_less(rows: Rows) -> None:
    assert mean(deviations(rows, "resnet-20")) < 0.95 * mean(deviations(rows, "plain-20"))


def at_8_000(rows: Rows, run: str, key: str) -> list[float]:
    return [row[key] for row in only(rows, run=run, iteration=8_000)]


def each_is_of_two_seeds(rows: Rows) -> None:
    assert all(len(at_8_000(rows, run, "seed")) == 2 for run in ("plain-20", "resnet-20"))


def weights_that_stand_still_make_fewer_test_errors_with_whichever_average(rows: Rows) -> None:
    for run in ("plain-20", "resnet-20"):
        for running, still, averaged in zip(
            *(at_8_000(rows, run, key) for key in ("test_error", "still_error", "averaged_error"))
        ):
            assert max(still, averaged) < running - 0.5 and abs(still - averaged) < 0.4


def with_20_layers_most_of_the_distance_to_the_papers_curves_is_gone_then(rows: Rows) -> None:
    for run, paper in (("plain-20", 15.8), ("resnet-20", 13.77)):
        before, after = (mean(at_8_000(rows, run, key)) - paper for key in ("test_error", "averaged_error"))
        assert abs(after) < before / 2


CLAIMS: dict[str, Claims] = {
    "cifar10": {
        plain_56_makes_more_errors_than_plain_20_on_the_images_it_is_trained_on_and_on_new_ones: (
            where(to(train_error=3.0), run="plain-56"),
            where(to(test_error=10.0), run="plain-56"),
        ),
        with_shortcuts_56_layers_make_fewer_than_20_and_fewer_than_without: (
            where(to(train_error=0.5), run="resnet-56"),
            where(to(test_error=8.0), run="resnet-56"),
            where(to(train_error=4.0), run="plain-56"),
        ),
        of_20_layers_there_are_two_seeds_and_of_56_one: (
            where(to(seed=0), run="resnet-20"),
            where(to(run="resnet-32"), run="resnet-20", seed=1),
        ),
        after_the_second_drop_our_errors_are_within_a_point_of_the_papers: (
            where(times("test_error", 1.2), run="resnet-56"),
            where(times("train_error", 1.5), run="plain-56"),
        ),
        before_the_first_ours_are_higher_and_in_training_more_so_with_56_layers: (
            where(times("train_error", 0.9), run="plain-20"),
            where(times("train_error", 0.8), run="resnet-56"),
            where(times("test_error", 0.9), run="resnet-20"),
        ),
        their_test_errors_end_within_six_tenths_of_the_papers: (
            where(to(test_error=9.5), run="resnet-20"),
            where(to(test_error=7.6), run="resnet-56"),
        ),
    },
    "cifar10-statistics": {
        each_is_of_two_seeds: (where(to(run="plain-20"), run="resnet-20"),),
        weights_that_stand_still_make_fewer_test_errors_with_whichever_average: (
            where(times("still_error", 1.2), run="plain-20", iteration=8_000),
            where(times("averaged_error", 1.2), run="resnet-20", iteration=8_000),
        ),
        with_20_layers_most_of_the_distance_to_the_papers_curves_is_gone_then: (
            where(to(averaged_error=18.0), run="plain-20", iteration=8_000),
        ),
    },
    "responses": {
        the_responses_mostly_rise_and_fall_with_the_papers_and_are_half_as_large: (
            where(to(deviation=3.0), run="resnet-20", layer=8),
            where(times("deviation", 2), run="plain-20"),
        ),
        residual_responses_vary_less: (where(times("deviation", 1.2), run="resnet-20"),),
    },
}


@pytest.mark.parametrize("network, quoted", (("plain-20", 15.8), ("ResNet-20", 13.77)))
def test_what_was_read_off_figure_6_at_iteration_8_000(network, quoted):
    curve = only(published.figure_6(), network=network, kind="test")
    (there,) = (row["error"] for row in curve if abs(64_000 * row["share"] - 8_000) < 500)
    assert there == quoted


def test_what_was_read_off_figure_7_has_the_means_that_the_page_quotes():
    read = {
        name: mean(row["deviation"] for row in only(published.figure_7(), network=name))
        for name in distinct(published.figure_7(), "network")
    }
    assert {name: round(value, 2) for name, value in read.items()} == {
        "plain-20": 1.82,
        "plain-56": 1.51,
        "ResNet-20": 1.62,
        "ResNet-56": 1.13,
        "ResNet-110": 0.99,
    }


@pytest.mark.parametrize("run", ("plain-20", "resnet-20"))
def test_the_recorded_responses_are_of_the_weights_that_are_kept(run):
    """A channel has about the deviation gamma around beta; other weights would be off by a third and more."""
    norms = [
        module for module in pretrained(f"cifar10/{run}").modules() if isinstance(module, nn.BatchNorm2d)
    ]
    expected = [(n.weight.square().mean() + n.bias.var(correction=0)).sqrt().item() for n in norms]
    assert deviations(records.rows("responses"), run) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("run", ("plain-20", "resnet-20"))
def test_responses_twice_as_large_change_no_answer(run):
    """In batch mode: running statistics would have to be doubled, too."""
    net, images = pretrained(f"cifar10/{run}").double().train(), torch.rand(64, 3, 32, 32).double()
    with torch.no_grad():
        before = net(images)
        for norm in (module for module in net.modules() if isinstance(module, nn.BatchNorm2d)):
            norm.weight.mul_(2)
            norm.bias.mul_(2)
        net.fc.weight.div_(2)
        assert torch.allclose(net(images), before, rtol=1e-3, atol=1e-3)
