"""The explorers: what a reader sees at each position of the controls is what the records say, however the page is read."""
import re
from pathlib import Path

import pytest
import quickjs
from bs4 import BeautifulSoup
from test_browser import LAPTOP, PHONE, VENDOR, VIOLATIONS, address, browser, online, tab  # noqa: F401

from course import records, style
from course.drawing import only
from course.published import figure_6
from course.records import last_epoch, spread
from sitetools import explorers

CODE = Path(__file__).parent.parent / "docs/assets/explorers"
ERRORS = "lectures/residual-learning.html"
NUMBER = re.compile(r"((?:plain|ResNet)-\d+) (?:makes )?(over 20|[\d.]+)\u00a0%")


# --- the records, packed


def unpacked(text: str, one: int) -> list[float]:
    """What the page's own code reads."""
    context = quickjs.Context()
    context.eval((CODE / "chart.js").read_text(encoding="utf-8"))
    return [float(value) for value in context.eval(f"unpack({text!r}, {one}).join(' ')").split()]


@pytest.mark.parametrize("values", [[0.0], [-1.0, 100.0, -1.0], [89.7155, 86.24, 79.992, 0.0, 0.005], [-308.25, 307.5, 0.126], list(range(-2000, 2000, 7))])
def test_what_is_packed_comes_back_within_half_a_step(values):
    for one in (1, 100, 1000):
        again = unpacked(explorers.pack(values, one), one)
        assert len(again) == len(values)
        assert all(abs(before - after) <= 0.5 / one + 1e-9 for before, after in zip(values, again))


def test_every_recorded_error_curve_is_there():
    found = {training["title"]: training["curves"] for training in explorers.errors()["trainings"]}
    for experiment, title in explorers.TRAININGS.items():
        for record in records.read_all(experiment, missing_ok=True):
            curve = found[title][explorers.network(record.run)]
            place = curve["seeds"].index(record.seed)
            for kind in ("train", "test"):
                assert unpacked(curve[kind][place], explorers.THOUSANDTHS) == pytest.approx(record.table[f"{kind}_error"], abs=0.00051)


# --- the code


def test_the_code_of_the_explorers_is_short():
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in CODE.glob("*.js")) < 400


@pytest.mark.parametrize("theme, scheme", [("light", "default"), ("dark", "slate")])
def test_a_concept_has_the_same_colour_as_in_the_figures(theme, scheme):
    block = re.search(rf'\[data-md-color-scheme="{scheme}"\] {{(.*?)}}', (CODE / "explorers.css").read_text(encoding="utf-8"), re.S)[1]
    colours = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    assert colours and colours == {name: style.THEMES[theme][name] for name in colours}


def test_an_unknown_explorer_stops_the_build(small_site):
    assert "unknown explorer 'loss': choose one of errors" in small_site({"page.md": "# Page\n\n{{ explorer loss }}\n"})


def test_only_pages_with_an_explorer_load_its_code(site):
    for page in site.rglob("*.html"):
        article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        names = [figure["id"].removeprefix("explorer-") for figure in article.select("figure.explorer")]
        loaded = [script["src"].rpartition("/")[2] for script in article.select("script[src*='/explorers/']")]
        assert loaded == [file for name in names for file in ("chart.js", f"{name}.js")], page.name


# --- the error curves


@pytest.fixture
def errors(tab, online):  # noqa: F811
    return opened(tab, f"{online}/{ERRORS}", "errors")


def opened(page, url: str, name: str):
    page.goto(f"{url}#explorer-{name}")
    box = page.locator(f"#explorer-{name}")
    box.scroll_into_view_if_needed()
    page.wait_for_selector(f"#explorer-{name}.ready")
    return box


def said(box) -> dict[str, str]:
    """The numbers of the sentence, by network."""
    return dict(NUMBER.findall(box.locator("output").inner_text().split("In the paper, at")[0]))


def choose(box, networks: list[str]) -> None:
    for control in box.locator("[name=network]:enabled").all():
        control.set_checked(control.get_attribute("value") in networks)


def means(experiment: str, key: str, epoch: int | None = None) -> dict[str, str]:
    rows = records.rows(experiment)
    rows = last_epoch(rows) if epoch is None else only(rows, epoch=epoch)
    return {explorers.network(run): f"{found.centre:.1f}" for run, found in spread(rows, key, "run").items()}


def test_it_opens_on_the_finding_of_the_lecture(errors):
    ends = means("digits", "train_error")
    words = errors.locator("output").inner_text()
    assert words.startswith(f"After 24 epochs plain-20 makes {ends['plain-20']}\u00a0% training errors, plain-56 {ends['plain-56']}\u00a0%")
    assert words.endswith("in the mean of 5 seeds.")
    assert words in errors.locator("svg").get_attribute("aria-label")


@pytest.mark.parametrize("kind", ["train", "test"])
@pytest.mark.parametrize("training, experiment", [(0, "digits"), (1, "cifar10-short")])
def test_every_network_reads_as_recorded(errors, training, experiment, kind):
    errors.locator("[name=training]").select_option(explorers.TRAININGS[experiment])
    errors.locator(f"[name=kind][value={kind}]").check()
    expected = means(experiment, f"{kind}_error")
    choose(errors, list(expected))
    assert said(errors) == expected
    labels = [label.text_content() for label in errors.locator(".chart .label").all()]
    assert sorted(labels) == sorted(f"{network}{value}\u00a0%" for network, value in expected.items())


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
    errors.locator("[name=training]").press("ArrowDown")
    assert errors.locator("output").inner_text().startswith("After 4,000 iterations")
    errors.locator("[name=behind]").press("Space")
    assert errors.locator(".line.paper").count() == 3 and "In the paper, at 64,000 of 64,000" in errors.locator("output").inner_text()
    errors.locator("[name=top]").press("End")
    assert errors.locator(".chart .tick").filter(has_text=re.compile(r"^1$")).count() == 1
    errors.locator("[name=training]").press("ArrowUp")
    errors.locator("[name=seeds]").press("End")
    assert errors.locator("output").inner_text().endswith("under seed 4.")


