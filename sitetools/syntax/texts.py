"""The texts of a page's tree, of which some words become elements."""

from collections.abc import Callable
from xml.etree.ElementTree import Element


def rewrite(
    parent: Element, skipped: Callable[[Element], bool], parted: Callable[[str], tuple[str, list[Element]]]
) -> None:
    """Depth first, in the order in which a page is read. `parted` gives of a text what stands before the
    first new element, and the new elements, each with the text that follows it.
    """
    if skipped(parent):
        return
    children = list(parent)
    if parent.text:
        parent.text, parent[:0] = parted(parent.text)
    for child in children:
        rewrite(child, skipped, parted)
        if child.tail:
            after = list(parent).index(child) + 1
            child.tail, parent[after:after] = parted(child.tail)
