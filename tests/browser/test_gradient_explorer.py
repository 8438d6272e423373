"""The explorer of gradients: what it says and draws, wherever its controls stand, is what was recorded."""

import gzip
import json
from functools import cache
from itertools import product
from statistics import mean

import pytest

from course import CourseError, records
from course.records.statistics import only
from course.report.numerals import scientific
from course.report.tables import table
from sitetools.parts import packing
from tests.browser.exploring import PLACES, curve, opened, unpacked

PAGE = dict(map(reversed, PLACES))["gradients"]


@pytest.fixture
def gradients(tab, online):
    return opened(tab, f"{online}/{PAGE}", "gradients")


@cache
def packed() -> dict:
    return packing.gradients()


@cache
def grid() -> list[dict]:
    return [row for row in records.rows(packing.GRID) if row["kind"] == "Perceptrons" and row["scale"] == 1]


def test_the_whole_grid_is_there_to_a_hundredth_of_a_decade():
    axes, curves, facts = (packed()[name] for name in ("axes", "curves", "facts"))
    rows = {tuple(row[axis] for axis in axes): row for row in grid()}
    places = list(product(*axes.values()))
    assert len(places) == len(rows) == 6 * 4 * 2 * 2 * 6 * 4
    for name in packing.CURVES:
        assert unpacked(curves[name], 100) == [value for place in places for value in rows[place][name]]
    decays = [
        mean(d for d in rows[place]["decay"] if d is not None)
        if any(d is not None for d in rows[place]["decay"])
        else None
        for place in places
    ]
    assert unpacked(facts["decay"], 1000) == pytest.approx(decays, abs=0.00051)


def test_the_table_that_stands_in_its_place_is_of_untrained_networks_of_32_layers():
    _, _, *lines = table("gradient-shares").splitlines()
    for line, activation in zip(lines, packing.ACTIVATIONS, strict=True):
        cells = line.replace("\u00a0", " ").strip("| ").split(" | ")
        kinds = [*((init, False, False) for init in packing.INITS), ("he", True, False), ("he", True, True)]
        rows = [
            only(grid(), activation=activation, init=init, batch_norm=bn, skip=skip, depth=32, step=0)
            for init, bn, skip in kinds
        ]
        assert cells[1:] == [scientific(10 ** mean(row["decay"])) for (row,) in rows]


def test_the_grid_is_small():
    assert len(gzip.compress(json.dumps(packed()).encode())) < 150_000


def test_a_grid_with_a_hole_is_refused_and_the_network_is_named(monkeypatch):
    rows = [row for row in grid() if (row["activation"], row["depth"]) != ("tanh", 8)]
    monkeypatch.setattr(records, "rows", lambda experiment: rows)
    with pytest.raises(CourseError, match="'tanh'.*'depth': 8.*scripts/train.py"):
        packing.gradients()


def turn(box, row: dict) -> None:
    """Set every control to where the network of this row is."""
    axes = packed()["axes"]
    places = {name: row[name] for name in ("activation", "init", "batch_norm", "skip")} | {
        name: axes[name].index(row[name]) for name in ("depth", "step")
    }
    box.locator("form").evaluate(
        """(form, places) => {
            for (const [name, value] of Object.entries(places)) form.elements[name][typeof value === "boolean" ? "checked" : "value"] = value;
            form.dispatchEvent(new Event("input"));
        }""",
        places,
    )


def sentence(row: dict) -> str:
    """What the explorer says first, from the record."""
    decays = [decay for decay in row["decay"] if decay is not None]
    if decays:
        return f"the first of {row['depth']} layers receives {scientific(10 ** mean(decays))} {'of' if mean(decays) < 0 else 'times'} the last layer’s gradient"
    return (
        "the training has diverged"
        if None in row["loss"]
        else f"the first of {row['depth']} layers receives exactly 0"
    )


def power(tick: str) -> float:
    """10⁻⁵ -> -5"""
    return (
        0.0
        if tick == "1"
        else float(tick.removeprefix("10").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    )


def test_it_says_and_draws_what_is_recorded_wherever_the_controls_stand(gradients):
    broken = [row for row in grid() if None in row["backpropagated"]]
    for row in [*grid()[::151], *broken[::40]]:
        turn(gradients, row)
        words = gradients.locator("output").inner_text().replace("\u00a0", " ")
        assert sentence(row) in words
        for svg, name in zip(gradients.locator("svg").all(), ("backpropagated", "weight_gradient")):
            assert words.split(":")[0] in svg.get_attribute("aria-label")
            recorded = [(layer, value) for layer, value in zip(row["layers"], row[name]) if value is not None]
            drawn = curve(svg, ".line.circle", power)
            assert [round(x) for x, _ in drawn] == [layer for layer, _ in recorded]
            assert [y for _, y in drawn] == pytest.approx([value for _, value in recorded], abs=0.6)
            assert svg.locator("path.mark.circle").count() == len(row["layers"]) - len(recorded)


def test_where_a_norm_has_no_number_nothing_is_said_of_it(gradients):
    (row,) = (row for row in grid() if row["decay"].count(None) < 5 and None in row["weight_gradient"])
    turn(gradients, row)
    assert "weight gradient" not in gradients.locator("output").inner_text()


def test_every_control_of_the_gradients_works_from_the_keyboard(gradients):
    words = gradients.locator("output")
    gradients.locator("[name=depth]").press("End")
    assert "the first of 64 layers" in words.inner_text()
    assert gradients.locator("[name=depth]").get_attribute("aria-valuetext") == "64 layers"
    gradients.locator("[name=depth]").press("ArrowLeft")
    gradients.locator("[name=step]").press("End")
    assert words.inner_text().startswith(
        "Sigmoid, Xavier initialisation, after 100 steps: the first of 32 layers"
    )
    gradients.locator("[name=keep]").press("Enter")
    gradients.locator("[name=activation]").press("End")
    gradients.locator("[name=init]").press("End")
    for name in ("batch_norm", "skip"):
        gradients.locator(f"[name={name}]").press("Space")
    assert words.inner_text().startswith(
        "Identity, orthogonal initialisation, batch normalisation, skips, after 100 steps"
    )
    assert (
        "Kept, dashed: Sigmoid, Xavier" in words.inner_text() and gradients.locator(".line.kept").count() == 2
    )
    gradients.locator("[name=keep]").press("Space")
    assert "Kept" not in words.inner_text() and gradients.locator(".line.kept").count() == 0
