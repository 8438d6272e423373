"""No figure without its evidence: what it is drawn from, by what, and the files to take away;
on its page and on the page of all.
"""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from course import paths, records
from sitetools.build.published import table
from sitetools.parts.figures import title
from tests.pages import article, parsed

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))
ENTRY = {
    "alt": "One.", "caption": "One.", "width": 9, "height": 9, "source": "course/figures/degradation.py:degradation", "command": "python scripts/render.py one",
    "basis": "", "experiments": ["digits"], "records": ["digits-plain-20-seed0.json"], "seeds": 1, "device": "CPU",
}  # fmt: skip
DRAWN = {"basis": "A drawing", "experiments": [], "records": [], "seeds": 0, "device": ""}


def without_evidence(site: Path) -> list[str]:
    """The figures of all pages, drawings or explorers, that do not say where they come from. The
    playground comes from nowhere: it computes what it shows.
    """
    return [
        f"{path.name}: {figure.get('id')}"
        for path in site.rglob("*.html")
        for figure in parsed(path).select("figure")
        if not figure.select(".provenance") and figure.get("id") != "explorer-playground"
    ]


@pytest.fixture
def build(small_site, tmp_path):
    def build(text: str, **figures: dict):
        for folder in ("svg", "runs"):
            (tmp_path / "figures" / folder).mkdir(parents=True, exist_ok=True)
        for name in figures:
            for theme in ("light", "dark"):
                (tmp_path / f"figures/svg/{name}-{theme}.svg").write_text(
                    "<svg xmlns='http://www.w3.org/2000/svg'/>"
                )
        (tmp_path / "figures/runs/digits-plain-20-seed0.json").write_text("{}")
        return small_site(
            {"pages/page.md": f"# Page\n\n{text}\n"},
            json.dumps({name: ENTRY | changes for name, changes in figures.items()}),
        )

    return build


def test_every_figure_of_the_course_says_what_it_is_drawn_from():
    assert [name for name, entry in MANIFEST.items() if not (entry["records"] or entry["basis"])] == []


def test_a_figure_that_does_not_say_so_stops_the_build(build):
    assert "figure 'one': it does not say what it is drawn from" in build(
        "{{ figure one }}", one={"records": []}
    )


def test_every_figure_on_every_page_shows_its_evidence(site):
    assert without_evidence(site) == []


def test_a_figure_without_evidence_is_noticed(build):
    site = build('{{ figure one }}\n\n<figure id="bare"><img src="x.svg" alt="A."></figure>', one={})
    assert without_evidence(site) == ["page.html: bare"]


def test_a_figure_without_records_names_its_sources_instead(build):
    site = build(
        "{{ figure one }}", one=DRAWN | {"basis": "Numbers of the literature [@he2016deep, Table 5]"}
    )
    # a citation like any other: this small site has no list of references
    assert isinstance(site, str) and "references.md" in site


def test_the_page_of_all_figures_has_each_with_its_downloads_its_pages_and_its_records(build, tmp_path):
    site = build("{{ figure one }}", one={}, two=DRAWN)
    page = article(site, "figures.html")
    one = page.select_one("h2#one").find_next("figure")
    files = ["svg/one-light.svg", "svg/one-dark.svg", "print/one.pdf", "data/digits.csv"]
    assert [a["href"] for a in one.select("p.provenance a")] == [*(f"figures/{file}" for file in files)]
    assert "To cite it: “One”, a figure of Going Deeper" in one.text
    assert [a["href"] for a in one.select(".backlinks a")] == ["pages/page.html"]
    assert page.select_one("h2#two").find_next("figure").select(".backlinks a") == []
    assert one.select_one("details a[href='records.html#digits']")
    records = article(site, "records.html").select_one("h2#digits").find_next("details")
    assert [a["href"] for a in records.select("a")] == ["figures/runs/digits-plain-20-seed0.json"]


