"""What the lecture on why residual networks work says of its experiments: true on the records, and able to fail."""

from statistics import mean, median

from course import records
from course.records.accounts import KINDS, best, crossing, fall
from course.records.statistics import distinct, geometric, middle, only, spread
from course.report.tables.accounts import accounts
from tests.claims.harness import (  # noqa: F401
    Claims,
    Rows,
    test_the_claim_fails_on_records_that_say_otherwise,
    test_the_records_support_the_claim,
    where,
)


def of_blocks(rows: Rows, run: str, key: str, seeds: int = 3) -> list[float]:
    """Block by block, the mean over the seeds."""
    found = spread(only(rows, run=run), key, "block")
    assert all(point.count == seeds for point in found.values())
    return [found[block].centre for block in sorted(found)]


# --- untrained blocks


def the_branch_falls_against_the_sum_and_is_larger_than_it_at_first(rows: Rows) -> None:
    lasts = []
    for depth in (20, 56, 110):
        shares = of_blocks(rows, f"resnet-{depth}", "added_before")
        assert shares[0] > 1.4 and shares[-1] < shares[0] / 2
        lasts.append(shares[-1])
    assert lasts == sorted(lasts, reverse=True) and lasts[-1] < 0.35


def residual_blocks_come_near_one_with_the_blocks_before_them_and_plain_ones_do_not(rows: Rows) -> None:
    for depth in (56, 110):
        factors = of_blocks(rows, f"resnet-{depth}", "back_before")
        assert factors[0] > 1.6 and all(abs(factor - 1) < 0.2 for factor in factors[10:])
        assert mean(of_blocks(rows, f"plain-{depth}", "back_before")) > 1.25


# --- perceptrons


def error(rows: Rows, kind: str, depth: int) -> float:
    found = [row for row in rows if row["run"] in (kind, f"{kind}-200") and row["depth"] == depth]
    assert len(distinct(found, "network")) == 3
    least = best(rows, kind, depth)
    assert least is not None
    return least


def with_skips_alone_thirty_layers_diverge(rows: Rows) -> None:
    assert error(rows, "skip", 10) < 5 and error(rows, "skip", 30) > 80


def branches_silent_at_first_take_any_depth(rows: Rows) -> None:
    assert all(error(rows, "skipinit", depth) < 2 for depth in (10, 30, 100, 200))


def branches_that_are_small_and_not_silent_take_thirty_layers_and_not_a_hundred(rows: Rows) -> None:
    assert error(rows, "skip-root", 30) < 5 and error(rows, "skip-root", 100) > 10


def starts_without_skips_that_train_a_hundred_layers_and_two_hundred(rows: Rows) -> None:
    for kind in ("identity", "looks-linear"):
        assert error(rows, kind, 100) < 2 and error(rows, kind, 200) < 5
    assert error(rows, "tanh-orthogonal", 100) < 5 < error(rows, "tanh", 100) / 2


def starts_without_skips_that_do_not(rows: Rows) -> None:
    for kind in ("he", "orthogonal", "bn"):
        assert error(rows, kind, 10) < 1 and error(rows, kind, 30) > 5 and error(rows, kind, 100) > 60


def at_a_hundred_layers_noise_goes_with_failure_but_for_skips_with_batch_normalisation(rows: Rows) -> None:
    for kind in KINDS:
        likeness = median(row["alike"] for row in only(rows, run=kind, depth=100))
        assert likeness > 0.02 or error(rows, kind, 100) > 50, kind
    usual = median(row["alike"] for row in only(rows, run="skip-bn", depth=100))
    assert 0.02 < usual < 0.1 and error(rows, "skip-bn", 100) < 20


def orthogonal_weights_are_better_at_thirty_layers_and_not_at_a_hundred(rows: Rows) -> None:
    assert error(rows, "orthogonal", 30) < 0.8 * error(rows, "he", 30)
    assert error(rows, "orthogonal", 100) > error(rows, "he", 100)


