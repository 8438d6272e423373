"""The map of the course, and the line above a lecture's title: where it stands, how long it takes.

{{ map lectures }}      every lecture with its question and its time
{{ map objectives }}    every lecture with what one can do after it, for who teaches it

They come from the lectures themselves: their order from the navigation, their title and the question below it
from their first lines, their time from what stands in them. (MkDocs knows the title of a page only when it
has read the page, and it reads the page with the map first.)
"""

import math
import re
from collections import Counter

from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

from sitetools.parts.exercises import exercises
from sitetools.syntax.directives import DIRECTIVE, Spot, directive
from sitetools.syntax.fences import FENCE, fences
from sitetools.syntax.markup import TEMPLATES, count, filled

WORDS_A_MINUTE = 200
MINUTES = {"code": 0.5, "figure": 0.5, "formula": 0.25}  # to look at one
lectures: list[Page] = []  # in the order of the navigation, when MkDocs has read it
OBJECTIVE = re.compile(r"^After this lecture you can (?P<able>.+?)\n\n", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"^# (?P<title>.+)\n+\*(?P<question>[^\n]+)\*$", re.MULTILINE)


def minutes(text: str) -> int:
    """The time to read a page: its words, and a look at each block of code, figure and displayed formula."""
    blocks, prose = fences(text), FENCE.sub("", f"{text}\n")
    directives = Counter(found["word"] for found in DIRECTIVE.finditer(prose))
    seen = {
        "code": sum(block.language != "output" for block in blocks) + directives["source"],
        "figure": directives["figure"],
        "formula": prose.count("$$") // 2,
    }
    words = re.sub(r"\$\$.*?\$\$|^---$.*?^---$", " ", prose, flags=re.S | re.M).split()
    return math.ceil(
        len(words) / WORDS_A_MINUTE + sum(MINUTES[what] * number for what, number in seen.items())
    )


def said(page: Page, pattern: re.Pattern, rule: str) -> dict[str, str]:
    """The named parts of the pattern in a lecture. Raises PluginError with the rule where it has none."""
    found = pattern.search(page.file.content_string)
    if not found:
        raise PluginError(f"{page.file.src_uri}: a lecture {rule}")
    return found.groupdict()


@directive("map")
def lecture_map(spot: Spot, name: str) -> None:
    lines: list[dict] = [
        {"page": page.file.src_uri, "minutes": minutes(page.file.content_string)}
        | said(page, HEAD, "asks a question, in italics, right below its title")
        for page in lectures
    ]
    if name == "lectures":
        spot.parent.append(filled("map", lectures=lines))
    elif name == "objectives":
        told = [line | objectives(page) for line, page in zip(lines, lectures)]
        spot.markdown(TEMPLATES.get_template("objectives.md").render(lectures=told))
    else:
        raise PluginError(f"there is no map of {name!r}: choose lectures or objectives")


def objectives(page: Page) -> dict:
    """What a student can do after a lecture, and the time that its exercises take."""
    able = " ".join(said(page, OBJECTIVE, 'says what one can do "After this lecture"')["able"].split())
    times = [int(exercise.time.split()[0]) for exercise in exercises(page.file.name)]
    return {"able": able[0].upper() + able[1:], "exercises": len(times), "exercising": sum(times)}


def place(page: Page) -> str:
    """The line above the title of a lecture."""
    if page not in lectures:
        return ""
    time = count(minutes(page.file.content_string), "minute")
    return f"Lecture {lectures.index(page) + 1} of {len(lectures)} · about {time}"
