"""No page shows a reader what it is made with, such as a directive or a formula that nothing has replaced."""

import re

from bs4 import BeautifulSoup
from mkdocs.exceptions import PluginError

# Directives, fences, formulas, snippets, admonitions, tabs, citations, footnotes, links, attributes.
MACHINERY = re.compile(
    r"\{\{|\}\}|```|~~~|\$|\\[(\[]|--8<--|^(?:!!!|\?\?\?) |^=== \"|\[[@^]|\]\(|\{:? *[.#]\w", re.MULTILINE
)
QUOTED = ["code", "pre", "script", "style", "math"]  # shown as they are written, or not at all
SPOKEN = ("alt", "title", "aria-label")


def check(content: str, name: str) -> None:
    """Raises PluginError for the first piece of machinery in the content of page `name`."""
    page = BeautifulSoup(content, "html.parser")
    for element in page(QUOTED):
        element.decompose()
    texts = [
        *page.find_all(string=True),
        *(element[each] for each in SPOKEN for element in page.select(f"[{each}]")),
    ]
    for text in texts:
        if found := MACHINERY.search(text):
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].strip()
            raise PluginError(
                f"{name} would show a reader {line[:80]!r}: nothing has replaced it, see how it is written "
                "on another page"
            )
