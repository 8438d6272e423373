"""The map of the course says of every lecture what its first lines say,
whether or not the navigation names it.
"""

import pytest
from bs4 import BeautifulSoup

INDEX = "# Home\n\n{{ map lectures }}\n"
LECTURE = "# The first & best\n\n*What is it worth?*\n\n" + "word " * 380


def test_the_map_names_each_lecture_with_its_question_and_its_time(small_site):
    site = small_site({"index.md": INDEX, "lectures/a.md": LECTURE, "lectures/b.md": "# Second\n\n*Why?*\n"})
    items = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select(
        ".map > li"
    )
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
