"""The quiz of a lecture: questions from docs/exercises/quizzes/NAME.toml, with a reason for every answer.
Further questions, which stand on no page, lie in docs/exercises/questions/.

    [[question]]
    text = "Where do most parameters of VGG-16 lie?"

    [[question.option]]
    text = "In the fully connected layers: {{ measured networks/vgg-16/fc-parameters }} of them."
    right = true
    because = "They use each weight once."

{{ quiz NAME }} puts the questions on a page. Where the records decide which answer is right, nobody types
it: the question says `right = "greatest"` or "least", and each option names what is compared, `measured =
"networks/vgg-16/parameters"`. A tie stops the build.

A question of docs/exercises/questions/ may ask for a number, which is computed of what was measured:

    [[question]]
    text = "How many billion multiply-adds does a step of training take for each image?"
    number = "3 * {{ measured networks/resnet-152/multiply-adds }} / 1e9"
    within = 3.0  # per cent
    because = "One forward, two backward."

The page holds native radio buttons and, folded under them, every answer with its reason. That is all a reader
without JavaScript needs; docs/assets/quiz.js adds the button that checks one answer.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from mkdocs.exceptions import PluginError

from course.paths import ROOT
from course.report import measured
from sitetools import datafiles
from sitetools.syntax.directives import DIRECTIVE, Spot, chosen, directive
from sitetools.syntax.markup import filled

QUIZZES = ROOT / "docs/exercises/quizzes"
FURTHER = QUIZZES.parent / "questions"
ARITHMETIC = re.compile(r"[\d.e+*/() -]+")
RULES = {"greatest": max, "least": min}


@dataclass(frozen=True)
class Option:
    """text, because: Markdown, on one line."""

    text: str
    because: str
    right: bool


@dataclass(frozen=True)
class Question:
    text: str
    options: list[Option]


@dataclass(frozen=True)
class Numeric:
    """text, because: Markdown, on one line.  within: how far off an answer may be, in per cent."""

    text: str
    number: float
    within: float
    because: str


def questions(name: str, folder: Path = QUIZZES) -> list[Question | Numeric]:
    """Raises PluginError for a quiz that is missing, or whose questions do not
    have exactly one right answer.
    """
    path = chosen({path.stem: path for path in folder.glob("*.toml")}, name, "quiz")
    with datafiles.entry(path, "the quiz"):
        written = datafiles.fields(datafiles.parsed(path), question=list)["question"]
    found = []
    for number, each in enumerate(written, start=1):
        with datafiles.entry(path, f"question {number}"):
            found.append(numeric(each) if isinstance(each, dict) and "number" in each else question(each))
    return found


def question(written: dict) -> Question:
    options = datafiles.fields(written, text=str, option=list)["option"]
    for option in options:
        datafiles.fields(
            option,
            text=str,
            because=str,
            **{name: kind for name, kind in (("right", bool), ("measured", str)) if name in option},
        )
    if "right" in written:
        if written["right"] not in RULES:
            raise ValueError(
                f"right is {written['right']!r}, and should be one of {', '.join(RULES)}: which option is "
                "right, is said at the option"
            )
        values = [value(option["measured"]) for option in options]
        best = RULES[written["right"]](values)
        flags = [each == best for each in values]
    else:
        flags = [option.get("right", False) for option in options]
    shown = [resolved(option["text"]) for option in options]
    if sum(flags) != 1 or len(set(shown)) < len(shown):
        raise ValueError(
            f"{written['text']!r} needs exactly one right answer and no two alike, it has {sum(flags)} right "
            f"of {shown}"
        )
    return Question(
        written["text"],
        [Option(option["text"], option["because"], flag) for option, flag in zip(options, flags)],
    )


def numeric(written: dict) -> Numeric:
    datafiles.fields(written, text=str, number=str, within=float, because=str)
    worked = DIRECTIVE.sub(lambda found: repr(value(found["name"])), written["number"])
    if not ARITHMETIC.fullmatch(worked):
        raise ValueError(
            f"number is {written['number']!r}, and should be a sum of numbers and {{{{ measured NAME }}}}"
        )
    number = eval(worked)  # of digits and signs alone
    return Numeric(written["text"], number, written["within"], written["because"])


def resolved(text: str) -> str:
    """With the numbers that were measured."""
    return DIRECTIVE.sub(lambda found: measured.measured(found["name"]).text, text)


def value(name: str) -> float:
    found = measured.measured(name)
    if found.value is None:
        raise ValueError(f"{name} is {found.text}, and no one number that can be compared")
    return found.value


@directive("quiz")
def quiz(spot: Spot, name: str) -> None:
    asked = questions(name)
    if any(isinstance(each, Numeric) for each in asked):
        raise PluginError(f"the quiz {name!r} asks for a number: on a page there are answers to choose from")
    spot.parent.append(filled("quiz", name=name, questions=asked))
