"""`{{ references }}`, `{{ glossary }}`, ...: a list of everything there is of a kind,
on a line of its own.
"""

import re
from xml.etree import ElementTree

from markdown.blockprocessors import BlockProcessor


class Listing(BlockProcessor):
    """A subclass names its WORD and appends the list in `fill`."""

    WORD: str

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return bool(re.fullmatch(rf"\{{\{{ *{self.WORD} *\}}\}}", block.strip()))

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        blocks.pop(0)
        self.fill(parent)

    def fill(self, parent: ElementTree.Element) -> None:
        raise NotImplementedError
