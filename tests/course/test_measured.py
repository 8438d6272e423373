"""Numbers and tables of the pages follow from the records,
and a misspelt name is answered with those there are.
"""

import json
import re
import shutil
from statistics import mean, median, stdev

import pytest

from course import CourseError, paths, records
from course.records import published
from course.report import tables
from course.report.measured import NAME, measured
from course.report.numerals import power_of_ten, scientific
from course.report.quantities import QUANTITIES
from course.report.tables.markdown import percent

NOTE = r"\[\^[\w-]+\]"


def column(name: str, key: str) -> list:
    """A column straight out of the JSON, without the code that is tested here."""
    return json.loads((paths.RUNS / f"{name}.json").read_text(encoding="utf-8"))["table"][key]


def of_the_grid(run: str, key: str, **values) -> list:
    """What the one row with these values holds in a column, straight out of the JSON."""
    name = f"gradients-{run}-seed0"
    columns = {known: column(name, known) for known in values}
    (place,) = [i for i, found in enumerate(zip(*columns.values())) if dict(zip(columns, found)) == values]
    return column(name, key)[place]


@pytest.mark.parametrize("run", ("plain-20", "plain-56", "resnet-44", "resnet-56"))
@pytest.mark.parametrize("quantity", ("train-error", "test-error"))
def test_a_final_error_is_mean_and_deviation_of_the_last_epoch_over_seeds(run, quantity):
    last = [column(f"digits-{run}-seed{seed}", quantity.replace("-", "_"))[-1] for seed in range(5)]
    assert measured(f"digits/{run}/{quantity}").text == f"{mean(last):.1f} ± {stdev(last):.1f} %"
    assert measured(f"digits/{run}/{quantity}-range").text == f"{min(last):.1f} to {max(last):.1f} %"


def test_a_decay_is_the_geometric_mean_of_first_over_last():
    logarithms = of_the_grid("sigmoid", "decay", init="xavier", skip=False, depth=32, step=0)
    assert len(logarithms) == 5
    assert measured("gradients/sigmoid-xavier-32/decay").text == scientific(10 ** mean(logarithms))


def test_norms_are_those_of_the_first_and_of_the_last_layer_at_the_step_that_is_named():
    first = of_the_grid("relu-bn", "backpropagated", init="he", skip=False, depth=64, step=0)[0]
    assert measured("gradients/relu-he-bn-64/first").text == scientific(10**first)
    trained = of_the_grid("relu-bn", "backpropagated", init="he", skip=True, depth=64, step=100)[0]
    assert measured("gradients/relu-he-bn-skip-64@100/first").text == scientific(10**trained)
    weights = of_the_grid("tanh", "weight_gradient", init="xavier", skip=False, depth=32, step=0)
    assert measured("gradients/tanh-xavier-32/first-weight").text == scientific(10 ** weights[0])
    assert measured("gradients/tanh-xavier-32/last-weight").text == scientific(10 ** weights[-1])


def test_the_last_signal_is_that_of_the_last_hidden_layer():
    layers = of_the_grid("relu", "layers", init="xavier", skip=False, depth=64, step=0)
    deviations = of_the_grid("relu", "deviation", init="xavier", skip=False, depth=64, step=0)
    assert measured("gradients/relu-xavier-64/last-signal").text == scientific(
        10 ** deviations[layers.index(63)]
    )


def test_the_size_of_a_network_is_that_of_its_layers():
    assert measured("networks/alexnet-8/parameters").text == "60,965,224"
    assert (
        measured("networks/vgg-16/parameters").text
        == f"{sum(column('networks-vgg-16-seed0', 'parameters')):,}"
        == "138,357,544"
    )
    assert (
        measured("networks/vgg-19/multiply-adds").text
        == f"{sum(column('networks-vgg-19-seed0', 'multiply_adds')) / 1e9:.1f} billion"
    )


def test_the_share_of_the_fully_connected_layers_is_three_layers_of_all():
    parameters = column("networks-vgg-16-seed0", "parameters")
    hidden = 512 * 7 * 7 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    assert (
        measured("networks/vgg-16/fc-parameters").text
        == f"{100 * hidden / sum(parameters):.1f} %"
        == "89.4 %"
    )


