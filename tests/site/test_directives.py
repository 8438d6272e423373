"""What a page shows of the experiments and of the code is fetched by name,
and an unknown name stops the build.
"""

import inspect
import json
from types import SimpleNamespace

import pytest

from course import CourseError
from course.report import measured, tables
from tests.pages import article

MANIFEST = json.dumps(
    {
        "depth": {
            "alt": "The deeper curve lies higher.",
            "caption": "**Deeper is worse**, by {{ measured gap }}, for $L = 56$.",
            "width": 640,
            "height": 360,
            "basis": "",
            "experiments": ["digits"],
            "records": ["digits-plain-20-seed0.json", "digits-plain-56-seed0.json"],
            "source": "course/figures/degradation.py:degradation",
            "command": "python scripts/render.py depth",
            "seeds": 1,
            "device": "2 CPU cores",
        }
    }
)


@pytest.fixture(autouse=True)
def measurements(monkeypatch):
    """Stand-ins for the modules that read the records: these tests are about pages, not about numbers."""

    def legal(name, known):
        if name not in known:
            raise CourseError(f"unknown name {name!r}: choose one of {', '.join(known)}")
        return known[name]

    number = SimpleNamespace(text="55.1 ± 3.2 %", source="plain-56, 3 seeds")
    monkeypatch.setattr(measured, "measured", lambda name: legal(name, {"gap": number}))
    table = "| net | error |\n|---|--:|\n| plain | {{ measured gap }} |"
    monkeypatch.setattr(tables, "table", lambda name: legal(name, {"errors": table}))


@pytest.fixture
def page(small_site, tmp_path):
    """The content of a page in a subfolder, beside drawn figures and their records."""
    for folder in ("svg", "runs"):
        (tmp_path / "figures" / folder).mkdir(parents=True)
    for name in (
        "svg/depth-light.svg",
        "svg/depth-dark.svg",
        "runs/digits-plain-20-seed0.json",
        "runs/digits-plain-56-seed0.json",
    ):
        (tmp_path / "figures" / name).write_text(
            "<svg xmlns='http://www.w3.org/2000/svg'/>" if name.endswith("svg") else "{}"
        )

    def build(text: str):
        built = small_site({"labs/page.md": f"# Page\n\n{text}\n"}, MANIFEST)
        assert not isinstance(built, str), built
        return article(built, "labs/page.html")

    return build


def test_a_figure_has_two_looks_and_one_alt_text(page):
    figure = page("{{ figure depth }}").select_one("figure#figure-depth")
    light, dark = figure.select("img")
    assert (light["src"], dark["src"]) == (
        "../figures/svg/depth-light.svg#only-light",
        "../figures/svg/depth-dark.svg#only-dark",
    )
    assert light["alt"] == dark["alt"] == "The deeper curve lies higher."
    assert (light["width"], light["height"], light["loading"]) == ("640", "360", "lazy")


def test_a_caption_is_markdown_with_numbers_and_formulas(page):
    caption = page("{{ figure depth }}").figcaption
    assert caption.strong.text == "Deeper is worse"
    assert caption.select_one(".measured").text == "55.1\xa0±\xa03.2\xa0%"
    assert caption.select_one("math")


def test_a_figure_says_what_made_it_and_its_links_lead_to_published_files(page, tmp_path):
    caption = page("{{ figure depth }}").figcaption
    assert caption.select_one("p.provenance").text.startswith("2 runs · 1 seed · 2 CPU cores")
    assert (
        "Drawn by degradation in course/figures/degradation.py" in caption.details.text
        and "python scripts/render.py depth" in caption.details.text
    )
    links = {a.text: a["href"] for a in caption.select(".provenance a")}
    assert list(links) == [
        "light",
        "dark",
        "PDF for print",
        "data: digits",
        "course/figures/degradation.py",
        "Its records, and a line to cite it by",
    ]
    assert all((tmp_path / "site/labs" / link.partition("#")[0]).is_file() for link in links.values())


@pytest.mark.parametrize("container", ["!!! note", "??? note", '=== "Tab"', "- item"])
@pytest.mark.parametrize(
    "line, found",
    [
        ("{{ figure depth }}", "figure"),
        ("{{ table errors }}", "table"),
        ("{{ source course.networks.layers.Block }}", "pre"),
    ],
)
def test_a_directive_works_inside_admonitions_tabs_and_lists(page, container, line, found):
    content = page(f"{container}\n\n    Text.\n    {line}\n    More text.\n")
    assert content.select_one(f".admonition {found}, details {found}, .tabbed-block {found}, li {found}")
    assert "Text." in content.text and "More text." in content.text and "{{" not in content.text


