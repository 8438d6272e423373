"""What belongs together stays on one line: "ResNet-56", "6.61 ± 0.16", "3.57 %", `--jobs`."""

import re
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

from sitetools.syntax.texts import rewrite

NAME = re.compile(r"(\b[A-Za-z]+-\d+\b)")
SPACE = re.compile(r"(?<=\d) (?=%)|(?<=\d) (?=± \d)|(?<=\d ±) (?=\d)")
AS_WRITTEN = {"pre", "code", "script", "math", "svg", "form", "select"}
LONGEST = 24  # characters; longer code may not fit a telephone


class Unbroken(Treeprocessor):
    def run(self, root: Element) -> None:
        rewrite(root, as_written, joined)
        within_lines = set(root.iter("code")) - {
            code for block in root.iter("pre") for code in block.iter("code")
        }
        for code in within_lines:
            if len("".join(code.itertext())) <= LONGEST:
                code.set("class", "unbroken")


def as_written(element: Element) -> bool:
    return element.tag in AS_WRITTEN or element.get("class") == "arithmatex"


def joined(text: str) -> tuple[str, list[Element]]:
    before, *parts = NAME.split(SPACE.sub("\N{NO-BREAK SPACE}", text))
    names = []
    for name, after in zip(parts[::2], parts[1::2]):
        names.append(Element("span", {"class": "unbroken"}))
        names[-1].text, names[-1].tail = name, after
    return before, names