def orthogonal_weights_with_relu_keep_the_norm_and_fail(rows: Rows) -> None:
    ratio = mean(row["decay"] for row in only(rows, run="orthogonal", depth=100))
    assert -1 < ratio < 1 and error(rows, "orthogonal", 100) > 60


def even_steps_do_not_help_plain_layers_with_bn_and_do_not_hurt_residual_ones(rows: Rows) -> None:
    assert error(rows, "bn-even", 100) > 60 and error(rows, "skip-bn-even", 100) < 5


def the_explosion_at_the_start_is_there_to_be_taken_away(rows: Rows) -> None:
    assert mean(row["decay"] for row in only(rows, run="bn", depth=100)) > 6


# --- likeness


def with_batch_normalisation_the_cosine_halves_at_every_layer(rows: Rows) -> None:
    found = spread(only(rows, run="bn"), "frozen", "depth")
    assert all(abs(found[depth].centre - 2.0**-depth) < 0.015 for depth in (1, 2, 4, 8, 16))


def without_it_likeness_falls_more_slowly(rows: Rows) -> None:
    he, bn = (geometric(only(rows, run=run, depth=8), "frozen", "depth")[8].centre for run in ("he", "bn"))
    assert he > 5 * bn


def with_skips_it_falls_slowly_unless_the_sum_is_halved(rows: Rows) -> None:
    usual, halved = (spread(only(rows, run=run), "frozen", "depth") for run in ("skip-bn", "skip-bn-halved"))
    assert usual[64].centre > 0.08 and abs(halved[32].centre) < 0.01


def what_looks_linear_has_equal_gradients(rows: Rows) -> None:
    assert all(row["frozen"] > 0.999 for row in only(rows, run="looks-linear"))


def in_training_mode_the_cosine_says_nothing_of_a_network_that_is_behind_the_normalisation(
    rows: Rows,
) -> None:
    for depth in (1, 2, 4, 8, 16):
        trap, around = (
            [row["trap"] for row in only(rows, run=run, depth=depth)] for run in ("bn", "skip-bn")
        )
        assert all(-0.0082 < value < -0.007 for value in trap) and min(around) > 0.2


# --- ResNet-56 with one thing changed


def of_seeds(rows: Rows, run: str, key: str = "train_error") -> list[float]:
    found = [row[key] for row in only(rows, run=run, block=1)]
    assert len(found) == 3
    return found


def around_the_blocks_it_learns_and_better_than_usual(rows: Rows) -> None:
    around, usual = (of_seeds(rows, run) for run in ("around", "usual"))
    assert max(around) < 5 and median(around) < median(usual)


def through_the_blocks_it_does_not_and_the_early_ones_do_not_move(rows: Rows) -> None:
    assert min(of_seeds(rows, "through")) > 20
    turns = of_blocks(rows, "through", "turn")
    assert turns[0] < 1 and turns[-1] > 10
    factors = of_blocks(rows, "through", "back_after")
    assert all(0.2 < factor < 0.9 for factor in factors[5:25]) and 0.4 < median(factors) < 0.65


def without_batch_normalisation_it_learns_if_branches_are_silent_at_first(rows: Rows) -> None:
    for run in ("skipinit-0.03", "fixup-0.03"):
        assert max(of_seeds(rows, run)) < 10 and not any(of_seeds(rows, run, "diverged")), run


def without_it_the_rate_of_the_recipe_is_too_large_for_some_seeds(rows: Rows) -> None:
    diverged = of_seeds(rows, "skipinit", "diverged")
    assert any(diverged) and not any(of_seeds(rows, "usual", "diverged"))


def the_early_blocks_move_far_and_the_late_ones_little(rows: Rows) -> None:
    turns = of_blocks(rows, "usual", "turn")
    assert turns[0] > 60 and turns[-1] < 30
    distances = of_blocks(rows, "usual", "distance")
    assert distances[0] > 2 > 0.6 > distances[-1]


