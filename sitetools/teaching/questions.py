"""Every question of the course as files: GIFT, which Moodle reads, and text.

A question keeps its name from one edition to the next, since a platform knows it by that: relu/quiz-2 is the
second of the quiz on the page, relu/question-2 of those that stand on no page (docs/exercises/questions/),
relu/recall-1 an exercise that is answered in words.
"""

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

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
    kinds: dict[str, Callable[[str], list]] = {
        "quiz": questions,
        "question": lambda lecture: questions(lecture, FURTHER),
        "recall": recalls,
    }
    return {
        f"{lecture}/{kind}-{number}": each
        for lecture in lectures()
        for kind, asked in kinds.items()
        for number, each in enumerate(asked(lecture), start=1)
    }


def recalls(lecture: str) -> list[Recall]:
    return [
        Recall(
            FOLDED.split(exercise.text.replace("{ .grade }", ""))[0].strip(),
            textwrap.dedent("".join(SOLUTION.findall(f"{exercise.text}\n"))).strip(),
        )
        for exercise in exercises(lecture)
        if exercise.grade == "recall"
    ]


def gift() -> str:
    """https://docs.moodle.org/en/GIFT_format: a category for each lecture, texts in HTML, formulas in TeX."""
    parts = []
    for lecture, those in groupby(bank().items(), key=lambda item: item[0].split("/")[0]):
        parts.append(f"$CATEGORY: $course$/top/Going Deeper/{lecture}")
        parts += [
            f"::{escaped(name)}:: [html]{marked(asked.text)} {{{answers(asked)}}}" for name, asked in those
        ]
    return "\n\n".join(parts) + "\n"


def answers(asked: Question | Numeric | Recall) -> str:
    match asked:
        case Numeric(_, number, within, because):
            tolerance = abs(number) * within / 100
            return f"#\n={number:.6g}:{tolerance:.3g}#{marked(because)}\n~#{marked(because)}\n"
        case Recall(_, because):
            return f"####{marked(because)}"
        case Question(_, options):
            return "\n" + "".join(
                f"{'=' if option.right else '~'}{marked(option.text)}#{marked(option.because)}\n"
                for option in options
            )


def marked(text: str) -> str:
    return escaped(str(tree(text)).replace("\n", " "))


def escaped(text: str) -> str:
    """What GIFT would read as its own: the backslash first, or it would escape what we have escaped."""
    return re.sub(r"([:#={}~])", r"\\\1", text.replace("\\", "\\\\"))


def tree(text: str) -> BeautifulSoup:
    """Markdown as HTML that a platform keeps: no links into the site, formulas as TeX between \\( and \\)."""
    made = markdown(
        resolved(text),
        extensions=["pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    found = BeautifulSoup(made, "html.parser")
    for element in found.select("span.arithmatex, a[href^='../'], a[href$='.md']"):
        element.unwrap()
    return found


def plain() -> str:
    """The same to read, to print and to copy from: the right answer is marked by a star."""
    return "\n\n".join(f"{name}\n\n{said(asked)}" for name, asked in bank().items()) + "\n"


def said(asked: Question | Numeric | Recall) -> str:
    lines = [words(asked.text), ""]
    match asked:
        case Numeric(_, number, within, because):
            lines += [f"  {number:.6g}, to within {within:g} %", f"    {words(because)}"]
        case Recall(_, because):
            lines += textwrap.indent(words(because), "    ").splitlines()
        case Question(_, options):
            for option in options:
                mark = "*" if option.right else " "
                lines += [f"{mark} {words(option.text)}", f"    {words(option.because)}"]
    return "\n".join(lines)


def words(text: str) -> str:
    shown = tree(text).get_text().strip().replace("\\(", "$").replace("\\)", "$")
    return re.sub(r"\n+", "\n\n", shown) if "\n\n" in text else " ".join(shown.split())
