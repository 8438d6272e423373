"""Run every Python block of a page, and check the output that the page shows under it.

A page holds plain code without prompts, so that what a reader copies is what was run:

    ```python
    print(1 + 1)
    ```
    ```output
    2
    ```

All Python blocks of a page run in order, in one namespace, whatever Markdown spells their fences. A block
that prints needs an output block right under it. A number matches to one unit in the last digit shown, since
floating point differs a little between machines. A block that cannot run says so:
``` {.python .norun reason="needs a GPU"}.
"""

import contextlib
import doctest
import io
import linecache
import os
import re
import textwrap
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Region
from sybil.evaluators.doctest import NUMBER, OutputChecker

from course.machine import files
from sitetools.syntax.fences import Block, Fence, blocks


class PageCode:
    """A Sybil parser. With `update` set, an output that differs is kept for `rewrite` instead of failing."""

    def __init__(self, update: bool = False):
        self.update = update
        self.outputs: dict[str, list[tuple[Block, str]]] = defaultdict(list)
        self.seconds: dict[str, list[float]] = defaultdict(list)  # of the blocks that ran as shown, by page

    def __call__(self, document: Document) -> Iterator[Region]:
        starts = [0, *(match.end() for match in re.finditer("\n", document.text)), len(document.text)]
        for block in blocks(document.text):
            last = (block.output or block.code).last
            yield Region(
                starts[block.line - 1],
                starts[min(last, len(starts) - 1)],
                parsed=block,
                evaluator=self.evaluate,
            )

    def evaluate(self, example: Example) -> str | None:
        """Sybil takes None for success and a text for a failure."""
        block: Block = example.parsed
        page = os.path.relpath(example.path)

        def wrong(line: int, what: str) -> str:
            return f"{page}:{line}: {what}"

        if block.code is None:
            return wrong(block.line, "this output block has no Python block right above it")
        if ".norun" in block.code.info:
            reason = re.search(r'reason="([^"]+)"', block.code.info)
            if not reason:
                return wrong(
                    block.line, 'a block that is not run says why: ``` {.python .norun reason="..."}'
                )
            pytest.skip(f"{page}:{block.line}: not run: {reason[1]}")
        if re.search(r"^\s*>>>", block.code.text, re.MULTILINE):
            return wrong(
                block.line,
                "write plain code and an output block under it, not >>> prompts: readers copy and run it",
            )
        start = time.perf_counter()
        try:
            printed = run(block.code, example.path, example.namespace)
        except Exception as error:
            line, what = line_of(error, block, example.path), f"{type(error).__name__}: {error}"
            return f"{report(error, example.path)}\n{wrong(line, what)}"
        took = time.perf_counter() - start
        differs = self.compare(block, printed, example.path, wrong)
        if not differs:
            self.seconds[example.path].append(took)
        return differs

    def compare(self, block: Block, printed: str, path: str, wrong) -> str | None:
        shown = block.output.text if block.output else ""
        flags = NUMBER | doctest.REPORT_NDIFF
        if OutputChecker().check_output(shown, printed, flags):
            return None
        if self.update:
            self.outputs[path].append((block, printed))
            return None
        if not block.output:
            return wrong(
                block.line,
                f"this block prints, and no output block follows:\n{textwrap.indent(printed, '    ')}",
            )
        difference = OutputChecker().output_difference(
            doctest.Example(block.code.text, shown), printed, flags
        )
        return wrong(block.output.first, f"the output differs from what the page shows\n{difference}")

    def rewrite(self) -> list[str]:
        """Write the kept outputs into their pages, the last one first so that line numbers stay true."""
        for path, outputs in self.outputs.items():
            lines = Path(path).read_text(encoding="utf-8").split("\n")
            for block, printed in sorted(outputs, key=lambda each: -each[0].line):
                old, indent = block.output, block.code.indent
                start, end = (old.first - 1, old.last) if old else (block.code.last, block.code.last)
                new = ["```output", *printed.rstrip("\n").split("\n"), "```"] if printed.strip() else []
                lines[start:end] = [(indent + line).rstrip() for line in new]
            files.write(Path(path), "\n".join(lines))
        return sorted(self.outputs)


def run(code: Fence, path: str, namespace: dict) -> str:
    """Execute and return what was printed. Line numbers are those of the page,
    so that a traceback shows its lines.
    """
    namespace.setdefault("__name__", "__main__")
    compiled = compile("\n" * code.first + code.text, path, "exec", dont_inherit=True)
    with contextlib.redirect_stdout(io.StringIO()) as printed, warnings.catch_warnings():
        for kind in (DeprecationWarning, FutureWarning):
            # The course must not teach what is about to go.
            # What a library does inside itself is not the page's.
            warnings.filterwarnings("error", category=kind, module="__main__")
        exec(compiled, namespace)
    return printed.getvalue()


def line_of(error: Exception, block: Block, path: str) -> int:
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or block.line
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return (frames[-1].lineno if frames else None) or block.line


def report(error: Exception, path: str) -> str:
    """The traceback from the page on: the frames that led there are this file's."""
    linecache.checkcache(path)
    tail = error.__traceback__
    while tail and tail.tb_frame.f_code.co_filename != path:
        tail = tail.tb_next
    return "".join(traceback.format_exception(type(error), error, tail)).rstrip()