def the_last_branch_becomes_smaller_in_training(rows: Rows) -> None:
    before, after = (of_blocks(rows, "usual", key) for key in ("added_before", "added_after"))
    assert after[-1] < 0.7 * before[-1] and after[0] < before[0]


def late_blocks_are_hardly_missed_and_early_ones_less_after_stochastic_depth(rows: Rows) -> None:
    medians = {
        run: {b: p.centre for b, p in middle(only(rows, run=run), "without", "block").items()}
        for run in ("usual", "sometimes")
    }
    for run, without in medians.items():
        whole = median(of_seeds(rows, run, "whole"))
        assert all(without[block] < whole + 5 for block in range(11, 28) if block != 19)
    assert all(medians["sometimes"][block] < medians["usual"][block] / 1.5 for block in (1, 2, 3))


# --- paths by their length


def most_of_the_gradient_comes_by_paths_shorter_than_half(rows: Rows) -> None:
    left = spread(rows, "left_after", "length")
    enough = min(length for length, point in left.items() if point.centre < 0.1)
    assert enough < max(left) / 2


# --- surfaces


def both_networks_learned(rows: Rows) -> None:
    assert max(row["train_error"] for row in rows) < 5


def both_surfaces_are_bowls(rows: Rows) -> None:
    for run in ("plain-56", "resnet-56"):
        assert all(fall(only(rows, run=run, seed=seed)) < 0.02 for seed in (0, 1, 2))


def by_the_statistics_of_each_batch_only_the_plain_one_has_dips_on_its_plateau(rows: Rows) -> None:
    plain, residual = (
        [fall(only(rows, run=run, seed=seed), "batch") for seed in (0, 1, 2)]
        for run in ("plain-56", "resnet-56")
    )
    assert min(plain) > 0.1 and max(residual) == 0


def the_middles_are_not_equally_good(rows: Rows) -> None:
    plain, residual = (
        [
            row["loss"]
            for row in only(rows, run=run, scaling="filter", statistics="running")
            if abs(row["a"]) + abs(row["b"]) < 1e-6
        ]
        for run in ("plain-56", "resnet-56")
    )
    assert min(plain) > 4 * max(residual)


def a_step_out(rows: Rows, run: str, scaling: str, statistics: str) -> float:
    line = only(rows, run=run, scaling=scaling, statistics=statistics)
    return median(row["loss"] for row in line if abs(row["a"]) == 1 and abs(row["b"]) < 1e-6)


def which_of_them_is_steeper_depends_on_the_statistics(rows: Rows) -> None:
    plain, residual = (a_step_out(rows, run, "filter", "running") for run in ("plain-56", "resnet-56"))
    assert plain > 3 * residual
    plain, residual = (a_step_out(rows, run, "filter", "batch") for run in ("plain-56", "resnet-56"))
    assert residual > 1.5 * plain and 2 < plain < 3.5


def scaled_as_a_whole_the_walls_are_lower(rows: Rows) -> None:
    for run in ("plain-56", "resnet-56"):
        assert a_step_out(rows, run, "whole", "running") < a_step_out(rows, run, "filter", "running") / 3


# --- targets turned away


def one_residual_block_is_ahead_until_sixty_degrees_at_either_rate(rows: Rows) -> None:
    assert 57 < crossing(rows, 1) < 63
    fast = [row | {"run": row["run"].removesuffix("-0.2")} for row in rows if row["run"].endswith("-0.2")]
    assert 55 < crossing(fast, 1) < 65


def a_plain_block_does_not_care_about_the_angle(rows: Rows) -> None:
    losses = [point.centre for point in spread(only(rows, run="plain-1"), "loss", "angle").values()]
    assert max(losses) < 1.1 * min(losses)


def eight_residual_blocks_are_ahead_at_every_angle(rows: Rows) -> None:
    assert crossing(rows, 8) is None
    plain, residual = (spread(only(rows, run=f"{kind}-8"), "loss", "angle") for kind in ("plain", "residual"))
    assert all(residual[angle].centre < 0.6 * plain[angle].centre for angle in plain)


