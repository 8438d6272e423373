"""An entry of the references or of the glossary lists the pages that link to it, once all pages are known."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from urllib.parse import urldefrag, urljoin

from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

ADDRESS = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
PLACE = re.compile(r'<p class="backlinks" data-to="([^"]+)">([^<]*)</p>')


def in_order(files: Iterable[File]) -> list[Page]:
    """The pages as the course is read, then those that stand nowhere in the navigation."""
    pages = [file.page for file in files if file.page]
    chain = [page for page in pages if page.next_page and not page.previous_page][:1]
    while chain and chain[-1].next_page:
        chain.append(chain[-1].next_page)
    return [page for page in chain if page in pages] + [page for page in pages if page not in chain]


def fill(files: Iterable[File]) -> None:
    """Write the lists where a part has left a place: <p class="backlinks" data-to="anchor">Cited in</p>
    becomes "Cited in ImageNet, VGG". A link within a page does not count; an entry without any keeps its
    place empty.
    """
    pages = [page for page in in_order(files) if page.content]
    linking: dict[tuple[str, str], dict[str, Page]] = defaultdict(dict)
    for page in pages:
        for address in ADDRESS.findall(page.content or ""):
            target, anchor = urldefrag(urljoin(f"/{page.url}", html.unescape(address)))
            linking[target, anchor][page.file.src_uri] = page
    for page in pages:
        page.content = PLACE.sub(partial(listed, page=page, linking=linking), page.content or "")


def listed(place: re.Match, page: Page, linking: dict[tuple[str, str], dict[str, Page]]) -> str:
    others = [other for other in linking[f"/{page.url}", place[1]].values() if other is not page]
    links = ", ".join(
        f'<a href="{other.file.url_relative_to(page.file)}">{html.escape(other.title)}</a>'
        for other in others
    )
    return f'<p class="backlinks">{place[2]} {links}</p>' if links else '<p class="backlinks"></p>'
