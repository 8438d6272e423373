"""The questions as a learning platform imports them: read back by a parser that knows nothing of the writer."""

import re

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import PluginError

from sitetools.parts.exercises import lectures
from sitetools.parts.quiz import FURTHER, Numeric, Question, questions
from sitetools.teaching.questions import Recall, bank, gift, plain, words

BANK = bank()
PLAIN = re.compile(r"(?<!\\)([:#={}~])")  # signs of GIFT that nothing escapes


def parsed(text: str) -> dict[str, dict]:
    """GIFT as https://docs.moodle.org/en/GIFT_format describes it, as far as we use it."""
    found = {}
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith("$CATEGORY:"):
            continue
        name, title, answers = re.fullmatch(r"::(.+?)::\s*(.*?)\s*(?<!\\)\{(.*)\}", block, re.S).groups()
        assert title.startswith("[html]") and not PLAIN.search(
            title.removeprefix("[html]").replace("\\\\", "")
        )
        kinds = {"numeric": answers.startswith("#\n"), "essay": answers.startswith("####")}
        kind = next((kind for kind, is_it in kinds.items() if is_it), "choice")
        options = []
        if kind == "essay":
            options.append(("", answers.removeprefix("####"), True))
        else:
            for line in answers.removeprefix("#").strip().split("\n"):
                option, feedback = re.split(r"(?<!\\)#", line[1:], maxsplit=1)
                options.append((option, feedback, line[0] == "="))
        found[unescaped(name)] = {
            "kind": kind,
            "text": unescaped(title.removeprefix("[html]")),
            "options": [(unescaped(a), unescaped(b), right) for a, b, right in options],
        }
    return found


def unescaped(text: str) -> str:
    """In Moodle's order: a double backslash is put aside before the others are read."""
    text = text.replace("\\\\", "\0")
    text = re.sub(r"\\([:#={}~])", r"\1", text)
    assert "\\" not in text, f"{text}: a backslash that Moodle would take for its own"
    return text.replace("\0", "\\")


@pytest.fixture(scope="module")
def imported() -> dict[str, dict]:
    return parsed(gift())


def test_there_are_sixty_questions_and_more_and_every_lecture_has_some_of_each_kind():
    assert len(BANK) >= 60 and len(set(BANK)) == len(BANK)
    for lecture in lectures():
        further = questions(lecture, FURTHER)
        assert len(further) >= 3 and any(isinstance(each, Numeric) for each in further), lecture
        assert f"{lecture}/recall-1" in BANK
    assert sum(isinstance(each, Numeric) for each in BANK.values()) >= 10


def test_no_file_of_questions_is_without_a_lecture():
    assert {path.stem for path in FURTHER.glob("*.toml")} == set(lectures())


@pytest.mark.parametrize("name", BANK)
def test_what_is_imported_is_what_was_asked(imported, name):
    asked, read = BANK[name], imported[name]
    assert shown(read["text"]) == words(asked.text)
    if isinstance(asked, Question):
        assert read["kind"] == "choice"
        assert [(shown(a), shown(b), right) for a, b, right in read["options"]] == [
            (words(option.text), words(option.because), option.right) for option in asked.options
        ]
        assert sum(right for *_, right in read["options"]) == 1
    elif isinstance(asked, Numeric):
        (answer, because, right), (_, other, wrong) = read["options"]
        number, tolerance = map(float, answer.split(":"))
        assert read["kind"] == "numeric" and right and not wrong and because == other
        assert abs(number - asked.number) < tolerance < abs(asked.number)
    else:
        assert isinstance(asked, Recall) and read["kind"] == "essay"
        assert shown(read["options"][0][1]).split() == words(asked.because).split()


def shown(markup: str) -> str:
    text = BeautifulSoup(markup, "html.parser").get_text()
    return " ".join(text.replace("\\(", "$").replace("\\)", "$").split())


def test_nothing_is_imported_as_raw_markup(imported):
    for name, read in imported.items():
        for text in [read["text"], *(part for a, b, _ in read["options"] for part in (a, b))]:
            outside = re.sub(r"\\\(.*?\\\)", "", shown(text).replace("$", ""))
            assert not re.search(r"\{\{|\*\*|`|\]\(|^#", outside), f"{name}: {outside}"
            assert "$" not in BeautifulSoup(text, "html.parser").get_text(), f"{name}: {text}"
            assert not BeautifulSoup(text, "html.parser").select(
                "a[href^='../'], a[href$='.md'], span, script"
            )


def test_the_text_marks_one_right_answer_of_each_choice():
    blocks = dict(zip(BANK, re.split(rf"^(?:{'|'.join(map(re.escape, BANK))})$", plain(), flags=re.M)[1:]))
    for name, asked in BANK.items():
        stars = re.findall(r"^\* ", blocks[name], re.M)
        assert len(stars) == isinstance(asked, Question), name


WRONG = {
    "no sum": ('number = "import os"', "alexnet.toml: question 1: number is 'import os'"),
    "no such measurement": ('number = "{{ measured networks/vgg-17/parameters }}"', "no record of 'vgg-17'"),
    "a range": ('number = "{{ measured digits/plain-56/train-error-range }}"', "no one number"),
}


@pytest.mark.parametrize("line, told", WRONG.values(), ids=WRONG)
def test_a_number_that_cannot_be_computed_says_why(tmp_path, line, told):
    text = f'[[question]]\ntext = "How many?"\n{line}\nwithin = 1.0\nbecause = "So many."\n'
    (tmp_path / "alexnet.toml").write_text(text)
    with pytest.raises(Exception, match=re.escape(told)):
        questions("alexnet", tmp_path)


def test_a_quiz_on_a_page_asks_for_no_number(monkeypatch):
    from sitetools.parts import quiz

    monkeypatch.setattr(quiz, "questions", lambda name: [Numeric("How many?", 1.0, 1.0, "One.")])
    with pytest.raises(PluginError, match="the quiz 'vgg' asks for a number"):
        quiz.quiz(None, "vgg")


def test_the_site_offers_both_files(site):
    assert (site / "exercises/questions.gift").read_text(encoding="utf-8") == gift()
    assert (site / "exercises/questions.txt").read_text(encoding="utf-8") == plain()
