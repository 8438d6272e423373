"""The explorer of error curves: what it says and draws, wherever its controls stand,
is what was recorded or digitised.
"""

import re

import pytest

from course import records
from course.records.published import figure_6
from course.records.statistics import last_epoch, only, spread
from sitetools.parts import packing
from sitetools.parts.explorers import EXPLORERS
from tests.browser.exploring import PLACES, curve, opened, unpacked

PAGE = dict(map(reversed, PLACES))["errors"]
NUMBER = re.compile(r"((?:plain|ResNet)-\d+) (?:makes )?(over 20|[\d.]+)\u00a0%")


def test_every_recorded_error_curve_of_a_plain_or_residual_network_is_there():
    found = {training["title"]: training["curves"] for training in packing.errors()["trainings"]}
    for experiment, title in packing.TRAININGS.items():
        for record in packing.trained(experiment):
            curve = found[title][packing.network(record.run)]
            place = curve["seeds"].index(record.seed)
            for kind in ("train", "test"):
                assert unpacked(curve[kind][place], packing.THOUSANDTHS) == pytest.approx(
                    record.table[f"{kind}_error"], abs=0.00051
                )


def test_it_names_every_experiment_whose_curves_it_shows():
    shown = {record.experiment for training in packing.TRAININGS for record in packing.trained(training)}
    assert shown == set(EXPLORERS["errors"].experiments)


@pytest.fixture
def errors(tab, online):
    return opened(tab, f"{online}/{PAGE}", "errors")


def said(box) -> dict[str, str]:
    """The numbers of the sentence, by network."""
    return dict(NUMBER.findall(box.locator("output").inner_text()))


def choose(box, networks: list[str]) -> None:
    for control in box.locator("[name=network]:enabled").all():
        control.set_checked(control.get_attribute("value") in networks)


def means(experiment: str, key: str, epoch: int | None = None) -> dict[str, str]:
    rows = [row for record in packing.trained(experiment) for row in record.rows()]
    rows = last_epoch(rows) if epoch is None else only(rows, epoch=epoch)
    return {packing.network(run): f"{found.centre:.1f}" for run, found in spread(rows, key, "run").items()}


def test_it_opens_on_the_finding_of_the_lecture(errors):
    ends = means("digits", "train_error")
    words = errors.locator("output").inner_text()
    assert words.startswith(
        f"After 24 epochs plain-20 makes {ends['plain-20']}\u00a0% training errors, plain-56 "
        f"{ends['plain-56']}\u00a0%"
    )
    assert words.endswith("in the mean of 5 seeds.")
    assert words in errors.locator("svg").get_attribute("aria-label")


def test_every_network_reads_as_recorded(errors):
    for experiment, title in packing.TRAININGS.items():
        if not packing.trained(experiment):
            continue
        errors.locator("[name=training]").select_option(title)
        for kind in ("train", "test"):
            errors.locator(f"[name=kind][value={kind}]").check()
            expected = means(experiment, f"{kind}_error")
            choose(errors, list(expected))
            assert said(errors) == expected
            labels = errors.locator(".chart .label").all_text_contents()
            assert sorted(labels) == sorted(f"{network}{value}\u00a0%" for network, value in expected.items())


def test_a_network_that_was_not_trained_under_a_seed_cannot_be_chosen_under_it(errors):
    seeds = {
        packing.network(run): {record.seed for record in packing.trained("cifar10") if record.run == run}
        for run in {record.run for record in packing.trained("cifar10")}
    }
    errors.locator("[name=training]").select_option(packing.TRAININGS["cifar10"])
    for seed in set.union(*seeds.values()):
        errors.locator("[name=seeds]").select_option(str(seed))
        enabled = {box.get_attribute("value") for box in errors.locator("[name=network]:enabled").all()}
        assert enabled == {network for network, trained in seeds.items() if seed in trained}
        choose(errors, list(seeds))
        assert set(said(errors)) == enabled


