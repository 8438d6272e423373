"""The course grew from a lecture. Each statement of its slides stands on a page and on a slide of ours, in the
form that is correct.

tests/site/lecture_map.csv: slide and statement in short; where it is now, a page and a heading, and words that stand
there; which slide of ours projects it, and words of that slide or its notes; what was corrected.
"""

import csv
import re
from pathlib import Path

import pytest

from tests.pages import article, parsed

with (Path(__file__).parent / "lecture_map.csv").open(encoding="utf-8", newline="") as file:
    STATEMENTS = list(csv.DictReader(file))
DECKS = ["imagenet-to-vgg", "vanishing-gradients", "residual-learning"]
HEADINGS = ["h1", "h2", "h3", "h4", "dt"]


def section(site: Path, where: str) -> str | None:
    """The text from an anchor to the next heading of its rank or above;
    None where there is no such anchor.
    """
    page, anchor = where.split("#")
    if not (site / page).is_file():
        return None
    start = article(site, page).find(id=anchor)
    if start is None:
        return None
    text = [start.get_text()]
    for sibling in start.find_next_siblings():
        if sibling.name in HEADINGS and HEADINGS.index(sibling.name) <= HEADINGS.index(start.name):
            break
        text.append(sibling.get_text())
    return re.sub(r"\s+", " ", " ".join(text))


def missing(site: Path, where: str, words: str) -> str | None:
    found = section(site, where)
    if found is None:
        return f"there is no {where}"
    return None if words in found else f"{where} does not say {words!r}"


@pytest.mark.parametrize("where, words", [("where", "words"), ("projected", "shown")], ids=["page", "slide"])
def test_every_statement_of_the_lecture_is_found_where_the_map_says(site, where, words):
    lost = {
        f"{each['slide']}: {each['statement']}": missing(site, each[where], each[words])
        for each in STATEMENTS
    }
    assert {name: what for name, what in lost.items() if what} == {}


def test_the_slides_follow_the_lecture_in_its_order(site):
    """A slide's first statement comes in its turn; what was corrected may stand elsewhere, and so do references."""
    decks = {f"slides/{name}.html": slides_of(site / f"slides/{name}.html") for name in DECKS}
    first: dict[str, tuple[int, int]] = {}
    for each in STATEMENTS:
        deck, _, slide = each["projected"].partition("#")
        first.setdefault(each["slide"], (list(decks).index(deck), decks[deck].index(slide)))
    del first["References"]
    assert list(first.values()) == sorted(first.values())


def slides_of(deck: Path) -> list[str]:
    return [slide.find(["h1", "h2"])["id"] for slide in parsed(deck).select(".slides > section")]


def test_no_statement_is_listed_twice_and_every_one_is_complete():
    assert len({(each["slide"], each["statement"]) for each in STATEMENTS}) == len(STATEMENTS) > 70
    assert all(each[name].count("#") == 1 for each in STATEMENTS for name in ("where", "projected"))
    assert all(each["words"] and each["shown"] for each in STATEMENTS)


@pytest.mark.parametrize(
    "where, words, complaint",
    [
        ("page.html#here", "one thing", None),
        ("page.html#here", "deeper still", None),
        ("page.html#here", "another", "page.html#here does not say 'another'"),
        ("page.html#nowhere", "one thing", "there is no page.html#nowhere"),
        ("nothing.html#here", "one thing", "there is no nothing.html#here"),
    ],
)
def test_a_statement_that_is_lost_is_noticed(small_site, where, words, complaint):
    site = small_site(
        {
            "page.md": "# Page\n\n## Here\n\nIt says one\nthing.\n\n### Below\n\nAnd deeper still.\n\n## There\n\nAnd another.\n"
        }
    )
    assert missing(site, where, words) == complaint
