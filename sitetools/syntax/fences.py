"""The fenced blocks of a page, as Markdown finds them, however their fences are spelt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown.preprocessors import Preprocessor
from markdown.util import HTML_PLACEHOLDER_RE
from pygments.filter import Filter
from pygments.token import Name, Text

PYTHON = {"python", "py", "python3", "py3", "pycon", "pytb", "ipython", "ipython3"}
FENCE = re.compile(
    r"^(?P<indent>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`\n]*)\n"
    r"(?P<body>(?:.*\n)*?)(?:[ \t>]*(?P=ticks)[ \t>]*$|\Z)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Fence:
    """A fenced block: `first` and `last` are the lines of its two fences, counted from 1."""

    first: int
    last: int
    indent: str
    language: str
    info: str
    text: str


def fences(page: str) -> list[Fence]:
    """A fence that nothing closes reaches to the end of the page."""
    return [fence(page, found) for found in FENCE.finditer(f"{page}\n")]


def fence(page: str, found: re.Match) -> Fence:
    first = page.count("\n", 0, found.start()) + 1
    lines = found["body"].splitlines(keepends=True)
    text = "".join(line.rstrip("\n")[len(found["indent"]) :] + "\n" for line in lines)
    # After a bullet, the lines that follow are indented by its width.
    indent = re.sub(r"[^\s>]", " ", found["indent"])
    return Fence(first, first + len(lines) + 1, indent, language(found["info"]), found["info"], text)


def language(info: str) -> str:
    """`py title="x"`, `{.python .annotate}`, ` Python` -> `py`, `python`, `python`."""
    return re.sub(r"^\s*(?:\{\s*\.?)?([\w+#-]*).*", r"\1", info, flags=re.S).lower()


@dataclass(frozen=True)
class Block:
    """A Python block and the output block under it, or an output block that has none above it."""

    code: Any  # a Fence, or None
    output: Any

    @property
    def line(self) -> int:
        return (self.code or self.output).first


def blocks(page: str) -> Iterator[Block]:
    found, lines = fences(page), page.split("\n")
    shown = {  # the output right under a block, by the place of the block
        code.first: output
        for code, output in pairwise(found)
        if code.language in PYTHON and output.language == "output"
        if not "".join(lines[code.last : output.first - 1]).strip(" >\t")
    }
    for fence in found:
        if fence.language in PYTHON:
            yield Block(fence, shown.get(fence.first))
        elif fence.language == "output" and fence not in shown.values():
            yield Block(None, fence)


class Apart(Preprocessor):
    """Two blocks in adjacent lines would share a paragraph, and a block may not stand in one."""

    def run(self, lines: list[str]) -> list[str]:
        stand = [bool(HTML_PLACEHOLDER_RE.fullmatch(line.strip(" >\t"))) for line in lines]
        pairs = zip(lines, stand, [*stand[1:], False])
        return [
            each for line, here, next_too in pairs for each in ([line, ""] if here and next_too else [line])
        ]


class Bare(Filter):
    """Names and spaces without an element of their own, since no colour tells them from other text: they
    were every seventh element of a page.
    """

    def filter(self, lexer: Any, stream: Iterator) -> Iterator:
        for kind, value in stream:
            yield (Text if kind is Name or kind is Text.Whitespace else kind), value
