"""The fenced blocks of a page, as Markdown finds them, however their fences are spelt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown.preprocessors import Preprocessor
from markdown.util import HTML_PLACEHOLDER_RE

PYTHON = {"python", "py", "python3", "py3", "pycon", "pytb", "ipython", "ipython3"}
OPENING = re.compile(
    r"^(?P<indent>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`\n]*)$"
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
    found = []
    lines = page.split("\n")
    number = 0
    while number < len(lines):
        opening = OPENING.match(lines[number])
        number += 1
        if not opening:
            continue
        first, width = number, len(opening["indent"])
        body = []
        while number < len(lines) and lines[number].strip(" \t>") != opening["ticks"]:
            body.append(lines[number][width:])
            number += 1
        number += 1
        # After a bullet, the lines that follow are indented by its width.
        indent = re.sub(r"[^\s>]", " ", opening["indent"])
        found.append(
            Fence(
                first,
                number,
                indent,
                language(opening["info"]),
                opening["info"],
                "".join(f"{t}\n" for t in body),
            )
        )
    return found


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
    pending = None
    lines = page.split("\n")
    for fence in fences(page):
        if fence.language == "output":
            adjacent = pending and not "".join(lines[pending.last : fence.first - 1]).strip(" >\t")
            if pending and not adjacent:
                yield Block(pending, None)
            yield Block(pending if adjacent else None, fence)
            pending = None
        else:
            if pending:
                yield Block(pending, None)
            pending = fence if fence.language in PYTHON else None
    if pending:
        yield Block(pending, None)


class Apart(Preprocessor):
    """Two blocks in adjacent lines would share a paragraph, and a block may not stand in one."""

    def run(self, lines: list[str]) -> list[str]:
        stand = [bool(HTML_PLACEHOLDER_RE.fullmatch(line.strip(" >\t"))) for line in lines]
        pairs = zip(lines, stand, [*stand[1:], False])
        return [
            each for line, here, next_too in pairs for each in ([line, ""] if here and next_too else [line])
        ]