def test_torchvisions_errors_are_what_is_recorded_of_its_weights():
    place = column("networks-torchvision-seed0", "model").index("resnet50")
    for key in ("top1", "top5"):
        value = column("networks-torchvision-seed0", f"{key}_error")[place]
        assert measured(f"networks/resnet50/{key}-error").text == f"{value:.1f} %"


def test_a_number_says_over_how_many_seeds_it_was_taken():
    assert (
        measured("digits/plain-56/train-error").source
        == "digits, plain-56: mean and standard deviation over 5 seeds; records in figures/runs"
    )
    assert (
        measured("gradients/tanh-xavier-8/decay").source
        == "gradients, tanh-xavier-8: geometric mean over 5 seeds; records in figures/runs"
    )
    assert (
        measured("digits/plain-56/train-error-range").source
        == "digits, plain-56: least and greatest of 5 seeds; records in figures/runs"
    )
    assert (
        measured("networks/vgg-16/parameters").source
        == "networks, vgg-16: counted from the module; records in figures/runs"
    )
    assert (
        measured("networks/vgg16/top5-error").source
        == "networks, vgg16: as torchvision states it for its weights; records in figures/runs"
    )


def test_a_number_follows_its_record(tmp_path, monkeypatch):
    """The same name, with another last error in one seed."""
    shutil.copytree(paths.RUNS, tmp_path / "runs")
    record = records.read(tmp_path / "runs/digits-plain-56-seed0.json")
    record.table["train_error"][-1] = 10.0
    records.write(record, tmp_path / "runs")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    assert measured("digits/plain-56/train-error-range").text.startswith("10.0 to ")


NAMES = sorted(
    {f"{experiment}/{name(row)}" for experiment, name in NAME.items() for row in records.rows(experiment)}
)
# of the grid, the deepest untrained networks
NAMES = [name for name in NAMES if not re.match(r"gradients/.*(-\d|-16|-32|@\d+)$", name)]
COUNTED = ["parameters", "multiply-adds", "fc-parameters", "fc-multiply-adds"]
STATED = ["top5-error", "top1-error"]


@pytest.mark.parametrize("name", NAMES)
def test_every_run_answers_for_what_was_measured_of_it_and_for_no_more(name):
    experiment, run = name.split("/")
    legal = list(QUANTITIES[experiment])
    if experiment == "networks":
        legal = COUNTED if "-" in run else STATED  # vgg-16 is our module, vgg16 is what torchvision trained
    if experiment == "batch-norm" and not run.startswith("sizes"):
        legal = []  # distributions and noise, which figures show
    if experiment == "stream":
        legal = [each for each in legal if (each == "gradient") == run.startswith("gradients")]
    if name.startswith("blocks/plain"):  # nothing goes around its blocks
        legal = [quantity for quantity in legal if "added" not in quantity]
    for quantity in QUANTITIES[experiment]:
        if quantity in legal:
            assert re.search(r"\d", measured(f"{name}/{quantity}").text)
        else:
            with pytest.raises(
                CourseError, match=f"{name} has no {quantity}: choose from {', '.join(legal)}"
            ):
                measured(f"{name}/{quantity}")


def test_a_number_that_a_diverged_training_does_not_have_is_refused_in_a_line():
    with pytest.raises(
        CourseError,
        match="gradients/relu-he-skip-64@100 has no number for first: the training diverged, or it is zero",
    ):
        measured("gradients/relu-he-skip-64@100/first")


