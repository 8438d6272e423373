"""What stops a page or a drawing from being published: it would run something, load something from
elsewhere, or show a reader what it is made with, such as a directive or a formula that nothing has replaced.

Scripts come from our own templates and build alone, and sitetools.build.policy names those to the browser.
"""

import re
from functools import lru_cache

from bs4 import BeautifulSoup, Tag
from mkdocs.exceptions import PluginError

REFUSED = [
    "applet",
    "base",
    "embed",
    "frame",
    "iframe",
    "link",
    "meta",
    "object",
    "portal",
    "script",
    "style",
]
ADDRESSES = [
    "action",
    "background",
    "data",
    "formaction",
    "href",
    "manifest",
    "ping",
    "poster",
    "src",
    "srcset",
    "xlink:href",
]
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)  # where a reader goes only by choosing to
# Directives, fences, formulas, snippets, admonitions, tabs, citations, footnotes, links, attributes.
MACHINERY = re.compile(
    r"\{\{|\}\}|```|~~~|\$|\\[(\[]|--8<--|^(?:!!!|\?\?\?) |^=== \"|\[[@^]|\]\(|\{:? *[.#]\w", re.MULTILINE
)
QUOTED = ["code", "pre", "script", "style", "math"]  # shown as they are written, or not at all
SPOKEN = ("alt", "title", "aria-label")


@lru_cache(maxsize=100)  # a page that is kept is not looked through again
def check_page(content: str, name: str) -> None:
    """Raises PluginError for what may not stand in page `name`."""
    page = harmless(content, name)
    for element in page(QUOTED):
        element.decompose()
    spoken = [element[each] for each in SPOKEN for element in page.select(f"[{each}]")]
    for text in [*page.find_all(string=True), *spoken]:
        if found := MACHINERY.search(text):
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].strip()
            raise PluginError(
                f"{name} would show a reader {line[:80]!r}: nothing has replaced it, see how it is written "
                "on another page"
            )


def harmless(content: str, name: str) -> BeautifulSoup:
    """The page or drawing `name`. Raises PluginError for an element that may not stand in it."""
    page = BeautifulSoup(content, "html.parser")
    for element in page.find_all(True):
        if fault := refusal(element):
            raise PluginError(
                f"{name}: {fault} may not stand in a page ({str(element)[:80]!r}): scripts belong in "
                "docs/assets, pictures into docs/"
            )
    return page


def refusal(element: Tag) -> str:
    """What is wrong with the element, or ""."""
    if element.name in REFUSED:
        return f"<{element.name}>"
    for name, value in element.attrs.items():
        written = value if isinstance(value, str) else " ".join(value)
        address = re.sub(r"[\x00-\x20]+", "", written)  # as a browser reads it
        if name.lower().startswith("on"):
            return f"the event {name}"
        if name.lower() == "style" and re.search(r"url\(|@import|expression\(|\\", address, re.IGNORECASE):
            return "a style that loads something"
        if name.lower() in ADDRESSES:
            chosen = element.name == "a" and name.lower() == "href" and LINK.match(address)
            if not chosen and any(map(ELSEWHERE.match, address.split(","))):  # a srcset holds several
                return f"the address {value!r}"
    return ""
