"""An entry of the references or of the glossary lists the pages that link to it, once all pages are known."""

import html
import re
from urllib.parse import urljoin

from mkdocs.structure.pages import Page

ADDRESS = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
PLACE = re.compile(r'<p class="backlinks" data-to="([^"]+)">([^<]*)</p>')


def fill(page: Page, pages: list[Page]) -> None:
    """Write the lists where a part has left a place: <p class="backlinks" data-to="anchor">Cited in</p>
    becomes "Cited in ImageNet, VGG", in the order of `pages`. A link within a page does not count; an entry
    without any keeps its place empty.
    """
    if not PLACE.search(page.content or ""):
        return
    others = [(other, targets(other)) for other in pages if other is not page]

    def listed(place: re.Match) -> str:
        links = ", ".join(
            f'<a href="{other.file.url_relative_to(page.file)}">{html.escape(other.title)}</a>'
            for other, found in others
            if f"/{page.url}#{place[1]}" in found
        )
        return f'<p class="backlinks">{place[2]} {links}</p>' if links else '<p class="backlinks"></p>'

    page.content = PLACE.sub(listed, page.content or "")


def targets(page: Page) -> set[str]:
    """Where the links of a page lead, from the root of the site."""
    return {urljoin(f"/{page.url}", html.unescape(link)) for link in ADDRESS.findall(page.content or "")}
