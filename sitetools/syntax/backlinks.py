"""An entry of the references or of the glossary lists the pages that link to it,
once all the pages are known.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree

from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

ADDRESS = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
PLACE = re.compile(r'<p class="backlinks" data-to="([^"]+)">([^<]*)</p>')


def pages_that_link_to(anchor: str, words: str) -> ElementTree.Element:
    """The place for the list, which `fill` finds: "Cited in" becomes "Cited in ImageNet, VGG"."""
    place = ElementTree.Element("p", {"class": "backlinks", "data-to": anchor})
    place.text = words
    return place


def in_order(pages: list[Page]) -> list[Page]:
    """As the course is read, then the pages that stand nowhere in the navigation."""
    chain = [page for page in pages if page.next_page and not page.previous_page][:1]
    while chain and chain[-1].next_page:
        chain.append(chain[-1].next_page)
    return [page for page in chain if page in pages] + [page for page in pages if page not in chain]


def fill(files: Iterable[File]) -> None:
    """Write the lists into the pages. A link within a page does not count;
    an entry without any keeps its place empty.
    """
    pages = in_order([file.page for file in files if file.page and file.page.content])
    linking = defaultdict(list)
    for page in pages:
        for address in ADDRESS.findall(page.content):
            target, anchor = urldefrag(urljoin(f"/{page.url}", html.unescape(address)))
            if page not in linking[target, anchor]:
                linking[target, anchor].append(page)

    for page in pages:

        def listed(found: re.Match) -> str:
            others = [other for other in linking[f"/{page.url}", found[1]] if other is not page]
            links = [
                f'<a href="{other.file.url_relative_to(page.file)}">{html.escape(other.title)}</a>'
                for other in others
            ]
            return (
                f'<p class="backlinks">{found[2]} {", ".join(links)}</p>'
                if links
                else '<p class="backlinks"></p>'
            )

        page.content = PLACE.sub(listed, page.content)
