"""Print the whole course as one PDF: cover, contents,
and every page of the built site in the order of its navigation.

    make pdf                               build, then print to site/going-deeper.pdf
    python -m sitetools.commands.pdf [FOLDER]       print a site that is built

Links between pages become links within the PDF. Nothing is fetched: the pages are put together in the folder
of the site. They are printed twice: the first print tells the contents where each page begins.
"""

import argparse
import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

from sitetools.commands.browser import MISSING, chromium, executable

NAME = "going-deeper.pdf"
LOOK = """
article { break-before: page; }
.cover { height: 240mm; display: flex; flex-direction: column; justify-content: center; }
.cover h1 { font-size: 40pt !important; margin: 0 0 0.4em !important; }
.cover p { max-width: 110mm; }
.contents { break-before: page; }
.contents ol { list-style: none; margin: 0 !important; padding: 0; }
.contents li { display: flex; margin: 0.4em 0 !important; }
.contents li::before { order: 1; content: ""; flex: 1; border-bottom: 1px dotted #575f6d; margin: 0 0.5em 0.35em; }
.contents span { order: 2; min-width: 2em; text-align: right; font-variant-numeric: tabular-nums; }
"""
FOOT = '<div style="width: 100%; font: 8pt sans-serif; text-align: center; color: #575f6d"><span class="pageNumber"></span></div>'


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "site",
        type=Path,
        nargs="?",
        default=Path("site"),
        help="the folder of the built site (default: site)",
    )
    args = parser.parse_args()
    if not executable():
        sys.exit(f"error: {MISSING}")
    if not (args.site / "index.html").is_file():
        sys.exit(f"error: there is no site in {args.site}: run make site first")
    together = args.site / "together.html"
    try:
        with chromium() as browser:
            together.write_text(book(args.site), encoding="utf-8")
            printed(browser, together, args.site / NAME)
            together.write_text(book(args.site, beginnings(args.site / NAME)), encoding="utf-8")
            printed(browser, together, args.site / NAME)
    finally:
        together.unlink(missing_ok=True)
    print(f"{args.site / NAME}: {(args.site / NAME).stat().st_size / 1e6:.1f} MB")


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
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def book(site: Path, begins: dict[str, int] | None = None) -> str:
    """The pages of the site as one, each an article; what they load and link to is where it was. begins:
    see beginnings.
    """
    home = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    names = list(
        dict.fromkeys(
            urldefrag(unquote(link["href"])).url
            for link in home.select(".md-nav--primary a.md-nav__link[href]")
        )
    )
    pages = {
        name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser").article
        for name in names
        if name.endswith(".html")
    }
    for name, article in pages.items():
        bind(name, article, set(pages))
    titles = {name: article.h1.get_text(" ", strip=True) for name, article in pages.items()}
    begins = begins or {}
    entries = {key(name): title for name, title in titles.items() if name != "index.html"}
    contents = "".join(
        f'<li><a href="#{place}">{title}</a><span>{begins.get(place, "")}</span></li>'
        for place, title in entries.items()
    )
    description = home.select_one('meta[name="description"]')["content"]
    style = home.select_one('link[rel="stylesheet"]')["href"]
    rights = home.select_one(".md-copyright").get_text(" ", strip=True)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{home.title.text}</title><link rel="stylesheet" href="{style}"><style>{LOOK}</style></head>
<body dir="ltr" data-md-color-scheme="default" data-md-color-primary="custom" data-md-color-accent="custom"><main class="md-content md-typeset">
<section class="cover"><h1>{home.title.text}</h1><p>{description}</p><p>{rights.split(". No cookies")[0]}.</p></section>
<nav class="contents"><h2>Contents</h2><ol>{contents}</ol></nav>
{"".join(str(article) for article in pages.values())}
</main></body></html>"""


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
    main()
