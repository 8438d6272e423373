"""A data file of the site that cannot be used as it is stops the build with one line: the file, the entry,
what should be there.
"""

import json
import re

import pytest
from mkdocs.exceptions import PluginError

from course import CourseError, paths
from scripts import render
from sitetools import hooks
from sitetools.parts import exercises, figures, quiz, status
from sitetools.syntax import citations, glossary

TERM = {"term": "ReLU", "words": ["ReLUs?"], "text": "max(0, x).", "page": "page.md"}
OPTIONS = [{"text": "one", "because": "It is.", "right": True}, {"text": "two", "because": "It is not."}]
FIGURE = {
    "alt": "One.",
    "caption": "One.",
    "width": 9,
    "height": 9,
    "basis": "A drawing",
    "experiments": [],
    "records": [],
    "source": "course/figures/imagenet.py:ilsvrc",
    "command": "",
    "seeds": 0,
    "device": "",
}
VERIFIED = {
    "date": "2026-01-01",
    "commit": None,
    "device": "CPU",
    "versions": {},
    "seen": {"a.md": {"digest": "x", "seconds": [1.0]}},
}


def toml(name: str, table: dict) -> str:
    """A table of texts, lists and flags; what is written so in JSON is written so in TOML."""
    return f"{name}\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + "\n"


def of_glossary(**changes) -> str:
    return toml("[relu]", TERM | changes)


def of_quiz(right=None, options=None, **changes) -> str:
    listed = "".join(
        toml("[[question.option]]", option) for option in (OPTIONS if options is None else options)
    )
    return (
        toml("[[question]]", {"text": "How many?"} | ({} if right is None else {"right": right}) | changes)
        + listed
    )


def without(table: dict, name: str) -> dict:
    return {key: value for key, value in table.items() if key != name}