@pytest.mark.parametrize(
    "name, complaint",
    [
        (
            "",
            "unknown measurement '': it is experiment/run/quantity and starts with one of digits/, "
            "cifar10/, cifar10-statistics/,",
        ),
        (
            "digit/plain-56/train-error",
            "unknown measurement 'digit/plain-56/train-error': it is experiment/run/quantity",
        ),
        ("digits/plain-56", "unknown quantity '' of digits: choose from train-error, test-error"),
        (
            "digits/plain-56/train_error",
            "unknown quantity 'train_error' of digits: choose from train-error, test-error",
        ),
        (
            "digits/plain-57/train-error",
            "no record of 'plain-57' in digits: choose from plain-20, plain-32, plain-44, plain-56, "
            "resnet-20",
        ),
        (
            "gradients/sigmoid-32/decay",
            "no record of 'sigmoid-32' in gradients: choose from .*sigmoid-xavier-16, sigmoid-xavier-16@1,",
        ),
        ("digits/plain-56/train-error/more", "unknown measurement 'digits/plain-56/train-error/more'"),
    ],
)
def test_a_misspelt_number_is_answered_with_those_there_are(name, complaint):
    with pytest.raises(CourseError, match=complaint) as refusal:
        measured(name)
    assert "\n" not in str(refusal.value)


def parsed(name: str) -> tuple[list[str], list[list[str]], str]:
    """Heads, rows and what follows of a table."""
    text = tables.table(name)
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return lines[0], lines[2:], text.partition("\n\n")[2]


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_is_rectangular_and_has_no_empty_cell(name):
    heads, rows, _ = parsed(name)
    assert rows
    assert {len(row) for row in rows} == {len(heads)}
    assert all(cell.strip() for row in rows for cell in row)


# What is all ours, as the page says of it, and what is all read off one figure have their own tests below.
OURS, READ_OFF = ("accounts", "digits", "gradient-shares", "care", "outset"), ("cifar10", "cifar10-plain")


@pytest.mark.parametrize("name", [name for name in tables.TABLES if name not in OURS + READ_OFF])
def test_every_number_of_a_table_has_a_source_in_its_row_or_a_note_on_it_or_its_column(name):
    heads, rows, notes = parsed(name)
    if "Source" in heads:
        assert all(
            re.search(r"(Table|Figure|section) \d|abstract|all results|winners", row[heads.index("Source")])
            for row in rows
        )
        return
    for head, cells in zip(heads, zip(*rows)):
        if any(re.match(r"\d", cell) for cell in cells):
            found = re.findall(NOTE, head) or [note for cell in cells for note in re.findall(NOTE, cell)]
            assert len(found) in (1, len(cells))
            assert all(f"{note}: " in notes for note in found)


@pytest.mark.parametrize("name, first", [("cifar10", ""), ("cifar10-plain", "plain")])
def test_the_papers_cifar_tables_say_in_their_heads_what_was_printed_and_what_was_read_off(name, first):
    heads, rows, _ = parsed(name)
    assert all(re.search(r"\((read off Figure 6|Table 6)\)", head) for head in heads if "error" in head)
    assert [row[0] for row in rows] == [
        result.network for result in published.CIFAR10 if result.network.startswith(first)
    ]


def test_the_table_of_starts_rates_and_lengths_has_a_line_a_cell_with_median_least_and_greatest():
    _, rows, _ = parsed("care")
    assert len(rows) == len({record.run for record in records.read_all("care")})
    for length, start, run in (
        ("264", "plain-56, He", "plain-56-he-clipped-264"),
        ("792", "plain-56, identities", "plain-56-identity-0.1-792"),
    ):
        found = [record.table for record in records.read_all("care") if record.run == run]
        expected = []
        for key in ("train_error", "inference_error", "test_error"):
            last = [table[key][-1] for table in found]
            expected.append(f"{median(last):.1f} ({min(last):.1f} to {max(last):.1f})")
        assert [length, start, run.split("-")[3], *expected, str(len(found))] in rows


def test_the_table_of_starts_sets_gradients_before_training_beside_errors_after_it():
    _, rows, _ = parsed("outset")
    (line,) = [row for row in rows if row[0] == "ResNet-56, He, last γ = 0"]
    likeness = [
        record.table["likeness"][1] for record in records.read_all("outset") if record.run == "resnet-56"
    ]
    errors = [
        median(
            record.table["train_error"][-1]
            for record in records.read_all("care")
            if record.run == f"resnet-56-zero-{rate}-264"
        )
        for rate in ("0.1", "0.01", "clipped")
    ]
    between = [
        record.table["between_images"][1]
        for record in records.read_all("outset")
        if record.run == "resnet-56"
    ]
    assert line[2:] == [
        f"{median(likeness):.1f}",
        f"{100 * median(between):.0f}",
        *(f"{error:.1f}" for error in errors),
    ]