def test_one_seed_has_no_mean(errors):
    errors.locator("[name=training]").select_option(packing.TRAININGS["cifar10"])
    choose(errors, ["plain-56"])
    assert " errors, under one seed" in errors.locator("output").inner_text()


def test_the_slider_reads_each_epoch_from_the_keyboard(errors):
    slider = errors.get_by_label("Read at")
    slider.focus()
    slider.press("Home")
    for epoch in (1, 2, 3):
        assert {name: means("digits", "train_error", epoch)[name] for name in said(errors)} == said(errors)
        assert slider.get_attribute("aria-valuetext") == f"epoch {epoch} of 24"
        slider.press("ArrowRight")
    slider.press("End")
    assert said(errors)["plain-56"] == means("digits", "train_error")["plain-56"]


def test_every_control_works_from_the_keyboard(errors):
    errors.locator("[name=kind]:checked").press("ArrowRight")
    assert "test errors" in errors.locator("output").inner_text()
    errors.locator("[value=plain-56]").press("Space")
    assert "plain-56" not in said(errors)
    errors.locator("[name=training]").press("End")
    assert errors.locator("output").inner_text().startswith("In the paper, after 64,000 iterations")
    errors.locator("[name=training]").press("ArrowUp")
    assert errors.locator("output").inner_text().startswith("After 4,000 iterations")
    errors.locator("[name=behind]").press("Space")
    assert (
        errors.locator(".line.paper").count() == 3
        and "in brackets the paper’s, after 64,000." in errors.locator("output").inner_text()
    )
    errors.locator("[name=top]").press("End")
    assert errors.locator(".chart .tick").filter(has_text=re.compile(r"^1$")).count() == 1
    errors.locator("[name=training]").press("Home")
    errors.locator("[name=seeds]").press("End")
    assert errors.locator("output").inner_text().endswith("under seed 4.")


def test_each_seed_reads_as_recorded(errors):
    rows = last_epoch(records.rows("digits"))
    choose(errors, [packing.network(row["run"]) for row in rows])
    for seed in range(5):
        errors.locator("[name=seeds]").select_option(f"seed {seed}")
        assert said(errors) == {
            packing.network(row["run"]): f"{row['train_error']:.1f}" for row in only(rows, seed=seed)
        }
    errors.locator("[name=seeds]").select_option("each")
    assert errors.locator(".line.thin").count() == len(rows) == 40


def test_the_papers_curves_read_as_digitised(errors):
    errors.locator("[name=training]").select_option(
        label="CIFAR-10, 64,000 iterations: He et al. 2016a, Figure 6"
    )
    networks = sorted({row["network"] for row in figure_6()})
    choose(errors, networks)
    for thousand in (1, 22, 63, 64):
        errors.locator("[name=step]").fill(str(thousand - 1))
        assert said(errors) == {
            name: digitised(name, thousand) for name in networks if digitised(name, thousand)
        }
    assert "ResNet-44 is not legible" in errors.locator("output").inner_text()


def digitised(network: str, thousand: int) -> str | None:
    """The training error at so many thousand iterations; None where the curve has ended."""
    _, *vertices = only(figure_6(), network=network, kind="train")
    points = {round(row["share"] * 64): row["error"] for row in vertices}
    return f"{points[thousand]:.1f}" if thousand in points else "over 20" if thousand < min(points) else None


def test_the_line_that_is_drawn_is_the_record(errors):
    """Back from pixels to epochs and per cent, by the places of the ticks."""
    recorded = spread(only(records.rows("digits"), run="plain-56"), "train_error", "epoch")
    drawn = curve(errors.locator("svg"), ".line.plain.dash-3", float)
    assert [round(x, 1) for x, _ in drawn] == list(recorded)
    assert [y for _, y in drawn] == pytest.approx([recorded[epoch].centre for epoch in recorded], abs=0.1)


def test_a_finger_or_a_mouse_on_the_drawing_reads_there(errors):
    svg = errors.locator("svg").bounding_box()
    errors.page.mouse.move(svg["x"] + 60, svg["y"] + 100)
    assert errors.locator("output").inner_text().startswith("After 1 epoch ")
