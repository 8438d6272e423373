"""Every page loads one style sheet, which finds the files that its parts name."""

import re

import pytest

from sitetools.build.stylesheet import moved
from tests.pages import parsed


@pytest.mark.parametrize(
    "css, found",
    [
        ("a { src: url(x.woff2) }", 'a { src: url("styles/x.woff2") }'),
        ("a { src: url('../x.svg') }", 'a { src: url("styles/../x.svg") }'),
        ("a { src: url(data:image/svg+xml;x) }", "a { src: url(data:image/svg+xml;x) }"),
        ("a { mask: url('data:x,<a fill=url(%23a)>') }", "a { mask: url('data:x,<a fill=url(%23a)>') }"),
    ],
)
def test_an_address_in_a_sheet_is_found_from_where_the_sheet_is_now(css, found):
    assert moved(css, "assets/styles/text.css") == found


def test_the_one_sheet_holds_the_theme_and_ours_and_leads_to_files_of_the_site(small_site):
    site = small_site({"page.md": "# Page\n"})
    page = parsed(site / "page.html")
    (sheet,) = (link["href"] for link in page.select("link[rel=stylesheet]"))
    css = (site / sheet).read_text(encoding="utf-8")
    assert ".md-header" in css and ".provenance" in css and list(site.glob("assets/styles/*.css")) == []
    addresses = re.findall(r'url\("(?!data:|%23)([^"]+)"\)', css)
    assert addresses and all((site / "assets" / address).is_file() for address in addresses)