def test_the_code_of_a_figure_is_the_file_that_draws_it(site):
    page = article(site, "figures.html")
    for name, entry in MANIFEST.items():
        module, function = entry["source"].split(":")
        link = page.select_one(f"h2#{name}").find_next("details").select_one("a[href$='.py.txt']")
        assert link.text == module
        text = (site / link["href"]).read_text(encoding="utf-8")
        assert text == (ROOT / module).read_text(encoding="utf-8") and f"def {function}(" in text


def unshown(page: BeautifulSoup) -> list[str]:
    return [
        heading["id"]
        for heading in page.select("h2:has(+ figure)")
        if not heading.find_next("figure").select(".backlinks a")
    ]


def test_every_figure_is_shown_on_a_page(site):
    page = article(site, "figures.html")
    assert [heading["id"] for heading in page.select("h2:has(+ figure)")] == list(MANIFEST)
    assert unshown(page) == []


def test_a_figure_that_no_page_shows_is_noticed(build):
    assert unshown(article(build("{{ figure one }}", one={}, two=DRAWN), "figures.html")) == ["two"]


def test_the_page_of_records_lists_each_once_under_its_own_experiment(site):
    page = article(site, "records.html")
    links = [link["href"] for link in page.select("a[href$='.json']")]
    assert len(set(links)) == len(links)
    for heading in page.select("h2[id]"):
        listed = heading.find_next("details").select("a[href$='.json']")
        names = [records.read(paths.RUNS / Path(link["href"]).name).experiment for link in listed]
        assert set(names) == {heading["id"]}


def test_a_data_table_holds_every_row_of_the_records(site):
    published = (site / "figures/data/digits.csv").read_text(encoding="utf-8")
    read = list(csv.DictReader(io.StringIO(published)))
    recorded = records.rows("digits")
    assert len(read) == len(recorded)
    assert [(row["run"], int(row["seed"]), int(row["epoch"]), float(row["train_error"])) for row in read] == [
        (row["run"], row["seed"], row["epoch"], row["train_error"]) for row in recorded
    ]


def test_rows_of_different_columns_share_a_table():
    rows = [
        {"experiment": "e", "run": "a", "seed": 0, "x": 1},
        {"experiment": "e", "run": "b", "seed": 0, "y": 2},
    ]
    assert table(rows) == "experiment,run,seed,x,y\ne,a,0,1,\ne,b,0,,2\n"


def test_a_figure_for_print_is_black_on_white_with_its_fonts_inside(site):
    for name in MANIFEST:
        pdf = (site / f"figures/print/{name}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF") and b"/FontFile2" in pdf, name


def test_a_figure_is_drawn_for_print_again_only_when_it_has_changed(tmp_path):
    """In a copy of what draws: no other test sees the change."""
    for folder in ("course", "scripts", "figures"):
        (tmp_path / folder).symlink_to(ROOT / folder) if folder != "figures" else (tmp_path / folder).mkdir()
    (tmp_path / "figures/runs").symlink_to(ROOT / "figures/runs")
    light = tmp_path / "figures/svg/residual-block-light.svg"
    light.parent.mkdir()
    light.write_bytes((ROOT / "figures/svg/residual-block-light.svg").read_bytes())

    def draw() -> str:
        program = (
            "import sys; from pathlib import Path; from course import paths; from scripts import render; "
        )
        program += f"paths.SVG = Path({str(light.parent)!r}); paths.PRINT = paths.SVG.parent / 'print'; "
        program += "sys.argv = ['render.py', '--print', 'residual-block']; render.main()"
        return subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    assert [draw(), draw()] == ["1 of 1 figures drawn for print\n", "0 of 1 figures drawn for print\n"]
    light.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    assert draw() == "1 of 1 figures drawn for print\n"


@pytest.mark.parametrize(
    "name, words",
    [
        ("gradient-by-layer", "Gradient by layer"),
        ("relu-signal", "ReLU signal"),
        ("cifar10-short", "CIFAR-10 short"),
        ("pre-activations", "Pre-activations"),
    ],
)
def test_a_figure_has_a_title_that_reads_well(name, words):
    assert title(name) == words
