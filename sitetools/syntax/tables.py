"""A Python-Markdown extension: every table stands in a box that scrolls,
so that a wide one does not widen the page.
"""

from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor


class Scrolling(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        parents = [(parent, child) for parent in root.iter() for child in parent if child.tag == "table"]
        for parent, table in parents:
            # What scrolls must be reachable from the keyboard, and what is reachable needs a name.
            box = ElementTree.Element(
                "div", {"class": "table", "tabindex": "0", "role": "group", "aria-label": "Table"}
            )
            parent[list(parent).index(table)] = box
            box.append(table)
            box.tail, table.tail = table.tail, None
            for head in table.iter("th"):
                if not "".join(head.itertext()).strip():
                    head.tag = "td"  # a corner is no heading
            table.set("class", "data")  # the theme moves a table without a class into a box of its own


class TablesExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(Scrolling(md), "scrolling-tables", priority=1)


def makeExtension(**options) -> TablesExtension:
    return TablesExtension(**options)
