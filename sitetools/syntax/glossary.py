"""The first use of a term on a page is a link to its entry, which it shows on hover.

    {{ glossary }}    every term of docs/glossary.toml, with the pages that use it

A link is reached by mouse, keyboard and finger alike. Headings, code, formulas, tables, captions and other
links are left as they are, and so is the glossary itself.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from course.paths import ROOT
from sitetools import datafiles
from sitetools.syntax.directives import Spot, directive
from sitetools.syntax.markup import filled
from sitetools.syntax.texts import rewrite

TERMS = ROOT / "docs/glossary.toml"
PAGE = "/glossary.md"


@dataclass(frozen=True)
class Term:
    """pattern: what of a page's text is a use of the term.  page: the one that explains it."""

    anchor: str
    term: str
    text: str
    page: str
    pattern: re.Pattern


def read(path: Path) -> list[Term]:
    """The terms by alphabet; none where there is no file."""
    if not path.exists():
        return []
    terms = []
    for anchor, written in datafiles.parsed(path).items():
        with datafiles.entry(path, f"[{anchor}]"):
            e = datafiles.fields(written, term=str, words=list[str], text=str, page=str)
            terms.append(Term(anchor, e["term"], e["text"], e["page"], pattern(e["words"])))
    return sorted(terms, key=lambda term: term.term.lower())


def pattern(words: list[str]) -> re.Pattern:
    found = re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])".replace(" ", r"\s+"), re.IGNORECASE)
    if found.search(""):
        raise ValueError("its words are found where there are none")
    return found


class LinkTerms(Treeprocessor):
    SKIPPED_TAGS = set(
        [
            "a",
            "abbr",
            "button",
            "code",
            "figcaption",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "label",
            "legend",
            "pre",
            "summary",
            "table",
        ]
    )
    SKIPPED_CLASSES = {"admonition-title", "arithmatex", "backlinks", "glossary", "measured", "references"}

    def run(self, root: Element) -> None:
        if root.find(".//dl[@class='glossary']") is not None:
            return
        terms = read(self.md.datafiles["terms"])
        rewrite(root, self.skipped, lambda text: linked(text, terms))

    def skipped(self, element: Element) -> bool:
        classes = set(element.get("class", "").split())
        return element.tag in self.SKIPPED_TAGS or bool(self.SKIPPED_CLASSES & classes)


def linked(text: str, terms: list[Term]) -> tuple[str, list[Element]]:
    """The text up to the first term, and the links, each with the text that follows it. What is used is
    removed from `terms`. Where two terms begin together, the longer one is meant.
    """
    if isinstance(text, AtomicString):
        return text, []
    uses = [(use.start(), -use.end(), term) for term in terms if (use := term.pattern.search(text))]
    if not uses:
        return text, []
    start, end, term = min(uses, key=lambda use: use[:2])
    terms.remove(term)
    link = Element("a", {"class": "term", "href": f"{PAGE}#{term.anchor}", "title": term.text})
    link.text = AtomicString(text[start:-end])
    link.tail, others = linked(text[-end:], terms)
    return text[:start], [link, *others]


@directive("glossary", named=False)
def glossary(spot: Spot) -> None:
    spot.parent.append(filled("glossary", terms=read(spot.md.datafiles["terms"])))
