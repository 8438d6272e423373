"""The directives: `{{ figure depth }}` on a line of its own, `{{ measured digits/plain-56/train-error }}` in
the text.

What a directive puts on a page is a part of sitetools.parts, which registers it here; this is the one place
that reads the braces. Nothing is replaced inside code. A fault stops the build in one line, with page and
line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import InlineProcessor
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

from course import CourseError

T = TypeVar("T")
DIRECTIVE = re.compile(r"\{\{ *(?P<word>[a-z]+)(?: +(?P<name>[^{}]*?))? *\}\}")
ALONE = re.compile(rf"^ {{0,3}}{DIRECTIVE.pattern} *$", re.MULTILINE)


@dataclass(frozen=True)
class Spot:
    """Where a directive stands.  parent: the element around it, None in the text."""

    md: Markdown
    parent: Any

    def markdown(self, text: str, parent: Element | None = None) -> None:
        """Append what the Markdown says."""
        blocks = re.split(r"\n{2,}", text.strip())
        self.md.parser.parseBlocks(self.parent if parent is None else parent, blocks)


@dataclass(frozen=True)
class Directive:
    """put: appends to the spot, or returns an element where the directive stands in the text."""

    put: Callable[..., Element | None]
    named: bool
    in_text: bool


DIRECTIVES: dict[str, Directive] = {}


def directive(word: str, named: bool = True, in_text: bool = False) -> Callable[[Callable], Callable]:
    """`{{ word NAME }}`, or `{{ word }}` if not `named`, is what the decorated function makes of a spot."""

    def register(put: Callable) -> Callable:
        DIRECTIVES[word] = Directive(put, named, in_text)
        return put

    return register


def follow(found: re.Match, spot: Spot, in_text: bool) -> Any:
    known = DIRECTIVES.get(found["word"])
    given = [found["name"]] if found["name"] else []
    try:
        if not known or known.in_text != in_text or known.named != bool(given):
            raise PluginError(
                f"{found[0]} is not known here: {legal(False)} stand on a line of their own, "
                f"{legal(True)} in the text"
            )
        return known.put(spot, *given)
    except (CourseError, PluginError) as error:
        raise fault(spot.md, found[0], error) from None


def legal(in_text: bool) -> str:
    chosen = {word: known for word, known in DIRECTIVES.items() if known.in_text == in_text}
    return ", ".join(sorted(f"{word} NAME" if known.named else word for word, known in chosen.items()))


def chosen(known: Mapping[str, T], name: str, kind: str) -> T:
    """What a directive names. Raises PluginError for an unknown name, with those there are."""
    if name not in known:
        raise PluginError(f"unknown {kind} {name!r}: choose one of {', '.join(sorted(known))}")
    return known[name]


def page_of(md: Markdown) -> Page:
    """MkDocs tells the page that it converts to the processor that makes links relative."""
    return md.treeprocessors["relpath"].file.page


def fault(md: Markdown, written: str, reason: object) -> PluginError:
    """The reason, after the page and its line; without the line where a file that the page includes says
    it."""
    page = page_of(md).file
    before, found, _ = page.content_string.partition(written)
    place = f"{page.src_uri}:{before.count(chr(10)) + 1}" if found else page.src_uri
    return PluginError(f"{place}: {reason}")


class OnTheirLine(BlockProcessor):
    """At any depth of admonitions, tabs and lists."""

    def first(self, block: str) -> Any:
        lines = (found for found in ALONE.finditer(block) if found["word"] in DIRECTIVES)
        return next((found for found in lines if not DIRECTIVES[found["word"]].in_text), None)

    def test(self, parent: Element, block: str) -> bool:
        return self.first(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = self.first(block)
        before, after = block[: found.start()].rstrip("\n"), block[found.end() :].lstrip("\n")
        if before:
            self.parser.parseBlocks(parent, [before])
        follow(found, Spot(self.parser.md, parent), in_text=False)
        if after:
            blocks.insert(0, after)


class InTheText(InlineProcessor):
    def handleMatch(self, found: re.Match, data: str) -> Any:
        return follow(found, Spot(self.md, None), in_text=True), found.start(0), found.end(0)
