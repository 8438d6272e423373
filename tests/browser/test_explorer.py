"""The explorers: short code, and records packed small, that work however the page is read."""

import re

import pytest

from course.figures import style
from sitetools.parts import packing
from tests.browser import checks
from tests.browser.checks import LAPTOP, PHONE
from tests.browser.exploring import CODE, PLACES, opened, unpacked
from tests.pages import parsed


@pytest.mark.parametrize(
    "values",
    [
        [0.0],
        [None, 2.5, None],
        [-1.0, 100.0, -1.0],
        [89.7155, 86.24, 79.992, 0.0, 0.005],
        [-308.25, 307.5, 0.126],
        list(range(-2000, 2000, 7)),
    ],
)
def test_what_is_packed_comes_back_within_half_a_step(values):
    for one in (1, 100, 1000):
        again = unpacked(packing.pack(values, one), one)
        assert len(again) == len(values)
        assert again == pytest.approx(values, abs=0.5 / one + 1e-9)


def test_the_code_of_the_explorers_is_short():
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in CODE.glob("*.js")) < 400


@pytest.mark.parametrize("theme, scheme", [("light", ""), ("dark", '="slate"')])
def test_a_concept_has_the_same_colour_as_in_the_figures(theme, scheme):
    block = re.search(
        rf"\[data-md-color-scheme{scheme}\] {{(.*?)}}",
        (CODE / "explorers.css").read_text(encoding="utf-8"),
        re.S,
    )[1]
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    assert colours and colours == {name: style.THEMES[theme][name] for name in colours}


def test_an_unknown_explorer_stops_the_build(small_site):
    assert "unknown explorer 'loss': choose one of errors" in small_site(
        {"page.md": "# Page\n\n{{ explorer loss }}\n"}
    )


def test_only_pages_with_an_explorer_load_its_code(site):
    for page in site.rglob("*.html"):
        if page.name == "playground.html":
            continue  # it draws with chart.js, too: see tests/browser/test_playground.py
        found = parsed(page)
        names = [figure["id"].removeprefix("explorer-") for figure in found.select("figure.explorer")]
        loaded = [script["src"].rpartition("/")[2] for script in found.select("script[src*='/explorers/']")]
        assert loaded == [file for name in names for file in ("chart.js", f"{name}.js")], page.name


@pytest.mark.parametrize("where", ["online", "folder"])
@pytest.mark.parametrize("page, name", PLACES)
def test_it_works_from_a_folder_and_online_and_on_a_phone(tab, online, site, where, page, name):
    address = online if where == "online" else site.as_uri()
    faults = checks.listen(tab, address)
    box = opened(tab, f"{address}/{page}", name)
    for size in (LAPTOP, PHONE):
        tab.set_viewport_size(size)
        tab.wait_for_timeout(100)
        faults += checks.width(tab)
        edge = tab.evaluate(
            "Math.max(...[...document.querySelectorAll('.chart text')].map(t => "
            "t.getBoundingClientRect().right))"
        )
        assert edge <= box.bounding_box()["x"] + box.bounding_box()["width"] + 1
    assert faults == []


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("page, name", PLACES)
def test_it_has_no_barrier(tab, online, page, name):
    opened(tab, f"{online}/{page}", name)
    assert checks.barriers(tab, within=f"#explorer-{name}") == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
@pytest.mark.parametrize("page, name", PLACES)
def test_nothing_moves_when_the_controls_do(tab, online, page, name, size):
    tab.set_viewport_size(size)
    box = opened(tab, f"{online}/{page}", name)
    before = box.bounding_box()
    for control in box.locator("select:enabled, [type=checkbox]:enabled, [type=radio]").all():
        if control.evaluate("c => c.tagName") == "SELECT":
            control.press("End")
        elif control.is_enabled():
            control.check()
        after = box.bounding_box()
        assert (after["y"], after["height"]) == (before["y"], before["height"]), control


@pytest.mark.parametrize("page, name", PLACES)
def test_without_scripts_a_figure_and_a_table_stand_in_its_place(browser, online, page, name):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{online}/{page}")
    assert not tab.locator(f"#explorer-{name}").is_visible()
    still = tab.locator(f"#explorer-{name} + .still")
    assert still.locator("figure img").first.is_visible() and still.locator("table").is_visible()
    context.close()


@pytest.mark.parametrize("page, name", PLACES)
def test_on_paper_it_is_the_drawing_as_chosen_or_the_figure(tab, online, page, name):
    tab.goto(f"{online}/{page}")
    tab.emulate_media(media="print")
    assert (
        tab.locator(f"#explorer-{name} + .still").is_visible()
        and not tab.locator(f"#explorer-{name}").is_visible()
    )
    tab.emulate_media(media="screen")
    box = opened(tab, f"{online}/{page}", name)
    tab.emulate_media(media="print")
    assert box.locator("svg").first.is_visible() and box.locator("output").is_visible()
    assert not any(
        each.is_visible() for each in [*box.locator("input, select, button").all(), tab.locator(".still")]
    )


@pytest.mark.parametrize("page, name", PLACES)
def test_its_records_are_fetched_when_a_reader_comes_near(tab, online, page, name):
    asked = []
    tab.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    tab.goto(f"{online}/{page}", wait_until="networkidle")
    assert f"{name}-data.js" not in asked
    opened(tab, f"{online}/{page}", name)
    assert f"{name}-data.js" in asked