def test_a_link_to_a_figure_is_checked_like_any_other(page, small_site):
    assert page("[see](#figure-depth)\n\n{{ figure depth }}").select_one("a[href='#figure-depth']")
    assert "figure-breadth" in small_site({"labs/page.md": "# Page\n\n[see](#figure-breadth)\n"}, MANIFEST)


def test_a_table_scrolls_inside_a_box_that_the_keyboard_reaches(page):
    box = page("{{ table errors }}").select_one("div.table")
    assert box["tabindex"] == "0" and box["aria-label"] and box.table.td.text == "plain"


def test_a_number_says_where_it_comes_from_in_text_headings_and_tables(page):
    content = page(
        "## By {{ measured gap }}\n\nIt is {{ measured gap }}.\n\n| a |\n|---|\n| {{ measured gap }} |\n"
    )
    for place in ("h2", "p", "td"):
        number = content.select_one(f"{place} .measured")
        assert (number.text, number["title"]) == ("55.1\xa0±\xa03.2\xa0%", "plain-56, 3 seeds")


def test_a_number_keeps_its_percent_sign_on_its_line_and_code_is_left_alone(page):
    content = page("It errs in 3.57 % of the cases, **4.49 %**, `5 %`.\n\n```output\n6 %\n```\n")
    assert content.p.text == "It errs in 3.57\xa0% of the cases, 4.49\xa0%, 5 %."
    assert content.select_one("pre").text.strip() == "6 %"


def test_code_is_left_as_it_is_written(page):
    content = page("`{{ measured gap }}`\n\n```text\n{{ figure depth }}\n```\n\n    {{ table errors }}\n")
    assert [code.text.strip() for code in content.select("code")] == [
        "{{ measured gap }}",
        "{{ figure depth }}",
        "{{ table errors }}",
    ]


def test_source_is_the_exact_text_of_the_object(page):
    from course.networks import Block

    content = page(
        "{{ source course.networks.layers.Block }}\n\n{{ source course.networks.layers.Block.forward }}"
    )
    whole, method = content.select(".course-source")
    assert whole.code.text == inspect.getsource(Block)
    assert method.code.text.startswith("def forward(") and "y = y + self.downsample(x)" in method.code.text
    assert whole.select_one(".filename").text == "course/networks/layers.py"


@pytest.mark.parametrize(
    "text, named",
    [
        ("{{ figure breadth }}", "unknown figure 'breadth': choose one of depth"),
        ("{{ table nothing }}", "unknown name 'nothing': choose one of errors"),
        ("It is {{ measured nothing }}.", "unknown name 'nothing': choose one of gap"),
        (
            "{{ source course.networks.layers.Blok }}",
            "no source 'course.networks.layers.Blok': course/networks/layers.py defines Block, BasicBlock",
        ),
        ("{{ source course.networks.leyers.Block }}", "no source 'course.networks.leyers.Block'"),
        ("It is {{ figure depth }} here.", "stand on a line of their own"),
        ("{{ figur depth }}", "{{ figur depth }} is not known here"),
        (r"A formula $\frac{1$ here.", r"the formula $\frac{1$ cannot be set"),
        (r"A formula $\nosuch$ here.", r"Unsupported function name: \nosuch"),
        ("A [link](nowhere.md).", "nowhere.md"),
        ("A [link](index.md#nowhere).", "nowhere"),
    ],
)
def test_what_is_unknown_stops_the_build_and_is_named(small_site, text, named):
    complaint = small_site({"page.md": f"# Page\n\n{text}\n"}, MANIFEST)
    assert isinstance(complaint, str), "the build went through"
    assert named in complaint and "page.md" in complaint


def test_a_fault_is_told_with_its_page_and_line(small_site):
    page = "---\ntitle: A page\n---\n\n# Page\n\nText.\n\n- item\n\n    {{ figure breadth }}\n"
    assert "page.md:11: unknown figure 'breadth': choose one of depth" in small_site(
        {"page.md": page}, MANIFEST
    )


def test_what_may_be_written_is_listed(small_site):
    complaint = small_site({"page.md": "# Page\n\n{{ figur depth }}\n"}, MANIFEST)
    assert "explorer NAME, figure NAME, figures, glossary, install, map NAME, pairs, playground," in complaint
    assert "stand on a line of their own, measured NAME in the text" in complaint
