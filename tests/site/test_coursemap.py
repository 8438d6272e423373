"""The map of the course says of every lecture what its first lines say,
whether or not the navigation names it.
"""

import pytest

from sitetools.parts.exercises import exercises
from tests.pages import article, parsed

INDEX = "# Home\n\n{{ map lectures }}\n"
LECTURE = "# The first & best\n\n*What is it worth?*\n\n" + "word " * 380


def test_the_map_names_each_lecture_with_its_question_and_its_time(small_site):
    site = small_site({"index.md": INDEX, "lectures/a.md": LECTURE, "lectures/b.md": "# Second\n\n*Why?*\n"})
    items = parsed(site / "index.html").select(".map > li")
    assert [(item.a.text, item.a["href"], item.select_one(".minutes").text) for item in items] == [
        ("The first & best", "lectures/a.html", "2 min"),
        ("Second", "lectures/b.html", "1 min"),
    ]
    assert items[1].p.text == "Why?"
    first, second = ((site / f"lectures/{name}.html").read_text(encoding="utf-8") for name in "ab")
    assert "Lecture 1 of 2 · about 2 minutes" in first and "Lecture 2 of 2 · about 1 minute<" in second


@pytest.mark.parametrize("lecture", ["# No question\n\nText.\n", "No title, and *why?*\n"])
def test_a_lecture_without_a_title_and_a_question_stops_the_build(small_site, lecture):
    assert "lectures/a.md: a lecture asks a question" in small_site(
        {"index.md": INDEX, "lectures/a.md": lecture}
    )


GUIDE = "# Guide\n\n{{ map objectives }}\n"
ABLE = "# ReLU\n\n*Why?*\n\nAfter this lecture you can derive $2/n$\nand use it.\n\n## More\n"


def test_the_objectives_are_the_lectures_own_words_with_the_time_of_their_exercises(small_site):
    site = small_site({"index.md": "# Home\n", "guide.md": GUIDE, "lectures/relu.md": ABLE})
    page = article(site, "guide.html")
    assert page.dt.a["href"] == "lectures/relu.html" and page.dt.text == "ReLU"
    minutes = sum(int(each.time.split()[0]) for each in exercises("relu"))
    assert page.dd.text.startswith("Derive ") and page.dd.find("math")
    assert f"{len(exercises('relu'))} exercises of {minutes} minutes together" in page.dd.text


def test_a_lecture_that_promises_nothing_and_an_unknown_map_stop_the_build(small_site):
    pages = {"index.md": "# Home\n", "guide.md": GUIDE, "lectures/relu.md": LECTURE}
    assert 'lectures/relu.md: a lecture says what one can do "After this lecture"' in small_site(pages)
    assert "there is no map of 'x': choose lectures or objectives" in small_site(
        {"index.md": "# Home\n\n{{ map x }}\n"}
    )
