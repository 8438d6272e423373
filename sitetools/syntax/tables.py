"""Every table stands in a box that scrolls, so that a wide one does not widen the page."""

from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor


class Scrolling(Treeprocessor):
    def run(self, root: Element) -> None:
        for parent, table in [
            (above, each) for above in root.iter() for each in above if each.tag == "table"
        ]:
            # What scrolls must be reachable from the keyboard, and what is reachable needs a name.
            box = Element("div", {"class": "table", "tabindex": "0", "role": "group", "aria-label": "Table"})
            parent[list(parent).index(table)] = box
            box.append(table)
            box.tail, table.tail = table.tail, None
            for head in table.iter("th"):
                if not "".join(head.itertext()).strip():
                    head.tag = "td"  # a corner is no heading
            table.set("class", "data")  # the theme moves a table without a class into a box of its own
