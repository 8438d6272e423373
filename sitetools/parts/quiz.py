"""The quiz of a lecture: questions from docs/exercises/quizzes/NAME.toml, with a reason for every answer.

    [[question]]
    text = "Where do most parameters of VGG-16 lie?"

    [[question.option]]
    text = "In the fully connected layers: {{ measured networks/vgg-16/fc-parameters }} of them."
    right = true
    because = "They use each weight once."

Where the records decide which answer is right, nobody types it: the question says `right = "greatest"` or
"least", and each option names what is compared, `measured = "networks/vgg-16/parameters"`.
A tie stops the build.

The page holds native radio buttons and, folded under them, every answer with its reason. That is all a reader
without JavaScript needs; docs/assets/quiz.js adds the button that checks one answer.
"""

import re
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from xml.etree import ElementTree

from mkdocs.exceptions import PluginError

from sitetools import datafiles

QUIZZES = Path(__file__).parents[2] / "docs/exercises/quizzes"
MEASURED = re.compile(r"\{\{ *measured +([^{}]+?) *\}\}")
RULES = {"greatest": max, "least": min}
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


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
    path = folder / f"{name}.toml"
    if not path.exists():
        legal = ", ".join(sorted(other.stem for other in folder.glob("*.toml")))
        raise PluginError(f"unknown quiz {name!r}: choose one of {legal}")
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
        values = [number(read(option["measured"])) for option in options]
        best = RULES[written["right"]](values)
        flags = [value == best for value in values]
    else:
        flags = [option.get("right", False) for option in options]
    shown = [MEASURED.sub(lambda found: read(found[1]), option["text"]) for option in options]
    if sum(flags) != 1 or len(set(shown)) < len(shown):
        raise ValueError(
            f"{text!r} needs exactly one right answer and no two alike, it has {sum(flags)} right of {shown}"
        )
    return Question(
        text, [Option(option["text"], option["because"], flag) for option, flag in zip(options, flags)]
    )


def read(name: str) -> str:
    from course import measured  # when a quiz asks: the numbers are read from all the records

    return measured.measured(name).text


def number(text: str) -> float:
    """A measurement as its reader sees it, compared as he sees it: "138,357,544",
    "15.5 billion", "4.6 × 10⁻⁴⁰".
    """
    mantissa, exponent = re.match(r"([\d,.]+)(?: × 10([⁻⁰-⁹¹²³]+))?", text).groups()
    return float(f"{mantissa.replace(',', '')}e{(exponent or '0').translate(SUPERSCRIPT)}")


def quiz(parent: ElementTree.Element, name: str) -> None:
    """Append the questions; their texts are still Markdown, as a caption's is."""
    box = ElementTree.SubElement(parent, "div", {"class": "quiz"})
    for place, asked in enumerate(questions(name), start=1):
        group = f"quiz-{name}-{place}"
        field = ElementTree.SubElement(box, "fieldset", {"class": "question", "id": group})
        ElementTree.SubElement(field, "legend").text = f"{place}. {asked.text}"
        for count, option in enumerate(asked.options, start=1):
            label = ElementTree.SubElement(field, "label")
            ElementTree.SubElement(label, "input", {"type": "radio", "name": group, "value": str(count)})
            ElementTree.SubElement(label, "span").text = option.text
        # Search would find every wrong answer as if the page had said it.
        details = ElementTree.SubElement(field, "details", {"class": "answers", "data-search-exclude": ""})
        ElementTree.SubElement(details, "summary").text = "Answers and reasons"
        listed = ElementTree.SubElement(details, "ul")
        for option in asked.options:
            item = ElementTree.SubElement(listed, "li", {"class": "right" if option.right else "wrong"})
            ElementTree.SubElement(item, "span", {"class": "verdict"}).text = (
                "Right." if option.right else "Wrong."
            )
            ElementTree.SubElement(item, "span", {"class": "option"}).text = option.text
            ElementTree.SubElement(item, "span", {"class": "because"}).text = option.because
