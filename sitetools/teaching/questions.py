"""Every question of the course as files: GIFT, which Moodle reads, and text.

A question keeps its name from one edition to the next, since a platform knows it by that: relu/quiz-2 is the
second of the quiz on the page, relu/question-2 of those that stand on no page (docs/exercises/questions/),
relu/recall-1 an exercise that is answered in words.
"""

import re
import textwrap
from dataclasses import dataclass

from bs4 import BeautifulSoup
from markdown import markdown

from sitetools.parts.exercises import exercises, lectures
from sitetools.parts.quiz import FURTHER, Numeric, Question, questions, resolved

SOLUTION = re.compile(r'^\?\?\? success "Solution"\n\n((?:    .*\n|\n)*)', re.MULTILINE)
FOLDED = re.compile(r"^\?\?\? ", re.MULTILINE)


@dataclass(frozen=True)
class Recall:
    """text, because: Markdown, of several paragraphs."""

    text: str
    because: str


def bank() -> dict[str, Question | Numeric | Recall]:
    found: dict[str, Question | Numeric | Recall] = {}
    for lecture in lectures():
        for kind, asked in (
            ("quiz", questions(lecture)),
            ("question", questions(lecture, FURTHER)),
            ("recall", recalls(lecture)),
        ):
            found |= {f"{lecture}/{kind}-{number}": each for number, each in enumerate(asked, start=1)}
    return found


def recalls(lecture: str) -> list[Recall]:
    return [
        Recall(
            FOLDED.split(exercise.text.replace("{ .grade }", ""))[0].strip(),
            textwrap.dedent(SOLUTION.search(f"{exercise.text}\n")[1]).strip(),
        )
        for exercise in exercises(lecture)
        if exercise.grade == "recall"
    ]


def gift() -> str:
    """https://docs.moodle.org/en/GIFT_format: a category for each lecture, texts in HTML, formulas in TeX."""
    parts, lecture = [], ""
    for name, asked in bank().items():
        if name.split("/")[0] != lecture:
            lecture = name.split("/")[0]
            parts.append(f"$CATEGORY: $course$/top/Going Deeper/{lecture}")
        parts.append(f"::{escaped(name)}:: [html]{marked(asked.text)} {{{answers(asked)}}}")
    return "\n\n".join(parts) + "\n"


def answers(asked: Question | Numeric | Recall) -> str:
    if isinstance(asked, Numeric):
        tolerance = abs(asked.number) * asked.within / 100
        because = marked(asked.because)
        return f"#\n={asked.number:.6g}:{tolerance:.3g}#{because}\n~#{because}\n"
    if isinstance(asked, Recall):
        return f"####{marked(asked.because)}"
    return "\n" + "".join(
        f"{'=' if option.right else '~'}{marked(option.text)}#{marked(option.because)}\n"
        for option in asked.options
    )


def marked(text: str) -> str:
    return escaped(str(tree(text)).replace("\n", " "))


def escaped(text: str) -> str:
    """What GIFT would read as its own: the backslash first, or it would escape what we have escaped."""
    return re.sub(r"([:#={}~])", r"\\\1", text.replace("\\", "\\\\"))


def tree(text: str) -> BeautifulSoup:
    """Markdown as HTML that a platform keeps: no links into the site, formulas as TeX between \\( and \\)."""
    made = markdown(
        resolved(text), extensions=["pymdownx.arithmatex"], extension_configs={"pymdownx.arithmatex": GENERIC}
    )
    found = BeautifulSoup(made, "html.parser")
    for element in found.select("span.arithmatex, a[href^='../'], a[href$='.md']"):
        element.unwrap()
    return found


GENERIC = {"generic": True}


def plain() -> str:
    """The same to read, to print and to copy from: the right answer is marked by a star."""
    return "\n\n".join(f"{name}\n\n{said(asked)}" for name, asked in bank().items()) + "\n"


def said(asked: Question | Numeric | Recall) -> str:
    lines = [words(asked.text), ""]
    if isinstance(asked, Numeric):
        lines += [f"  {asked.number:.6g}, to within {asked.within:g} %", f"    {words(asked.because)}"]
    elif isinstance(asked, Recall):
        lines += textwrap.indent(words(asked.because), "    ").splitlines()
    else:
        for option in asked.options:
            mark = "*" if option.right else " "
            lines += [f"{mark} {words(option.text)}", f"    {words(option.because)}"]
    return "\n".join(lines)


def words(text: str) -> str:
    shown = tree(text).get_text().strip().replace("\\(", "$").replace("\\)", "$")
    return re.sub(r"\n+", "\n\n", shown) if "\n\n" in text else " ".join(shown.split())
