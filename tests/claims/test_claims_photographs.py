"""What the pages say of CIFAR-10 by the paper's own recipe."""

from statistics import mean

from course.records import published
from course.records.names import FULL_RECIPE
from course.records.statistics import closing, final, only
from tests.claims.harness import (
    Claims,
    Rows,
    times,
    to,
    where,
)

BOTH = ("train_error", "test_error")


def at_39_000(rows: Rows, run: str, key: str) -> float:
    return mean(row[key] for row in only(rows, run=run, iteration=39_000))


def plain_56_makes_more_errors_than_plain_20_on_the_images_it_is_trained_on_and_on_new_ones(
    rows: Rows,
) -> None:
    for key in BOTH:
        assert at_39_000(rows, "plain-56", key) > at_39_000(rows, "plain-20", key) + 3


def with_shortcuts_56_layers_make_fewer_than_20_and_a_small_part_of_what_they_make_without(
    rows: Rows,
) -> None:
    for key in BOTH:
        assert at_39_000(rows, "resnet-56", key) < at_39_000(rows, "resnet-20", key) - 1
    assert at_39_000(rows, "resnet-56", "train_error") < at_39_000(rows, "plain-56", "train_error") / 10


def our_curves_lie_on_the_papers(rows: Rows) -> None:
    """Between the drops of the rate, where they do not swing."""
    for run, name in (("plain-20", "plain-20"), ("plain-56", "plain-56")) + (
        ("resnet-20", "ResNet-20"),
        ("resnet-56", "ResNet-56"),
    ):
        late = [row for row in only(rows, run=run) if 36_000 <= row["iteration"] <= 39_000]
        for key in BOTH:
            theirs = [
                row["error"]
                for row in only(published.figure_6(), network=name, kind=key.removesuffix("_error"))
                if 36_000 <= round(row["share"] * 64_000) <= 39_000
            ]
            assert abs(mean(row[key] for row in late) - mean(theirs)) < 1.5


def whole_trainings_of_20_layers_end_within_six_tenths_of_the_paper(rows: Rows) -> None:
    for result in published.CIFAR10:
        if result.depth == 20:
            whole = only(rows, run=f"{result.family}-20")
            assert abs(final(whole, "test_error").centre - (result.test or result.test_read)) < 0.6
            assert abs(closing(whole, "train_error").centre - result.train_read) < 0.6


CLAIMS: dict[str | tuple[str, ...], Claims] = {
    FULL_RECIPE: {
        plain_56_makes_more_errors_than_plain_20_on_the_images_it_is_trained_on_and_on_new_ones: (
            where(to(train_error=3.0), run="plain-56"),
            where(to(test_error=10.0), run="plain-56"),
        ),
        with_shortcuts_56_layers_make_fewer_than_20_and_a_small_part_of_what_they_make_without: (
            where(to(train_error=2.0), run="resnet-56"),
            where(to(test_error=8.5), run="resnet-56"),
            where(to(train_error=5.0), run="plain-56"),
        ),
        our_curves_lie_on_the_papers: (
            where(times("test_error", 1.2), run="resnet-56"),
            where(times("train_error", 1.5), run="plain-56"),
        ),
        whole_trainings_of_20_layers_end_within_six_tenths_of_the_paper: (
            where(to(test_error=9.5), run="resnet-20"),
            where(times("train_error", 2), run="plain-20"),
        ),
    },
}
