"""The first use of a term on a page shows its definition; every term is used, and what explains it exists."""

import pytest
from bs4 import BeautifulSoup

from sitetools.syntax.glossary import TERMS, read
from tests.pages import article

TOML = """
[relu]
term = "ReLU"
words = ["ReLUs?", "rectified linear units?"]
text = "max(0, x)."
page = "pages/page.md"

[he-initialisation]
term = "He initialisation"
words = ["He initialisation"]
text = "Variance 2/fan-in."
page = "pages/page.md"

[initialisation]
term = "Initialisation"
words = ["initialisation", "He initial"]
text = "How weights start."
page = "pages/page.md"
"""


@pytest.fixture
def build(small_site):
    return lambda text: small_site(
        {
            "pages/page.md": f"# ReLU\n\n{text}\n",
            "glossary.md": "# Glossary\n\n{{ glossary }}\n",
            "glossary.toml": TOML,
        }
    )


@pytest.fixture
def links(build):
    return lambda text: [
        (a.text, a["href"].partition("#")[2])
        for a in article(build(text), "pages/page.html").select("a.term")
    ]


def test_a_term_leads_to_its_entry_and_shows_its_definition(build):
    link = article(build("A ReLU."), "pages/page.html").select_one("a.term")
    assert (link.text, link["href"], link["title"]) == ("ReLU", "../glossary.html#relu", "max(0, x).")


@pytest.mark.parametrize(
    "text, found",
    [
        ("ReLUs, a ReLU.\n\nA rectified linear unit.", [("ReLUs", "relu")]),
        (
            "Initialisation, then a *rectified\nlinear unit* and initialisation.",
            [("Initialisation", "initialisation"), ("rectified\nlinear unit", "relu")],
        ),
        (
            "He initialisation, initialisation.",
            [("He initialisation", "he-initialisation"), ("initialisation", "initialisation")],
        ),
        (
            "- a ReLU\n\n    !!! note\n\n        He initialisation",
            [("ReLU", "relu"), ("He initialisation", "he-initialisation")],
        ),
        ("PReLU, ReLU-net, pre-initialisation.", []),
        (
            '## ReLU\n\n`ReLU`, [ReLU](page.md), $\\text{ReLU}$\n\n| ReLU |\n|---|\n| ReLU |\n\n```text\nReLU\n```\n\n!!! note "ReLU"\n\n    Text.',
            [],
        ),
    ],
)
def test_the_first_use_in_running_text_is_marked_and_nothing_else(links, text, found):
    assert links(text) == found


def test_no_word_of_the_page_is_lost(build):
    text = "First a ReLU, then He initialisation, *then a ReLU* again, `code` and initialisation; the end."
    assert article(build(text), "pages/page.html").p.text == text.replace("*", "").replace("`", "")


def test_an_entry_has_an_anchor_and_the_pages_that_explain_and_use_it(build):
    entries = article(build("A ReLU."), "glossary.html")
    assert entries.select_one("dt#relu .headerlink")["href"] == "#relu"
    assert [a["href"] for a in entries.select_one("dt#relu").find_next("dd").select("a")] == [
        "pages/page.html",
        "pages/page.html",
    ]
    assert entries.select("a.term") == []


def unused(entries: BeautifulSoup) -> list[str]:
    return [
        term["id"]
        for term in entries.select("dl.glossary dt")
        if not term.find_next("dd").select(".backlinks a")
    ]


def test_every_term_is_used_on_a_page(site):
    entries = article(site, "glossary.html")
    assert len(entries.select("dl.glossary dt")) == len(read(TERMS)) >= 48
    assert unused(entries) == []


def test_a_term_that_no_page_uses_is_noticed(build):
    assert unused(article(build("A ReLU."), "glossary.html")) == ["he-initialisation", "initialisation"]


def test_a_page_that_explains_a_term_must_exist(small_site):
    complaint = small_site({"glossary.md": "# Glossary\n\n{{ glossary }}\n", "glossary.toml": TOML})
    assert "pages/page.md" in complaint and "glossary.md" in complaint


def test_an_entry_that_lacks_something_stops_the_build_and_says_what(small_site):
    complaint = small_site({"page.md": "# Page\n\nText.\n", "glossary.toml": '[relu]\nterm = "ReLU"\n'})
    assert "glossary.toml: [relu] lacks 'words'" in complaint
