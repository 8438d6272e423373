"""What is written in docs/ runs nothing and loads nothing from elsewhere: text, pictures, links are let in.

Scripts come from our own templates and build alone, and sitetools.build.policy names those to the browser.
"""

import re

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


def check(content: str, name: str) -> None:
    """Raises PluginError for what may not stand in page or drawing `name`."""
    for element in BeautifulSoup(content, "html.parser").find_all(True):
        if fault := refusal(element):
            raise PluginError(
                f"{name}: {fault} may not stand in a page ({str(element)[:80]!r}): scripts belong in "
                "docs/assets, pictures into docs/"
            )


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
