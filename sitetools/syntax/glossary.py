"""A Python-Markdown extension: the first use of a term on a page is a link to its entry,
which it shows on hover.

    {{ glossary }}    every term of docs/glossary.toml, with the pages that use it     (a line of its own)

A link is reached by mouse, keyboard and finger alike. Headings, code, formulas, tables, captions and other
links are left as they are, and so is the glossary itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from sitetools import datafiles
from sitetools.syntax.backlinks import pages_that_link_to
from sitetools.syntax.listing import Listing
from sitetools.syntax.markup import element

TERMS = Path(__file__).parents[2] / "docs/glossary.toml"
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
    SKIPPED_TAGS = {
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
    }
    SKIPPED_CLASSES = {"admonition-title", "arithmatex", "backlinks", "glossary", "measured", "references"}

    def __init__(self, md: Markdown, path: Path):
        super().__init__(md)
        self.path = path

    def run(self, root: ElementTree.Element) -> None:
        if root.find(".//dl[@class='glossary']") is None:
            self.walk(root, read(self.path))

    def walk(self, parent: ElementTree.Element, terms: list[Term]) -> None:
        """Depth first, so that the first use is the first that is read.
        What is used is removed from `terms`.
        """
        if parent.tag in self.SKIPPED_TAGS or self.SKIPPED_CLASSES & set(parent.get("class", "").split()):
            return
        children = list(parent)
        parent.text, links = self.linked(parent.text, terms)
        parent[:0] = links
        for child in children:
            self.walk(child, terms)
            child.tail, links = self.linked(child.tail, terms)
            after = list(parent).index(child) + 1
            parent[after:after] = links

    def linked(self, text: str | None, terms: list[Term]) -> tuple[str | None, list[ElementTree.Element]]:
        """The text up to the first term, and the links, each with the text that follows it."""
        if not text or isinstance(text, AtomicString):
            return text, []
        links: list[ElementTree.Element] = []
        rest = text
        for term, found in self.uses(text, terms):
            before, rest = rest[: found.start() - len(text)], text[found.end() :]
            if links:
                links[-1].tail = before
            else:
                start = before
            links.append(
                ElementTree.Element(
                    "a", {"class": "term", "href": f"{PAGE}#{term.anchor}", "title": term.text}
                )
            )
            links[-1].text, links[-1].tail = AtomicString(found[0]), rest
        return (start if links else text), links

    @staticmethod
    def uses(text: str, terms: list[Term]) -> Iterator[tuple[Term, re.Match]]:
        """The first use of each term, from left to right; where two begin together, the longer one."""
        position = 0
        while True:
            found = [
                (match.start(), -match.end(), number)
                for number, term in enumerate(terms)
                if (match := term.pattern.search(text, position))
            ]
            if not found:
                return
            number = min(found)[2]
            term = terms.pop(number)
            match = term.pattern.search(text, position)
            yield term, match
            position = match.end()


class Glossary(Listing):
    WORD = "glossary"

    def __init__(self, md: Markdown, path: Path):
        super().__init__(md.parser)
        self.path = path

    def fill(self, parent: ElementTree.Element) -> None:
        listed = element(parent, "dl", class_="glossary")
        for term in read(self.path):
            heading = element(listed, "dt", AtomicString(term.term), id=term.anchor)
            element(
                heading,
                "a",
                "¶",
                class_="headerlink",
                href=f"#{term.anchor}",
                title="Permanent link",
                data_search_exclude="",
            )
            entry = element(listed, "dd")
            meaning = element(entry, "p", AtomicString(f"{term.text} "))
            element(
                meaning,
                "a",
                "Where it is explained",
                href=f"/{term.page}",
                data_search_exclude="",
                aria_label=f"Where it is explained: {term.term}",
            )
            entry.append(pages_that_link_to(term.anchor, "Used in"))


class GlossaryExtension(Extension):
    def __init__(self, **options):
        self.config = {"terms": [str(TERMS), "the TOML file of the terms"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        path = Path(self.getConfig("terms"))
        md.parser.blockprocessors.register(Glossary(md, path), "glossary", priority=75)
        # After the inline patterns (20), before MkDocs makes links relative and checks them (0).
        md.treeprocessors.register(LinkTerms(md, path), "glossary-terms", priority=4)


def makeExtension(**options) -> GlossaryExtension:
    return GlossaryExtension(**options)