def test_the_table_of_the_digits_is_the_mean_of_the_last_epoch():
    heads, rows, _ = parsed("digits")
    assert heads == ["Layers", "Plain, training", "Plain, test", "Residual, training", "Residual, test"]
    for depth, *cells in rows:
        expected = []
        for run, key in (
            (f"plain-{depth}", "train_error"),
            (f"plain-{depth}", "test_error"),
            (f"resnet-{depth}", "train_error"),
            (f"resnet-{depth}", "test_error"),
        ):
            last = [column(f"digits-{run}-seed{seed}", key)[-1] for seed in range(5)]
            expected.append(f"{mean(last):.1f} ± {stdev(last):.1f}")
        assert cells == expected
    assert [row[0] for row in rows] == ["20", "32", "44", "56"]


def test_the_table_of_networks_counts_layers_and_leaves_out_errors_that_nobody_measured():
    _, rows, _ = parsed("vgg-vs-resnet")
    found = {row[0]: row[1:] for row in rows}
    assert found["VGG-16"] == ["16", "138,357,544", "15.47 G", "28.41", "9.62"]
    assert found["ResNet-34"] == ["34", "21,797,672", "3.66 G", "26.69", "8.58"]
    assert found["plain-34"] == ["34", "21,623,848", "3.64 G", "–", "–"]
    assert found["AlexNet"] == ["8", "60,965,224", "0.72 G", "–", "–"]


def test_the_table_of_cifar_networks_names_each_that_was_timed_and_leaves_out_errors_that_nobody_measured():
    _, rows, notes = parsed("measured-cifar10")
    found = {row[0]: row[1:] for row in rows}
    timed = [record for record in records.read_all("benchmark") if record.run.endswith("-cpu")]
    assert len(found) == len(rows) == len(timed)
    assert found["ResNet-20"][:3] == [
        "269,722",
        "41",
        percent(column("cifar10-short-resnet-20-seed0", "test_error")[-1]),
    ]
    assert found["VGG-16"][:3] == ["14,719,818", "313", "–"]
    rates = [
        rate
        for rate, loop in zip(
            column("benchmark-resnet-20-cpu-seed0", "images_per_second"),
            column("benchmark-resnet-20-cpu-seed0", "loop"),
        )
        if loop == "ours"
    ]
    assert found["ResNet-20"][3] == f"{mean(rates):,.0f}"


@pytest.mark.parametrize(
    "name, protocol", (("ten-crop", "10-crop"), ("single-models", "multi-scale"), ("ensembles", "ensemble"))
)
def test_a_table_of_published_results_keeps_protocols_apart(name, protocol):
    _, rows, _ = parsed(name)
    assert [row[0] for row in rows] == [
        result.network for result in published.IMAGENET if result.protocol == protocol
    ]


def test_an_unknown_table_is_answered_with_those_there_are():
    with pytest.raises(CourseError, match=f"unknown table 'digit': choose from {', '.join(tables.TABLES)}"):
        tables.table("digit")


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (1, "1"),
        (0.25, "0.25"),
        (0.0163, "0.016"),
        (0.001, "0.001"),
        (9.96, "10"),
        (47.3, "47"),
        (1234, "1,200"),
        (56060, "56,000"),
        (123_456, "1.2 × 10⁵"),
        (0.00099, "9.9 × 10⁻⁴"),
        (3.2e-40, "3.2 × 10⁻⁴⁰"),
        (-1234, "-1,200"),
    ],
)
def test_a_number_is_written_with_two_digits_and_a_power_of_ten_where_it_helps(value, text):
    assert scientific(value) == text


def test_powers_of_ten_are_plain_characters():
    assert [power_of_ten(e) for e in (-40, -1, 0, 1, 12)] == ["10⁻⁴⁰", "10⁻¹", "1", "10¹", "10¹²"]
