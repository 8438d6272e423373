"""The quiz of a lecture: questions from docs/exercises/quizzes/NAME.toml, with a reason for every answer.

    [[question]]
    text = "Where do most parameters of VGG-16 lie?"

    [[question.option]]
    text = "In the fully connected layers: {{ measured networks/vgg-16/fc-parameters }} of them."
    right = true
    because = "They use each weight once."

{{ quiz NAME }} puts the questions on a page. Where the records decide which answer is right, nobody types
it: the question says `right = "greatest"` or "least", and each option names what is compared, `measured =
"networks/vgg-16/parameters"`. A tie stops the build.

The page holds native radio buttons and, folded under them, every answer with its reason. That is all a reader
without JavaScript needs; docs/assets/quiz.js adds the button that checks one answer.
"""

from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from course.report import measured
from sitetools import datafiles
from sitetools.syntax.directives import DIRECTIVE, Spot, chosen, directive
from sitetools.syntax.markup import filled

QUIZZES = Path(__file__).parents[2] / "docs/exercises/quizzes"
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


def questions(name: str, folder: Path = QUIZZES) -> list[Question]:
    """Raises PluginError for a quiz that is missing or whose questions do not
    have exactly one right answer.
    """
    path = chosen({path.stem: path for path in folder.glob("*.toml")}, name, "quiz")
    with datafiles.entry(path, "the quiz"):
        written = datafiles.fields(datafiles.parsed(path), question=list)["question"]
    found = []
    for number, each in enumerate(written, start=1):
        with datafiles.entry(path, f"question {number}"):
            found.append(question(each))
    return found


def question(written: dict) -> Question:
    text, options = itemgetter("text", "option")(datafiles.fields(written, text=str, option=list))
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
    shown = [
        DIRECTIVE.sub(lambda found: measured.measured(found["name"]).text, option["text"])
        for option in options
    ]
    if sum(flags) != 1 or len(set(shown)) < len(shown):
        raise ValueError(
            f"{text!r} needs exactly one right answer and no two alike, it has {sum(flags)} right of {shown}"
        )
    return Question(
        text, [Option(option["text"], option["because"], flag) for option, flag in zip(options, flags)]
    )


def value(name: str) -> float:
    found = measured.measured(name)
    if found.value is None:
        raise ValueError(f"{name} is {found.text}, and no one number that can be compared")
    return found.value


@directive("quiz")
def quiz(spot: Spot, name: str) -> None:
    spot.parent.append(filled("quiz", name=name, questions=questions(name)))
