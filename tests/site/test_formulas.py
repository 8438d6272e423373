"""Formulas become MathML: spaced as TeX spaces them, in a font that has all their signs."""

import json
import re
import runpy
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sitetools.syntax.formulas import render

FONT = Path(__file__).parents[2] / "docs/assets/vendor/stix-two-math"


def spaces(tex: str, sign: str, display: bool = False) -> tuple[str | None, str | None]:
    found = BeautifulSoup(render(tex, display), "html.parser").find("mo", string=sign)
    return found.get("lspace"), found.get("rspace")


@pytest.mark.parametrize(
    "tex, sign, left, right",
    [
        (r"x_{l+1}", "+", "0", "0"),
        (r"\sum_{i=1}^m x_i", "=", "0", "0"),
        (r"l + 1", "+", None, None),
        (r"z = \sum_i x_i", "∑", "0", None),
        (r"2 \sum_i x_i", "∑", None, None),
        (r"x_1, \dots, x_m", "…", "0", "0.1667em"),
        (r"W_2 \cdots W_L", "⋯", "0.1667em", "0.1667em"),
        (r"\phi\big(z\big) W", ")", "0", "0"),
    ],
)
def test_signs_have_the_space_that_tex_gives_them(tex, sign, left, right):
    assert spaces(tex, sign) == (left, right)


@pytest.mark.parametrize(
    "tex, count",
    [
        (r"W \operatorname{diag}(z)", 1),
        (r"(\operatorname{diag} z)", 1),
        (r"= \operatorname{diag}(z)", 0),
        (r"W \max z", 2),
    ],
)
def test_the_name_of_a_function_stands_apart_from_the_letters_beside_it(tex, count):
    assert render(tex, False).count('<mspace width="0.1667em">') == count


def test_only_a_long_formula_may_break_within_a_line():
    assert "long" not in render(r"z = w^\top h + b", False)
    assert render(
        r"\lVert w \rVert^2 = \lVert v \rVert^2 + 2 v^\top (w - v) + \lVert w - v \rVert^2 = 0", False
    ).startswith('<math class="long"><mrow>')


def test_a_long_formula_takes_its_full_stop_into_its_last_row(small_site):
    text = "# Page\n\nSo $a_1 + a_2 + a_3 + a_4 + a_5 + a_6 = b_1 + b_2 + b_3 + b_4 + b_5$. Then.\n"
    formula = BeautifulSoup(
        (small_site({"page.md": text}) / "page.html").read_text(encoding="utf-8"), "html.parser"
    ).article.math
    assert "long" in formula["class"] and formula.find_all("mrow", recursive=False)[-1].mtext.text == "."
    assert formula.find_parent("span", class_="unbroken") is None and formula.next_sibling == " Then."


def test_no_line_breaks_between_a_formula_and_the_signs_around_it(small_site):
    page = BeautifulSoup(
        (
            small_site({"page.md": "# Page\n\nA unit ($x$), an $n$-th one, and $z$ alone.\n"}) / "page.html"
        ).read_text(encoding="utf-8"),
        "html.parser",
    )
    assert [part.text for part in page.article.select("span.unbroken")] == ["(x),", "n-th"]
    assert page.article.p.text.startswith("A unit (x), an n-th one, and z alone.")


def test_search_shows_a_formula_whose_signs_can_stand_in_a_row_and_no_other(small_site):
    text = "# Page\n\nThe width $n$ of $L > 2$ layers, not $n_l$, $n^2$ or $\\frac{n}{2}$.\n\n$$n = 1$$\n"
    (found,) = (
        entry
        for entry in json.loads(
            (small_site({"page.md": text}) / "search/search_index.json").read_text(encoding="utf-8")
        )["docs"]
        if entry["location"] == "page.html"
    )
    assert found["text"] == "<p>The width n of L&gt;2 layers, not ,  or .</p>"


def test_the_font_of_formulas_has_every_sign_of_every_formula(site):
    signs = runpy.run_path(str(FONT / "make.py"))["codes"]()
    shown = {
        sign
        for page in site.rglob("*.html")
        for formula in re.findall(r"<math.*?</math>", page.read_text(encoding="utf-8"), re.S)
        for sign in BeautifulSoup(formula, "html.parser").text
    }
    assert {sign for sign in shown if ord(sign) not in signs and not sign.isspace()} == set()
    assert {"x", "∑", "ℒ", "𝔼"} <= shown


def test_a_sign_between_the_rows_of_a_long_formula_stands_at_the_end_of_one():
    rows = BeautifulSoup(
        render(
            r"\mathbb E\big[z^2\,[z > 0]\big] = \mathbb E\big[z^2\,[z < 0]\big] = \tfrac12 \operatorname{Var} z",
            False,
        ),
        "html.parser",
    ).math
    assert [row.text[-2:] for row in rows.find_all("mrow", recursive=False)] == [
        "𝔼[",
        "z>",
        "]=",
        "𝔼[",
        "z<",
        "]=",
        "r\u2061",
        "z",
    ]


@pytest.mark.parametrize("size", ["11pt", "16px", "18px"])
def test_the_root_of_a_letter_with_both_indices_is_one_line_high(tab, small_site, size):
    tab.goto(
        (
            small_site({"page.md": "# Page\n\n$\\sqrt{\\sigma_{\\mathcal B}^2 + \\epsilon}$\n"}) / "page.html"
        ).as_uri()
    )
    tab.evaluate("document.fonts.load('1em \"STIX Two Math\"')")
    tab.evaluate("size => { document.querySelector(`math`).style.fontSize = size; }", size)
    height = tab.evaluate(
        "document.querySelector('msqrt').getBoundingClientRect().height / "
        "parseFloat(getComputedStyle(document.querySelector('msqrt')).fontSize)"
    )
    assert 1 < height < 1.6