@pytest.mark.parametrize("seed", range(5))
def test_each_seed_reads_as_recorded(errors, seed):
    errors.locator("[name=seeds]").select_option(f"seed {seed}")
    expected = {explorers.network(row["run"]): f"{row['train_error']:.1f}" for row in last_epoch(only(records.rows("digits"), seed=seed))}
    choose(errors, list(expected))
    assert said(errors) == expected
    errors.locator("[name=seeds]").select_option("each")
    assert errors.locator(".line.thin").count() == 5 * len(expected)


def test_the_papers_curves_read_as_digitised(errors):
    errors.locator("[name=training]").select_option(label="CIFAR-10, 64,000 iterations: He et al. 2016a, Figure 6")
    points = {(row["network"], round(row["share"] * 64)): row["error"] for row in figure_6() if row["kind"] == "train" and row["error"] < 20}
    networks = sorted({network for network, _ in points})
    choose(errors, networks)
    for place in (1, 22, 64):
        errors.locator("[name=step]").fill(str(place - 1))
        assert said(errors) == {network: f"{points[network, place]:.1f}" if (network, place) in points else "over 20" for network in networks}


def test_the_line_that_is_drawn_is_the_record(errors):
    """Back from pixels to epochs and per cent, by the places of the ticks."""
    x, y = (scale(errors, axis) for axis in ("x", "y"))
    drawn = re.findall(r"[ML]([\d.]+) ([\d.]+)", errors.locator(".line.plain.dash-3").get_attribute("d"))
    recorded = spread(only(records.rows("digits"), run="plain-56"), "train_error", "epoch")
    assert [round(x(float(a)), 1) for a, _ in drawn] == list(recorded)
    assert [y(float(b)) for _, b in drawn] == pytest.approx([recorded[epoch].centre for epoch in recorded], abs=0.1)


def scale(box, axis: str):
    """Pixel -> value along an axis, from its first and last tick."""
    ticks = [(t.get_attribute("x"), t.get_attribute("y"), float(t.text_content().replace(",", ""))) for t in box.locator(".chart .tick").all()]
    line = [t for t in ticks if (t[1] == ticks[-1][1]) == (axis == "x")]
    (p, a), (q, b) = ((float(t[axis == "y"]), t[2]) for t in (line[0], line[-1]))
    shift = 4 if axis == "y" else 0  # a label stands a little below its line
    return lambda pixel: a + (pixel - p + shift) * (b - a) / (q - p)


def test_a_finger_or_a_mouse_on_the_drawing_reads_there(errors):
    svg = errors.locator("svg").bounding_box()
    errors.page.mouse.move(svg["x"] + 60, svg["y"] + 100)
    assert errors.locator("output").inner_text().startswith("After 1 epoch ")


# --- however the page is read


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("address", ["online", "folder"], indirect=True)
@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_it_works_from_a_folder_and_online_in_both_themes_and_on_a_phone(tab, address, page, name):  # noqa: F811
    faults = []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda asked: asked.url.startswith(address) or faults.append(asked.url))
    box = opened(tab, f"{address}/{page}", name)
    for size in (LAPTOP, PHONE):
        tab.set_viewport_size(size)
        tab.wait_for_timeout(100)
        assert tab.evaluate("document.documentElement.scrollWidth") == size["width"]
        edge = tab.evaluate("Math.max(...[...document.querySelectorAll('.chart text')].map(t => t.getBoundingClientRect().right))")
        assert edge <= box.bounding_box()["x"] + box.bounding_box()["width"] + 1
    assert faults == []


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_it_has_no_serious_barrier(tab, online, page, name):  # noqa: F811
    opened(tab, f"{online}/{page}", name)
    tab.evaluate((VENDOR / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    assert tab.evaluate(VIOLATIONS) == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_nothing_moves_when_the_controls_do(tab, online, page, name, size):  # noqa: F811
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


@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_without_scripts_a_figure_and_a_table_stand_in_its_place(browser, online, page, name):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()  # noqa: F811
    tab.goto(f"{online}/{page}")
    assert not tab.locator(f"#explorer-{name}").is_visible()
    still = tab.locator(f"#explorer-{name} + .still")
    assert still.locator("figure img").first.is_visible() and still.locator("table").is_visible()
    context.close()


@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_on_paper_it_is_the_drawing_as_chosen_or_the_figure(tab, online, page, name):  # noqa: F811
    tab.goto(f"{online}/{page}")
    tab.emulate_media(media="print")
    assert tab.locator(f"#explorer-{name} + .still").is_visible() and not tab.locator(f"#explorer-{name}").is_visible()
    tab.emulate_media(media="screen")
    box = opened(tab, f"{online}/{page}", name)
    tab.emulate_media(media="print")
    assert box.locator("svg").is_visible() and box.locator("output").is_visible()
    assert not box.locator("input, select").first.is_visible() and not tab.locator(".still").is_visible()


@pytest.mark.parametrize("page, name", [(ERRORS, "errors")])
def test_its_records_are_fetched_when_a_reader_comes_near(tab, online, page, name):  # noqa: F811
    asked = []
    tab.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    tab.goto(f"{online}/{page}", wait_until="networkidle")
    assert f"{name}-data.js" not in asked
    opened(tab, f"{online}/{page}", name)
    assert f"{name}-data.js" in asked
