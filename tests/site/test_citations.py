"""Pages cite by keys: each key has an entry, each entry is cited, and both ends of a citation are links."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sitetools.syntax.citations import BIBLIOGRAPHY, read
from tests.pages import article, parsed

ROOT = Path(__file__).parents[2]

SMALL = """
@inproceedings{he2016deep, author = {He, K. and Zhang, X. and Ren, S.}, title = {{Deep Residual Learning}}, booktitle = {CVPR},
  year = {2016}, doi = {10.1109/CVPR.2016.90}, eprint = {1512.03385}}
@inproceedings{he2016identity, author = {He, K. and Zhang, X. and Ren, S.}, title = {{Identity Mappings}}, booktitle = {ECCV}, year = {2016}}
@inproceedings{glorot2010, author = {Glorot, X. and Bengio, Y.}, title = {{Understanding the difficulty}}, booktitle = {AISTATS}, year = {2010}}
@misc{hochreiter1991, author = {Hochreiter, S.}, title = {{Untersuchungen}}, howpublished = {Diploma thesis}, year = {1991}}
@inproceedings{szegedy2015, author = {Szegedy, C. and others}, title = {{Going Deeper}}, booktitle = {CVPR}, year = {2015}}
"""
LIST = "# References\n\n{{ references }}\n"


@pytest.fixture
def build(small_site):
    return lambda text: small_site(
        {"pages/page.md": f"# Page\n\n{text}\n", "references.md": LIST, "references.bib": SMALL}
    )


@pytest.mark.parametrize(
    "written, read",
    [
        ("Deeper [@he2016deep].", "Deeper (He et al. 2016a)."),
        ("Deeper [@he2016deep, section 4.1].", "Deeper (He et al. 2016a, section 4.1)."),
        (
            "Known [@glorot2010, Figures 7 and 8; @hochreiter1991].",
            "Known (Glorot and Bengio 2010, Figures 7 and 8; Hochreiter 1991).",
        ),
        ("As @szegedy2015 say.", "As Szegedy et al. (2015) say."),
        ("As @he2016identity [section 2] say.", "As He et al. (2016b, section 2) say."),
        ("As @glorot2010\n[section 3] say.", "As Glorot and Bengio (2010, section 3) say."),
        ("As @glorot2010 [here](#page) say.", "As Glorot and Bengio (2010) here say."),
        (
            "Write to me@example.org, or <https://example.org/@glorot2010>.",
            "Write to me@example.org, or https://example.org/@glorot2010.",
        ),
        ("Type `[@he2016deep]`.", "Type [@he2016deep]."),
    ],
)
def test_a_citation_reads_as_author_and_year(build, written, read):
    assert article(build(written), "pages/page.html").p.text == read


@pytest.mark.parametrize(
    "text",
    [
        "Text [@he2016deep].",
        "- a list\n\n    !!! note\n\n        Text @he2016deep.",
        "| a |\n|---|\n| @he2016deep [Table 3] |",
    ],
)
def test_a_citation_links_to_its_entry_and_shows_it_on_hover(build, text):
    link = article(build(text), "pages/page.html").select_one("a.citation")
    assert link["href"] == "../references.html#he2016deep"
    assert (
        link["title"]
        == "K. He, X. Zhang, and S. Ren. Deep Residual Learning. In CVPR. 2016. arXiv:1512.03385, doi:10.1109/CVPR.2016.90."
    )


def test_an_entry_has_its_key_as_anchor_its_links_and_the_pages_that_cite_it(build):
    entries = article(build("Deeper [@he2016deep], and deeper [@he2016deep, section 4]."), "references.html")
    entry = entries.select_one("dt#he2016deep").find_next("dd")
    assert [a["href"] for a in entry.select("a")] == [
        "https://arxiv.org/abs/1512.03385",
        "https://doi.org/10.1109/CVPR.2016.90",
        "pages/page.html",
    ]
    assert entry.select_one(".backlinks").text == "Cited in Page"


def test_the_pages_are_listed_in_the_order_of_the_course(site):
    page = parsed(site / "references.html")
    course = [link.get_text(strip=True) for link in page.select(".md-nav--primary .md-nav__link")]
    for citing in page.select("dl.references .backlinks"):
        titles = [link.text for link in citing.select("a")]
        assert titles == sorted(titles, key=course.index)


@pytest.mark.parametrize(
    "text", ["Deeper [@he2016deap].", "Deeper [@he2016deep, section 1; @he2016deap].", "As @he2016deap say."]
)
def test_an_unknown_key_stops_the_build_which_names_the_page_and_the_keys(build, text):
    complaint = build(text)
    assert "page.md" in complaint and "unknown key 'he2016deap'" in complaint
    assert "glorot2010, he2016deep, he2016identity, hochreiter1991, szegedy2015" in complaint


def test_what_is_no_citation_stops_the_build(build):
    assert "[@he2016deep section 4] is no citation: write [@key]" in build("Deeper [@he2016deep section 4].")


def uncited(entries: BeautifulSoup) -> list[str]:
    return [
        term["id"]
        for term in entries.select("dl.references dt")
        if not term.find_next("dd").select(".backlinks a")
    ]


def test_every_entry_of_the_bibliography_is_cited(site):
    assert uncited(article(site, "references.html")) == []


def test_an_entry_that_no_page_cites_is_noticed(build):
    assert uncited(article(build("Deeper [@he2016deep]."), "references.html")) == [
        "glorot2010",
        "he2016identity",
        "hochreiter1991",
        "szegedy2015",
    ]


def test_every_entry_can_be_looked_up(site):
    """By its DOI, on arXiv or at its address; but for those that have none."""
    entries = article(site, "references.html")
    without = [
        term["id"]
        for term in entries.select("dl.references dt")
        if not term.find_next("dd").select('a[href^="http"]')
    ]
    assert without == ["glorot2010", "hochreiter1991", "nair2010"]


NAMED = re.compile(r"\b[A-Z][\w-]+(?: et al\.| and [A-Z][\w-]+) \d{4}[a-z]?\b")


def strangers(text: str) -> set[str]:
    """Papers that are named as in a citation, but are none of the bibliography: "He et al. 2016",
    where there are two.
    """
    papers = read(BIBLIOGRAPHY)
    return set(NAMED.findall(text)) - {papers.label(key) for key in papers.keys}


def test_code_names_papers_as_the_pages_do():
    files = [
        *ROOT.glob("*.md"),
        *(
            path
            for folder in ("course", "scripts", "sitetools", "docs")
            for path in (ROOT / folder).rglob("*.py")
        ),
    ]
    assert {
        path.name: found for path in files if (found := strangers(path.read_text(encoding="utf-8")))
    } == {}


def test_a_paper_by_another_name_is_noticed():
    assert strangers("He et al. 2016a, Yang et al. 2019; He et al. 2016, Glorot and Bengio 2011.") == {
        "He et al. 2016",
        "Glorot and Bengio 2011",
    }


def test_papers_are_cited_by_key_never_by_a_link_to_the_list():
    pages = (ROOT / "docs").rglob("*.md")
    assert [page.name for page in pages if "references.md#" in page.read_text(encoding="utf-8")] == []