READERS = {
    "glossary.toml": glossary.read,
    "vgg.toml": lambda path: quiz.questions("vgg", path.parent),
    "figures.json": figures.read,
    "verified.json": lambda path: status.verified(),
    "references.bib": citations.Bibliography,
    "vgg.py": exercises.starter_of,
}
WHOLE = {
    "glossary.toml": of_glossary(),
    "vgg.toml": of_quiz(),
    "figures.json": json.dumps({"one": FIGURE}),
    "verified.json": json.dumps(VERIFIED),
    "references.bib": "@misc{he2016, author = {He, K.}, title = {{One}}, year = {2016}}",
    "vgg.py": "def f():\n    '''Exercise 1. Write it.'''\n    return 1\n",
}
FAULTS = [
    ("glossary.toml", "[relu", "glossary.toml is not TOML"),
    ("glossary.toml", b"\xff", "glossary.toml is not TOML"),
    (
        "glossary.toml",
        of_glossary(words="zed"),
        '[relu]: words is a text, "zed", and should be a list of texts',
    ),
    ("glossary.toml", of_glossary(words=[1]), "[relu]: words is a list, [1], and should be a list of texts"),
    ("glossary.toml", of_glossary(words=[]), "[relu]: its words are found where there are none"),
    ("glossary.toml", of_glossary(words=["x*"]), "[relu]: its words are found where there are none"),
    ("glossary.toml", of_glossary(words=["(x"]), "[relu]: missing ), unterminated subpattern"),
    ("glossary.toml", of_glossary(text=7), "[relu]: text is a whole number, 7, and should be a text"),
    ("glossary.toml", toml("[relu]", without(TERM, "text")), "[relu] lacks 'text'"),
    (
        "glossary.toml",
        "relu = 3",
        "[relu]: it is a whole number, and should be a table with term, words, text, page",
    ),
    ("vgg.toml", "[[question", "vgg.toml is not TOML"),
    ("vgg.toml", "x = 1", "the quiz lacks 'question'"),
    ("vgg.toml", "question = 1", "the quiz: question is a whole number, 1, and should be a list"),
    (
        "vgg.toml",
        "question = [1]",
        "question 1: it is a whole number, and should be a table with text, option",
    ),
    ("vgg.toml", of_quiz(right="true"), "question 1: right is 'true', and should be one of greatest, least"),
    ("vgg.toml", of_quiz(right=True), "question 1: right is True, and should be one of greatest, least"),
    (
        "vgg.toml",
        of_quiz(options=[OPTIONS[0] | {"right": "false"}, OPTIONS[1]]),
        'question 1: right is a text, "false", and should be true or false',
    ),
    (
        "vgg.toml",
        of_quiz(options=[OPTIONS[0], OPTIONS[1] | {"because": ["no"]}]),
        "question 1: because is a list",
    ),
    ("vgg.toml", of_quiz(text=3), "question 1: text is a whole number"),
    (
        "vgg.toml",
        of_quiz() + of_quiz(options=[without(OPTIONS[0], "because"), OPTIONS[1]]),
        "question 2 lacks 'because'",
    ),
    ("vgg.toml", of_quiz(right="greatest"), "question 1 lacks 'measured'"),
    ("figures.json", "{", "figures.json is not JSON"),
    ("figures.json", "", "figures.json is not JSON"),
    ("figures.json", "[1]", "figures.json holds a list, not entries by name"),
    ("figures.json", json.dumps({"one": 1}), "figure 'one': it is a whole number, and should be a table"),
    ("figures.json", json.dumps({"one": without(FIGURE, "alt")}), "figure 'one' lacks 'alt'"),
    (
        "figures.json",
        json.dumps({"one": FIGURE | {"width": "9"}}),
        "figure 'one': width is a text, \"9\", and should be a whole number",
    ),
    ("figures.json", json.dumps({"one": FIGURE | {"records": "digits"}}), "figure 'one': records is a text"),
    (
        "figures.json",
        json.dumps({"one": FIGURE | {"basis": ""}}),
        "figure 'one': it does not say what it is drawn from",
    ),
    ("verified.json", "]", "verified.json is not JSON"),
    ("verified.json", json.dumps(without(VERIFIED, "date")), "the whole lacks 'date'"),
    (
        "verified.json",
        json.dumps(VERIFIED | {"seen": []}),
        "the whole: seen is a list, [], and should be a table",
    ),
    ("verified.json", json.dumps(VERIFIED | {"seen": {"a.md": {"seconds": [1.0]}}}), "a.md lacks 'digest'"),
    (
        "verified.json",
        json.dumps(VERIFIED | {"seen": {"a.md": {"digest": "x", "seconds": ["1"]}}}),
        "a.md: unsupported operand",
    ),
    (
        "verified.json",
        json.dumps(VERIFIED | {"seen": {"l.py": {"digest": "x", "seconds": None}}}),
        "l.py: seconds is NoneType, null",
    ),
    ("references.bib", "@misc{he2016, author = {He, K.}, title = {{One}}}", "he2016 lacks 'year'"),
    ("references.bib", "@misc{he2016, title = {{One}}, year = {2016}}", "he2016 lacks 'author'"),
    (
        "references.bib",
        "@article{he2016, author = {He, K.}, title = {{One}}, year = {2016}}",
        "he2016: missing journal in he2016",
    ),
    ("references.bib", "@misc{he2016, author = {He, K.}, title = ", "references.bib cannot be read"),
    ("vgg.py", "def f(:\n", "vgg.py: the solution, line 1: invalid syntax"),
    ("vgg.py", "x = 1\n  y = 2\n", "vgg.py: the solution, line 2: unexpected indent"),
]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Call it with a file's name and content: it is read as the site does."""

    def read(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setattr(status, "VERIFIED", path)
        return READERS[name](path)

    return read


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_read(written, name):
    assert written(name, WHOLE[name])


@pytest.mark.parametrize("name, content, told", FAULTS)
def test_a_fault_is_told_in_one_line_with_file_and_entry(written, name, content, told):
    with pytest.raises(PluginError) as fault:
        written(name, content)
    message = str(fault.value)
    assert told in message and name in message and "\n" not in message


@pytest.mark.parametrize("name", ("figures.json", "verified.json"))
def test_a_file_that_is_missing_is_named(tmp_path, monkeypatch, name):
    monkeypatch.setattr(status, "VERIFIED", tmp_path / name)
    with pytest.raises(
        PluginError, match=f"{name} (cannot be read|is missing)|no figures: {name} is missing"
    ):
        READERS[name](tmp_path / name)


def test_a_damaged_record_stops_the_build_without_a_traceback(monkeypatch):
    def damaged(*given):
        raise CourseError("digits-plain-20-seed0.json is damaged")

    monkeypatch.setattr(hooks.published, "publish", damaged)
    with pytest.raises(PluginError, match="^digits-plain-20-seed0.json is damaged$"):
        hooks.on_files([], None)


def test_the_figures_are_not_described_anew_over_a_damaged_description(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "figures.json")
    for content in ("{", "1", '"text"'):
        paths.MANIFEST.write_text(content)
        with pytest.raises(
            CourseError,
            match=re.escape(
                "figures.json is damaged: python scripts/render.py, without a name, writes it anew"
            ),
        ):
            render.kept()
