"""The course as one document: every page in order, links between pages that lead to places in it,
and a PDF from it.
"""

import re

import pytest
from bs4 import BeautifulSoup

from sitetools.commands import pdf

PAGES = {
    "index.md": "# Home\n\n[There](page.md#place), [its head](page.md), [outside](https://example.org/).\n",
    "page.md": '# Page\n\n## Place\n\n[Back](index.md), [here](#place).\n\n??? note "Folded"\n\n    On paper this is seen.\n',
}


@pytest.mark.slow
def test_every_link_within_the_course_leads_to_a_place_in_the_document(site, small_site):
    for folder in (site, small_site(PAGES)):
        document = BeautifulSoup(pdf.book(folder), "html.parser")
        places = [tag["id"] for tag in document.select("[id]")]
        assert len(places) == len(set(places))
        links = [link["href"] for link in document.select("a[href]")]
        assert [link for link in links if not link.startswith(("#", "http"))] == []
        assert {link[1:] for link in links if link.startswith("#")} <= set(places)
        images = [
            image["src"].split("#")[0]
            for image in document.select("img")
            if not image["src"].startswith("data:")
        ]
        assert [image for image in images if not (folder / image).is_file()] == []


def test_the_document_holds_every_page_once_in_the_order_of_the_navigation(small_site):
    document = BeautifulSoup(pdf.book(small_site(PAGES)), "html.parser")
    assert [article.h1.get_text(strip=True) for article in document.select("article")] == ["Home", "Page"]
    assert [item.text for item in document.select(".contents li")] == ["Page"]


def test_the_document_is_printed(browser, small_site):
    site = small_site(PAGES)
    (site / "together.html").write_text(pdf.book(site), encoding="utf-8")
    pdf.printed(browser, site / "together.html", site / pdf.NAME)
    printed = (site / pdf.NAME).read_bytes()
    assert printed.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", printed)) == 4, (
        "a cover, the contents and two pages"
    )
    begins = pdf.beginnings(site / pdf.NAME)
    assert (begins["index"], begins["page"], begins["page--place"]) == (3, 4, 4)
    contents = BeautifulSoup(pdf.book(site, begins), "html.parser").select(".contents li")
    assert [[part.text for part in entry] for entry in contents] == [["Page", "4"]]


def test_on_paper_a_page_is_light_and_what_is_folded_is_seen(browser, small_site):
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto((small_site(PAGES) / "page.html").as_uri())
    assert tab.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert not tab.get_by_text("On paper this is seen.").is_visible()
    tab.emulate_media(media="print")
    assert tab.get_by_text("On paper this is seen.").is_visible()
    assert tab.evaluate("getComputedStyle(document.querySelector('article h1')).color") == "rgb(29, 34, 43)"
    assert not tab.locator(".md-header").is_visible()
    context.close()
