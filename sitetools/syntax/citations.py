"""Pages cite by the keys of docs/references.bib, in the spelling of Pandoc.

    [@he2016deep]                            (He et al. 2016a)
    [@he2016deep, section 4.1; @yang2019]    (He et al. 2016a, section 4.1; Yang et al. 2019)
    @he2016deep                              He et al. (2016a), as a part of the sentence
    @he2016deep [section 4.1]                He et al. (2016a, section 4.1)
    {{ references }}                         every entry, with the pages that cite it

A citation is a link to its entry, which it shows on hover. An unknown key stops the build and lists the keys
there are. Nothing is replaced inside code.
"""

import re
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase
from xml.etree.ElementTree import Element, SubElement

from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from mkdocs.exceptions import PluginError
from pybtex.backends import html, plaintext
from pybtex.database import Entry, parse_file
from pybtex.exceptions import PybtexError
from pybtex.style.formatting.unsrt import Style

from course.paths import ROOT
from sitetools import datafiles
from sitetools.syntax.directives import Spot, directive, fault
from sitetools.syntax.markup import filled

BIBLIOGRAPHY = ROOT / "docs/references.bib"
PAGE = "/references.md"
PARENTHESES = r"\[(@[^\[\]]+)\]"
ONE = re.compile(r"@(?P<key>[\w-]+)(?:,\s+(?P<place>.+))?", re.S)  # of those in the parentheses
SENTENCE = r"(?<![\w/.])@(\w[\w-]*)(?:\s\[([^\[\]]+)\](?![(\[]))?"


class Bibliography:
    """keys: sorted.  authors, years: what a citation shows of each.  text, markup: the whole entry."""

    def __init__(self, path: Path):
        try:
            entries = parse_file(path, bib_format="bibtex").entries
        except PybtexError as error:
            raise PluginError(f"{path.name} cannot be read: {error}") from None
        self.keys = sorted(entries)
        style = Style(abbreviate_names=True)  # made once: it looks for its parts among all installed packages
        backends = html.Backend(), plaintext.Backend()
        self.authors, self.years, self.markup, self.text = {}, {}, {}, {}
        for key in self.keys:
            with datafiles.entry(path, key):
                self.authors[key], self.years[key] = authors(entries[key]), entries[key].fields["year"]
                (formatted,) = style.format_entries([entries[key]])
                self.markup[key], self.text[key] = map(formatted.text.render, backends)
        self._tell_apart()

    def _tell_apart(self) -> None:
        """Two papers of the same people and year are 2016a and 2016b, in the order of their keys."""
        for _, same in groupby(sorted(self.keys, key=self.label), self.label):
            keys = list(same)
            for key, letter in zip(keys, ascii_lowercase if len(keys) > 1 else ""):
                self.years[key] += letter

    def label(self, key: str) -> str:
        return f"{self.authors[key]} {self.years[key]}"

    def link(self, parent: Element, key: str) -> Element:
        if key not in self.keys:
            raise PluginError(f"unknown key {key!r}: docs/references.bib has {', '.join(self.keys)}")
        return SubElement(
            parent, "a", {"class": "citation", "href": f"{PAGE}#{key}", "title": self.text[key]}
        )


def authors(entry: Entry) -> str:
    names = [" ".join(person.last_names) for person in entry.persons["author"]]
    return f"{names[0]} et al." if len(names) > 2 or "others" in names else " and ".join(names)


@lru_cache(maxsize=1)
def parsed(path: Path, changed: int) -> Bibliography:
    return Bibliography(path)


def read(path: Path) -> Bibliography:
    return parsed(path, path.stat().st_mtime_ns)  # `make serve` sees a new entry


class Citing(InlineProcessor):
    """A subclass writes its citation into the element."""

    def handleMatch(self, found: re.Match, data: str) -> tuple[Element, int, int]:
        whole = Element("span", {"class": "citations"})
        try:
            self.write(whole, found, read(self.md.datafiles["bibliography"]))
        except PluginError as error:
            raise fault(self.md, found[0], error) from None
        return whole, found.start(0), found.end(0)


class InParentheses(Citing):
    """[@key], [@key, place; @key, place]"""

    def write(self, whole: Element, found: re.Match, papers: Bibliography) -> None:
        whole.text = "("
        for text in re.split(r";\s+", found[1]):
            one = ONE.fullmatch(text)
            if not one:
                raise PluginError(
                    f"{found[0]} is no citation: write [@key], [@key, section 4.1] or [@key, Table 2; @key]"
                )
            link = papers.link(whole, one["key"])
            link.text = AtomicString(papers.label(one["key"]))
            link.tail = AtomicString((f", {one['place']}" if one["place"] else "") + "; ")
        link.tail = AtomicString(str(link.tail).removesuffix("; ") + ")")


class InTheSentence(Citing):
    """@key, @key [place]; not an address such as name@host."""

    def write(self, whole: Element, found: re.Match, papers: Bibliography) -> None:
        link = papers.link(whole, found[1])
        place = f", {found[2]}" if found[2] else ""
        link.text = AtomicString(f"{papers.authors[found[1]]} ({papers.years[found[1]]}{place})")


@directive("references", named=False)
def references(spot: Spot) -> None:
    papers = read(spot.md.datafiles["bibliography"])
    keys = sorted(papers.keys, key=lambda key: (papers.label(key).lower(), key))
    listed = filled("references", papers=papers, keys=keys)
    for key, entry in zip(keys, listed.iterfind("dd/p[1]")):
        entry.text = spot.md.htmlStash.store(papers.markup[key])
    spot.parent.append(listed)
