"""A Python-Markdown extension: what a page shows of the experiments and of the
code is fetched when it is built.

    {{ figure NAME }}           the figure, its caption, and how it was made       (a line of its own)
    {{ table NAME }}            a table of course.tables                           (a line of its own)
    {{ explorer NAME }}         an interactive figure of sitetools.parts.explorers       (a line of its own)
    {{ source course.x.Name }}  the source of a function or a class of the course  (a line of its own)
    {{ quiz NAME }}             the questions of docs/exercises/quizzes/NAME.toml  (a line of its own)
    {{ exercises NAME }}        the list of a lecture's exercises                  (a line of its own)
    {{ measured NAME }}         a number of course.measured, anywhere in the text; its name may hold spaces

An unknown name stops the build and lists the names there are. Nothing is replaced inside code.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from mkdocs.exceptions import PluginError

from course import CourseError
from sitetools.parts import explorers
from sitetools.parts.exercises import exercises, lectures
from sitetools.parts.figures import Figures, Records, figure
from sitetools.parts.listings import source
from sitetools.parts.quiz import quiz
from sitetools.syntax.markup import element

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "figures/figures.json"


def table(parser, parent: ElementTree.Element, name: str) -> None:
    from course import tables  # when a page asks: the numbers are read from all the records

    parser.parseBlocks(parent, re.split(r"\n{2,}", tables.table(name).strip()))


def explorer(md: Markdown, parent: ElementTree.Element, name: str, manifest: Path) -> None:
    """Append the explorer, and the figure and the table that stand in its place without JavaScript."""
    found = explorers.explorer(name)
    box = element(parent, "figure", id=f"explorer-{name}", class_="explorer", data_search_exclude="")
    element(box, "p", md.htmlStash.store(explorers.controls(name)))
    caption = element(box, "figcaption")
    element(caption, "p", found.caption)
    element(caption, "p", found.provenance(), class_="provenance")
    still = element(parent, "div", class_="still", data_search_exclude="")
    figure(still, found.figure, manifest)
    still[0].set("id", f"{name}-still")  # the page may show the same figure under its own name
    element(still, "p", found.note)
    table(md.parser, still, found.table)


def listed(parser, parent: ElementTree.Element, lecture: str) -> None:
    if lecture not in lectures():
        raise PluginError(f"no exercises for {lecture!r}: choose one of {', '.join(lectures())}")
    lines = ["| No. | Exercise | What you do | Time |", "| --- | --- | --- | --- |"]
    for each in exercises(lecture):
        lines.append(
            f"| {each.number} | [{each.title}](/lectures/{lecture}.md#{each.anchor}) | {each.grade} | "
            f"{each.time} |"
        )
    parser.parseBlocks(parent, ["\n".join(lines)])


class Blocks(BlockProcessor):
    """The directives that stand on a line of their own, at any depth of admonitions, tabs and lists."""

    LINE = re.compile(r"^ {0,3}\{\{ *(?P<what>[a-z]+) +(?P<name>\S+) *\}\} *$", re.MULTILINE)
    KINDS = ("figure", "table", "source", "explorer", "quiz", "exercises")

    def __init__(self, md: Markdown, manifest: Path):
        super().__init__(md.parser)
        self.md = md
        self.manifest = manifest

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return any(found["what"] in self.KINDS for found in self.LINE.finditer(block))

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = next(found for found in self.LINE.finditer(block) if found["what"] in self.KINDS)
        before, after = block[: found.start()].rstrip("\n"), block[found.end() :].lstrip("\n")
        if before:
            self.parser.parseBlocks(parent, [before])
        try:
            if found["what"] == "figure":
                figure(parent, found["name"], self.manifest)
            elif found["what"] == "table":
                table(self.parser, parent, found["name"])
            elif found["what"] == "explorer":
                explorer(self.md, parent, found["name"], self.manifest)
            elif found["what"] == "quiz":
                quiz(parent, found["name"])
            elif found["what"] == "exercises":
                listed(self.parser, parent, found["name"])
            else:
                source(self.md, parent, found["name"])
        except CourseError as error:
            raise PluginError(str(error)) from None
        if after:
            blocks.insert(0, after)


class Measured(InlineProcessor):
    """A number in the text, with the records it comes from on hover."""

    def handleMatch(self, found: re.Match, data: str) -> tuple[ElementTree.Element, int, int]:
        what, name = found[1], found[2]
        if what != "measured":
            raise PluginError(
                f"{found[0]} is not known here: {', '.join(Blocks.KINDS)} stand on a line of their own, "
                "measured in the text"
            )
        from course import measured

        try:
            value = measured.measured(name)
        except CourseError as error:
            raise PluginError(str(error)) from None
        span = ElementTree.Element("span", {"class": "measured", "title": value.source})
        span.text = AtomicString(value.text)
        return span, found.start(0), found.end(0)


class DirectivesExtension(Extension):
    def __init__(self, **options):
        self.config = {"manifest": [str(MANIFEST), "the list of figures that scripts/render.py writes"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        manifest = Path(self.getConfig("manifest"))
        # Below indented code (80) and the fences, above the paragraph: code stays as it is written.
        md.parser.blockprocessors.register(Blocks(md, manifest), "directives", priority=75)
        md.parser.blockprocessors.register(Figures(md, manifest), "figures", priority=75)
        md.parser.blockprocessors.register(Records(md, manifest), "records", priority=75)
        # Below the code span (190), above the escapes and links.
        md.inlinePatterns.register(Measured(r"\{\{ *([a-z]+) +([^{}]+?) *\}\}", md), "measured", priority=185)


def makeExtension(**options) -> DirectivesExtension:
    return DirectivesExtension(**options)