def eight_plain_blocks_hardly_learn_at_any_angle(rows: Rows) -> None:
    assert all(point.centre > 0.7 for point in spread(only(rows, run="plain-8"), "loss", "angle").values())


# --- each claim, and alterations that must break it


CLAIMS: dict[str, Claims] = {
    "blocks": {
        the_branch_falls_against_the_sum_and_is_larger_than_it_at_first: (
            where({"added_before": 0.9}, run="resnet-56", block=1),
            where({"added_before": 0.6}, run="resnet-110", block=54),
        ),
        residual_blocks_come_near_one_with_the_blocks_before_them_and_plain_ones_do_not: (
            where({"back_before": 1.4}, run="resnet-110", block=30),
            where({"back_before": 1.0}, run="plain-56"),
        ),
    },
    "reach": {
        with_skips_alone_thirty_layers_diverge: (where({"error": 1.0}, run="skip", depth=30),),
        branches_silent_at_first_take_any_depth: (where({"error": 9.0}, run="skipinit-200"),),
        branches_that_are_small_and_not_silent_take_thirty_layers_and_not_a_hundred: (
            where({"error": 9.0}, run="skip-root", depth=30),
            where({"error": 1.0}, run="skip-root", depth=100),
        ),
        starts_without_skips_that_train_a_hundred_layers_and_two_hundred: (
            where({"error": 9.0}, run="looks-linear-200"),
            where({"error": 9.0}, run="identity", depth=100),
            where({"error": 2.0}, run="tanh", depth=100),
        ),
        starts_without_skips_that_do_not: (
            where({"error": 1.0}, run="bn", depth=30),
            where({"error": 1.0}, run="he", depth=100, rate=0.01),
        ),
        at_a_hundred_layers_noise_goes_with_failure_but_for_skips_with_batch_normalisation: (
            where({"error": 1.0}, run="bn", depth=100),
            where({"alike": 0.0}, run="skip-bn", depth=100),
        ),
        orthogonal_weights_are_better_at_thirty_layers_and_not_at_a_hundred: (
            where({"error": 40.0}, run="orthogonal", depth=30),
            where({"error": 70.0}, run="orthogonal", depth=100),
        ),
        orthogonal_weights_with_relu_keep_the_norm_and_fail: (
            where({"error": 1.0}, run="orthogonal", depth=100),
            where({"decay": 4.0}, run="orthogonal", depth=100),
        ),
        even_steps_do_not_help_plain_layers_with_bn_and_do_not_hurt_residual_ones: (
            where({"error": 1.0}, run="bn-even", depth=100, rate=0.01),
            where({"error": 90.0}, run="skip-bn-even", depth=100),
        ),
        the_explosion_at_the_start_is_there_to_be_taken_away: (where({"decay": 1.0}, run="bn", depth=100),),
    },
    "likeness": {
        with_batch_normalisation_the_cosine_halves_at_every_layer: (
            where({"frozen": 0.1}, run="bn", depth=8),
        ),
        without_it_likeness_falls_more_slowly: (where({"frozen": 0.005}, run="he", depth=8),),
        with_skips_it_falls_slowly_unless_the_sum_is_halved: (
            where({"frozen": 0.01}, run="skip-bn", depth=64),
            where({"frozen": 0.1}, run="skip-bn-halved", depth=32),
        ),
        what_looks_linear_has_equal_gradients: (where({"frozen": 0.9}, run="looks-linear", depth=64),),
        in_training_mode_the_cosine_says_nothing_of_a_network_that_is_behind_the_normalisation: (
            where({"trap": 0.1}, run="bn", depth=4),
            where({"trap": -0.0078}, run="skip-bn", depth=8),
        ),
    },
    "variants": {
        around_the_blocks_it_learns_and_better_than_usual: (
            where({"train_error": 9.0}, run="around", seed=1),
            where({"train_error": 0.0}, run="usual"),
        ),
        through_the_blocks_it_does_not_and_the_early_ones_do_not_move: (
            where({"train_error": 3.0}, run="through", seed=2),
            where({"turn": 30.0}, run="through", block=1),
            where({"back_after": 1.0}, run="through", block=12),
        ),
        without_batch_normalisation_it_learns_if_branches_are_silent_at_first: (
            where({"train_error": 30.0}, run="skipinit-0.03", seed=0),
            where({"train_error": 30.0}, run="fixup-0.03", seed=0),
        ),
        without_it_the_rate_of_the_recipe_is_too_large_for_some_seeds: (
            where({"diverged": False}, run="skipinit"),
        ),
        the_early_blocks_move_far_and_the_late_ones_little: (
            where({"turn": 10.0}, run="usual", block=1),
            where({"distance": 3.0}, run="usual", block=27),
        ),
        the_last_branch_becomes_smaller_in_training: (where({"added_after": 0.5}, run="usual", block=27),),
    },
    "lengths": {
        most_of_the_gradient_comes_by_paths_shorter_than_half: (
            lambda rows: [row | {"left_after": 0.5} if row["length"] < 20 else row for row in rows],
        ),
    },
    "surfaces": {
        both_networks_learned: (where({"train_error": 30.0}, run="plain-56", seed=1),),
        both_surfaces_are_bowls: (
            lambda rows: [
                row | {"loss": (row["loss"] or 0) * (1 + i % 2 * 1e6)} for i, row in enumerate(rows)
            ],
        ),
        by_the_statistics_of_each_batch_only_the_plain_one_has_dips_on_its_plateau: (
            where({"loss": 2.3}, run="plain-56", seed=1, statistics="batch"),
            lambda rows: [
                row | {"loss": -row["loss"]}
                if row["run"] == "resnet-56" and row["statistics"] == "batch"
                else row
                for row in rows
            ],
        ),
        the_middles_are_not_equally_good: (where({"loss": 0.1}, run="resnet-56", a=0.0, b=0.0),),
        which_of_them_is_steeper_depends_on_the_statistics: (
            where({"loss": 1.0}, run="plain-56", scaling="filter", statistics="running"),
            where({"loss": 1.0}, run="resnet-56", statistics="batch"),
        ),
        scaled_as_a_whole_the_walls_are_lower: (where({"loss": 1e9}, run="plain-56", scaling="whole"),),
    },
    "turned": {
        one_residual_block_is_ahead_until_sixty_degrees_at_either_rate: (
            where({"loss": 0.3}, run="residual-1", angle=45),
            where({"loss": 0.3}, run="residual-1-0.2", angle=30),
        ),
        a_plain_block_does_not_care_about_the_angle: (where({"loss": 0.5}, run="plain-1", angle=180),),
        eight_residual_blocks_are_ahead_at_every_angle: (where({"loss": 0.9}, run="residual-8", angle=180),),
        eight_plain_blocks_hardly_learn_at_any_angle: (where({"loss": 0.3}, run="plain-8", angle=0),),
    },
}


def test_the_table_says_yes_and_no_as_the_lecture_does():
    lines = [line.split(" | ") for line in accounts().splitlines()[2:]]
    failed = [
        (account.removeprefix("| "), test) for account, test, came_out, _ in lines if came_out == "**no**"
    ]
    assert [account for account, _ in failed] == [
        "A start near the identity",
        "Shattered gradients",
        "Explosion alone",
        "Norms that are kept",
        "A smoother surface",
        "Preconditioning",
    ]
    assert failed[-1][1] == "trained weights stay near their start"
    assert all(came_out in ("**yes**", "**no**") for _, _, came_out, _ in lines)


def test_the_table_turns_where_the_records_do(monkeypatch):
    plain = records.rows

    def altered(experiment: str) -> Rows:
        rows = plain(experiment)
        if experiment == "reach":
            return [row | {"error": 0.0} if row["run"] == "bn-even" else row for row in rows]
        return rows

    monkeypatch.setattr(records, "rows", altered)
    (line,) = [line for line in accounts().splitlines() if line.startswith("| Explosion alone")]
    assert "**yes**" in line
