"""A Python-Markdown extension: a number and its percent sign stay on one line, as "3.57 %" is written with a space."""
import re
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

APART = re.compile(r"(?<=\d) %")
AS_WRITTEN = {"code", "pre", "script", "style"}


class Percent(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        if root.tag not in AS_WRITTEN:
            root.text = join(root.text)
            for child in root:
                self.run(child)
                child.tail = join(child.tail)


def join(text: str | None) -> str | None:
    return text and APART.sub("\N{NO-BREAK SPACE}%", text)


class PercentExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(Percent(md), "percent", priority=2)


def makeExtension(**options) -> PercentExtension:
    return PercentExtension(**options)
