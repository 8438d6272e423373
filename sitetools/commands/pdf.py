"""Print the whole course as one PDF: cover, contents,
and every page of the built site in the order of its navigation.

    make pdf                               build, then print to site/going-deeper.pdf
    python -m sitetools.commands.pdf [FOLDER]       print a site that is built

Links between pages become links within the PDF. Nothing is fetched: the pages are put together in the folder
of the site. They are printed twice: the first print tells the contents where each page begins.
"""

import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup, Tag
from jinja2 import Template
from pypdf import PdfReader

from sitetools.commands.browser import chromium

NAME = "going-deeper.pdf"
BOOK = Path(__file__).parent / "book.html"
FOOT = (
    '<div style="width: 100%; font: 8pt sans-serif; text-align: center; color: #575f6d">'
    '<span class="pageNumber"></span></div>'
)


def main(site: Path) -> None:
    if not (site / "index.html").is_file():
        sys.exit(f"error: there is no site in {site}: run make site first")
    together = site / "together.html"
    try:
        with chromium() as browser:
            together.write_text(book(site), encoding="utf-8")
            printed(browser, together, site / NAME)
            together.write_text(book(site, beginnings(site / NAME)), encoding="utf-8")
            printed(browser, together, site / NAME)
    finally:
        together.unlink(missing_ok=True)
    print(f"{site / NAME}: {(site / NAME).stat().st_size / 1e6:.1f} MB")


def printed(browser, page: Path, pdf: Path) -> None:
    # Without scripts, as on paper: what needs one shows what stands in its place.
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(page.resolve().as_uri(), wait_until="networkidle")
    tab.pdf(
        path=pdf,
        prefer_css_page_size=True,
        print_background=True,
        outline=True,
        tagged=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOT,
    )


def beginnings(pdf: Path) -> dict[str, int]:
    """By the identifiers of a printed book: on which of its pages each stands, the cover being the first."""
    reader = PdfReader(pdf)
    return {
        name.removeprefix("/"): (reader.get_destination_page_number(place) or 0) + 1
        for name, place in reader.named_destinations.items()
    }


def book(site: Path, begins: dict[str, int] | None = None) -> str:
    """The pages of the site as one, each an article; what they load and link to is where it was. begins:
    see beginnings.
    """
    home = parsed(site / "index.html")
    links = home.select(".md-nav--primary a.md-nav__link[href$='.html']")
    pages = {name: parsed(site / name).article for name in (unquote(link["href"]) for link in links)}
    for name, article in pages.items():
        bind(name, article, set(pages))
    titles = {name: article.h1.get_text(" ", strip=True) for name, article in pages.items()}
    rights = home.select_one(".md-copyright").get_text(" ", strip=True)
    return Template(BOOK.read_text(encoding="utf-8")).render(
        title=home.title.text,
        style=home.select_one('link[rel="stylesheet"]')["href"],
        description=home.select_one('meta[name="description"]')["content"],
        rights=f"{rights.partition('. No cookies')[0]}.",
        entries={key(name): title for name, title in titles.items() if name != "index.html"},
        begins=begins or {},
        articles="\n".join(str(article) for article in pages.values()),
    )


def parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def key(name: str, anchor: str = "") -> str:
    """An identifier that is a page's own among all pages."""
    return re.sub(r"\W+", "-", name.removesuffix(".html")) + (f"--{anchor}" if anchor else "")


def bind(name: str, article: Tag, pages: set[str]) -> None:
    """Make the page a part of the book: its identifiers its own, its addresses those of the book."""
    # The figure that stands in for an explorer is on its page under its own name, too.
    for unwanted in article.select(
        ".headerlink, script, link, .progress, .md-button, .md-source-file, .still > figure"
    ):
        unwanted.decompose()
    for tag in article.select("[id]"):
        tag["id"] = key(name, tag["id"])
    article.h1["id"] = key(name)
    folder = PurePosixPath(name).parent
    for image in article.select("img"):
        image["loading"] = "eager"
        if not image["src"].startswith("data:"):
            image["src"] = normpath((folder / image["src"]).as_posix())
    for link in article.select("a[href]"):
        address, anchor = urldefrag(link["href"])
        if re.match(r"[a-z]+:", address):
            continue
        target = normpath((folder / address).as_posix()) if address else name
        if target in pages:
            link["href"] = f"#{key(target, anchor)}"
        else:
            del link["href"]  # a file beside the pages: a drawing, a record, a notebook


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ["site"]))
