"""A Python-Markdown extension: pages cite by the keys of docs/references.bib, in the spelling of Pandoc.

    [@he2016deep]                            (He et al. 2016a)
    [@he2016deep, section 4.1; @yang2019]    (He et al. 2016a, section 4.1; Yang et al. 2019)
    @he2016deep                              He et al. (2016a)                            as a part of the
    sentence @he2016deep [section 4.1]                He et al. (2016a, section 4.1)
    {{ references }}                         every entry, with the pages that cite it     (a line of its own)

A citation is a link to its entry, which it shows on hover. An unknown key stops the build and lists the keys
there are. Nothing is replaced inside code.
"""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from mkdocs.exceptions import PluginError
from pybtex.database import Entry, parse_file
from pybtex.exceptions import PybtexError
from pybtex.style.formatting.unsrt import Style

from sitetools import datafiles
from sitetools.syntax.backlinks import pages_that_link_to
from sitetools.syntax.listing import Listing
from sitetools.syntax.markup import element

BIBLIOGRAPHY = Path(__file__).parents[2] / "docs/references.bib"
PAGE = "/references.md"


class Bibliography:
    """keys: sorted.  authors, years: what a citation shows of each.  text, markup: the whole entry."""

    def __init__(self, path: Path):
        try:
            entries = parse_file(path, bib_format="bibtex").entries
        except PybtexError as error:
            raise PluginError(f"{path.name} cannot be read: {error}") from None
        self.keys = sorted(entries)
        self.authors, self.years, self.markup, self.text = {}, {}, {}, {}
        for key in self.keys:
            with datafiles.entry(path, key):
                self.authors[key], self.years[key] = authors(entries[key]), entries[key].fields["year"]
                (formatted,) = Style(abbreviate_names=True).format_entries([entries[key]])
                self.markup[key], self.text[key] = (
                    formatted.text.render_as(kind) for kind in ("html", "text")
                )
        self._tell_apart()

    def _tell_apart(self) -> None:
        """Two papers of the same people and year are 2016a and 2016b, in the order of their keys."""
        shared = Counter(zip(self.authors.values(), self.years.values()))
        letters = {name: iter("abcdefgh") for name, papers in shared.items() if papers > 1}
        for key in self.keys:
            name = self.authors[key], self.years[key]
            if name in letters:
                self.years[key] += next(letters[name])

    def label(self, key: str) -> str:
        return f"{self.authors[key]} {self.years[key]}"

    def link(self, parent: ElementTree.Element, key: str, citation: str) -> ElementTree.Element:
        if key not in self.keys:
            raise PluginError(
                f"unknown key {key!r} in {citation}: docs/references.bib has {', '.join(self.keys)}"
            )
        return element(parent, "a", class_="citation", href=f"{PAGE}#{key}", title=self.text[key])


def authors(entry: Entry) -> str:
    names = [" ".join(person.last_names) for person in entry.persons["author"]]
    return f"{names[0]} et al." if len(names) > 2 or "others" in names else " and ".join(names)


@lru_cache(maxsize=1)
def parsed(path: Path, changed: int) -> Bibliography:
    return Bibliography(path)


def read(path: Path) -> Bibliography:
    return parsed(path, path.stat().st_mtime_ns)  # `make serve` sees a new entry


class Citing(InlineProcessor):
    def __init__(self, md: Markdown, bibliography: Path):
        super().__init__(self.PATTERN, md)
        self.bibliography = bibliography


class InParentheses(Citing):
    """[@key], [@key, place; @key, place]"""

    PATTERN = r"\[(@[^\[\]]+)\]"
    ONE = re.compile(r"@(?P<key>[\w-]+)(?:,\s+(?P<place>.+))?", re.S)

    def handleMatch(self, found: re.Match, data: str) -> tuple[ElementTree.Element, int, int]:
        papers = read(self.bibliography)
        whole = ElementTree.Element("span", {"class": "citations"})
        whole.text = "("
        for text in re.split(r";\s+", found[1]):
            one = self.ONE.fullmatch(text)
            if not one:
                raise PluginError(
                    f"{found[0]} is no citation: write [@key], [@key, section 4.1] or [@key, Table 2; @key]"
                )
            link = papers.link(whole, one["key"], found[0])
            link.text = AtomicString(papers.label(one["key"]))
            link.tail = AtomicString((f", {one['place']}" if one["place"] else "") + "; ")
        link.tail = AtomicString(link.tail.removesuffix("; ") + ")")
        return whole, found.start(0), found.end(0)


class InTheSentence(Citing):
    """@key, @key [place]; not an address such as name@host."""

    PATTERN = r"(?<![\w/.])@(\w[\w-]*)(?:\s\[([^\[\]]+)\](?![(\[]))?"

    def handleMatch(self, found: re.Match, data: str) -> tuple[ElementTree.Element, int, int]:
        papers = read(self.bibliography)
        whole = ElementTree.Element("span", {"class": "citations"})
        link = papers.link(whole, found[1], found[0])
        place = f", {found[2]}" if found[2] else ""
        link.text = AtomicString(f"{papers.authors[found[1]]} ({papers.years[found[1]]}{place})")
        return whole, found.start(0), found.end(0)


class References(Listing):
    WORD = "references"

    def __init__(self, md: Markdown, bibliography: Path):
        super().__init__(md.parser)
        self.md = md
        self.bibliography = bibliography

    def fill(self, parent: ElementTree.Element) -> None:
        papers = read(self.bibliography)
        listed = element(parent, "dl", class_="references")
        for key in sorted(papers.keys, key=lambda key: (papers.label(key).lower(), key)):
            element(listed, "dt", AtomicString(papers.label(key)), id=key)
            entry = element(listed, "dd")
            element(entry, "p", self.md.htmlStash.store(papers.markup[key]))
            entry.append(pages_that_link_to(key, "Cited in"))


class CitationsExtension(Extension):
    def __init__(self, **options):
        self.config = {"bibliography": [str(BIBLIOGRAPHY), "the BibTeX file"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        bibliography = Path(self.getConfig("bibliography"))
        md.parser.blockprocessors.register(References(md, bibliography), "references", priority=75)
        # Below the code span (190), above the links, which would take the brackets.
        md.inlinePatterns.register(InParentheses(md, bibliography), "citations", priority=177)
        md.inlinePatterns.register(InTheSentence(md, bibliography), "citations-in-the-sentence", priority=176)


def makeExtension(**options) -> CitationsExtension:
    return CitationsExtension(**options)
