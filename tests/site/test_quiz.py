"""Every question has exactly one right answer and a reason for each; what the records decide,
the records answer.
"""

import re
from types import SimpleNamespace

import pytest
from mkdocs.exceptions import PluginError

from course.report import measured
from sitetools.parts.exercises import lectures
from sitetools.parts.quiz import QUIZZES, questions
from tests.browser import checks
from tests.browser.checks import LAPTOP, PHONE
from tests.pages import article

QUIZ = """
[[question]]
text = "Which has more?"
right = "greatest"
option = [
    {text = "VGG-16", measured = "vgg", because = "It has {{ measured vgg }}."},
    {text = "AlexNet", measured = "alexnet", because = "It has $2^3$."},
]

[[question]]
text = "How many are they in VGG?"
option = [
    {text = "1,000", because = "Fewer."},
    {text = "{{ measured vgg }}", because = "Counted.", right = true},
]
"""


@pytest.fixture
def numbers(monkeypatch):
    """Stand-ins for the records; change one, and the quiz must follow."""
    known = {"vgg": "138,357,544", "alexnet": "60,965,224"}
    monkeypatch.setattr(
        measured,
        "measured",
        lambda name: SimpleNamespace(
            text=known[name], source="counted", value=float(known[name].replace(",", ""))
        ),
    )
    return known


@pytest.fixture
def right(tmp_path):
    """Which options of a quiz are right."""

    def of(text: str) -> list[int]:
        (tmp_path / "one.toml").write_text(text, encoding="utf-8")
        return [
            [option.right for option in question.options].index(True)
            for question in questions("one", tmp_path)
        ]

    return of


@pytest.mark.parametrize("name", lectures())
def test_a_lecture_asks_three_questions_and_gives_a_reason_for_every_answer(name):
    asked = questions(name)
    assert len(asked) == 3
    for question in asked:
        assert len(question.options) >= 3 and sum(option.right for option in question.options) == 1
        for option in question.options:
            assert len(option.because.split()) >= 5, f"{name}: {option.text}"
            assert re.search(r"\w", re.sub(r"\$[^$]+\$", "", option.text)), (
                f"{name}: {option.text} is only a formula, which names no radio button"
            )


def test_the_right_answer_is_not_always_at_the_same_place():
    places = [
        [option.right for option in question.options].index(True)
        for name in lectures()
        for question in questions(name)
    ]
    assert set(places) >= {0, 1, 2}


def test_no_quiz_is_without_a_lecture():
    assert {path.stem for path in QUIZZES.glob("*.toml")} == set(lectures())


def test_the_records_decide_which_answer_is_right(numbers, right):
    assert right(QUIZ) == [0, 1]
    numbers["alexnet"] = "160,965,224"
    assert right(QUIZ) == [1, 1]
    assert right(QUIZ.replace("greatest", "least")) == [0, 1]


def test_a_tie_or_two_answers_alike_stop_the_build(numbers, right):
    numbers["alexnet"] = numbers["vgg"]
    with pytest.raises(
        PluginError, match="one.toml: question 1: 'Which has more.' needs exactly one right answer"
    ):
        right(QUIZ)
    numbers.update(alexnet="5", vgg="1,000")
    with pytest.raises(PluginError, match="How many are they"):
        right(QUIZ)


@pytest.mark.parametrize(
    "old, new, told",
    [
        ('because = "Fewer."', 'because = "Fewer.", right = true', "2 right"),
        ("right = true", "right = false", "0 right"),
        ('because = "Fewer."', 'becouse = "Fewer."', "question 2 lacks 'because'"),
        (
            'right = "greatest"',
            'right = "highest"',
            "question 1: right is 'highest', and should be one of greatest, least",
        ),
        ("[[question]]", "[question", "not TOML"),
    ],
)
def test_a_quiz_that_cannot_be_asked_says_why(numbers, right, old, new, told):
    with pytest.raises(PluginError, match=told):
        right(QUIZ.replace(old, new, 1))


def test_numbers_are_compared_as_numbers_and_not_as_they_are_written(tmp_path):
    quiz = QUIZ.replace('"vgg"', '"networks/vgg-16/multiply-adds"').replace(
        '"alexnet"', '"networks/vgg-16/parameters"'
    )
    (tmp_path / "one.toml").write_text(quiz.replace("{{ measured vgg }}", "much"), encoding="utf-8")
    assert [option.right for option in questions("one", tmp_path)[0].options] == [True, False]


def test_a_range_is_no_number_to_compare(tmp_path):
    quiz = QUIZ.replace('"vgg"', '"digits/plain-56/train-error-range"')
    (tmp_path / "one.toml").write_text(quiz, encoding="utf-8")
    with pytest.raises(
        PluginError, match="question 1: digits/plain-56/train-error-range is .* no one number"
    ):
        questions("one", tmp_path)


