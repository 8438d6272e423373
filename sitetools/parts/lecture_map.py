"""The map of the course, {{ map lectures }}, and the line above a lecture's title: where it stands,
how long it takes.

Both come from the lectures themselves: their order from the navigation, their title and the question below it
from their first lines, their time from what stands in them. (MkDocs knows the title of a page only when it
has read the page, and it reads the page with the map first.)
"""

import html
import math
import re

import markdown
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from sitetools.syntax.fences import fences
from sitetools.syntax.markup import count

WORDS_A_MINUTE = 200
MINUTES = {"code": 0.5, "figure": 0.5, "formula": 0.25}  # to look at one
MAP = re.compile(r"^\{\{ *map +lectures *\}\} *$", re.MULTILINE)
HEAD = re.compile(r"^# (?P<title>.+)\n+\*(?P<question>[^\n]+)\*$", re.MULTILINE)


def is_lecture(file: File) -> bool:
    return file.src_uri.startswith("lectures/") and file.src_uri.endswith(".md")


def minutes(text: str) -> int:
    """The time to read a page: its words, and a look at each block of code, figure and displayed formula."""
    blocks = fences(text)
    lines = text.split("\n")
    for block in blocks:
        lines[block.first - 1 : block.last] = [""] * (block.last - block.first + 1)
    prose = "\n".join(lines)
    looked_at = {
        "code": sum(block.language != "output" for block in blocks) + len(re.findall(r"\{\{ *source", prose)),
        "figure": len(re.findall(r"\{\{ *figure", prose)),
        "formula": prose.count("$$") // 2,
    }
    words = re.sub(r"\$\$.*?\$\$|^---$.*?^---$", " ", prose, flags=re.S | re.M).split()
    return math.ceil(
        len(words) / WORDS_A_MINUTE + sum(MINUTES[what] * count for what, count in looked_at.items())
    )


def head(text: str, name: str) -> tuple[str, str]:
    """The title of a lecture and its question."""
    found = HEAD.search(text)
    if not found:
        raise PluginError(f"{name}: a lecture asks a question, in italics, right below its title")
    return found["title"], found["question"]


def draw(text_of_page: str, page: Page, lectures: list[Page]) -> str:
    """Put the map where a page asks for it."""

    def items(_: re.Match) -> str:
        lines = ['<ol class="map">']
        for lecture in lectures:
            text = lecture.file.content_string
            title, question = head(text, lecture.file.src_uri)
            lines.append(
                f'<li><a href="{lecture.file.url_relative_to(page.file)}">{html.escape(title)}</a>'
                f' <span class="minutes">{minutes(text)} min</span>{markdown.markdown(question)}</li>'
            )
        return "\n".join([*lines, "</ol>"])

    return MAP.sub(items, text_of_page)


def place(content: str, page: Page, lectures: list[Page]) -> str:
    """The line above the title of a lecture."""
    number = lectures.index(page) + 1
    time = minutes(page.file.content_string)
    return (
        f'<p class="place">Lecture {number} of {len(lectures)} · about {count(time, "minute")}</p>\n{content}'
    )