@pytest.fixture
def page(small_site):
    return article(small_site({"page.md": "# Page\n\n{{ quiz vgg }}\n"}), "page.html")


def test_a_question_is_a_group_of_radio_buttons_with_a_name(page):
    for place, field in enumerate(page.select("fieldset"), start=1):
        assert field.legend.text.startswith(f"{place}. ") and field["id"] == f"quiz-vgg-{place}"
        buttons = field.select("label > input[type=radio]")
        assert len(buttons) >= 3 and {button["name"] for button in buttons} == {field["id"]}
        assert all(button.parent.text.strip() for button in buttons)


def test_without_a_script_every_answer_stands_folded_under_its_question(page):
    for field, question in zip(page.select("fieldset"), questions("vgg"), strict=True):
        items = field.select("details.answers li")
        assert [item["class"] == ["right"] for item in items] == [option.right for option in question.options]
        assert all(
            item.select_one(".verdict").text in ("Right.", "Wrong.") and item.select_one(".because").text
            for item in items
        )


def test_texts_are_markdown_with_numbers_from_the_records(page):
    assert page.select_one("legend .measured").text == measured.measured("networks/vgg-16/parameters").text
    assert page.select_one(".because math") and page.select_one(".because em")


def test_an_unknown_quiz_stops_the_build_and_the_quizzes_are_named(small_site):
    complaint = small_site({"page.md": "# Page\n\n{{ quiz vggg }}\n"})
    assert "unknown quiz 'vggg': choose one of" in complaint and "page.md" in complaint


def test_an_unknown_list_of_exercises_stops_the_build(small_site):
    assert "no exercises for 'vggg': choose one of" in small_site(
        {"page.md": "# Page\n\n{{ exercises vggg }}\n"}
    )


# --- in a browser


@pytest.fixture
def address(small_site) -> str:
    """A page with the quiz of the lecture on VGG, as a file."""
    return (small_site({"page.md": "# Page\n\n{{ quiz vgg }}\n"}) / "page.html").as_uri()


def places(right: bool) -> list[int]:
    """For each question the place of an answer that is right, or wrong."""
    return [[option.right for option in question.options].index(right) for question in questions("vgg")]


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_a_question_is_answered_by_keyboard_and_the_reason_is_read_out(tab, address):
    faults = checks.listen(tab, address.removesuffix("/page.html"))
    tab.goto(address)
    for number, (right, wrong) in enumerate(zip(places(True), places(False))):
        question, asked = tab.locator(".question").nth(number), questions("vgg")[number]
        status, answers = question.get_by_role("status"), question.locator(".answers")
        question.locator("input").first.focus()
        for _ in range(3):  # from the first answer once around, so that it is chosen
            tab.keyboard.press("ArrowDown")
        for place, verdict in ((wrong, "Not so."), (right, "Right.")):
            while question.locator("input:checked").get_attribute("value") != str(place + 1):
                tab.keyboard.press("ArrowDown")
            assert status.inner_text() == "", "an answer that is only chosen is not judged"
            tab.keyboard.press("Tab")
            tab.keyboard.press("Enter")
            first_words = asked.options[place].because.split("*")[0].split("$")[0].split("{")[0]
            assert verdict in status.inner_text() and first_words.strip() in " ".join(
                status.inner_text().split()
            )
            assert answers.is_visible() == (verdict == "Right.")
            tab.keyboard.press("Shift+Tab")
    assert faults == []
    for size in (LAPTOP, PHONE):
        tab.set_viewport_size(size)
        assert [
            fault for check in (checks.policy, checks.width, checks.barriers) for fault in check(tab)
        ] == []


def test_the_button_asks_for_an_answer_first(tab, address):
    tab.goto(address)
    question = tab.locator(".question").first
    question.get_by_role("button", name="Check").click()
    assert question.get_by_role("status").inner_text() == "Choose an answer first."


def test_a_question_is_a_group_that_is_called_by_its_text(tab, address):
    tab.goto(address)
    assert (
        tab.get_by_role("group", name="Which part of VGG-16")
        .get_by_role("radio", name="The thirteen convolutions")
        .count()
        == 1
    )


def test_without_a_script_the_answers_unfold(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    tab = context.new_page()
    tab.goto(address)
    assert tab.locator(".question button").count() == 0
    tab.locator(".answers summary").first.click()
    assert tab.locator(".answers .because").first.is_visible()
    context.close()


def test_on_paper_there_are_questions_and_no_answers(tab, address):
    tab.goto(address)
    tab.emulate_media(media="print")
    assert tab.locator("legend").first.is_visible() and tab.locator(".question label").first.is_visible()
    assert not any(
        found.is_visible() for found in tab.locator(".question :is(button, .feedback, .answers)").all()
    )
