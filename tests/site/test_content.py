"""No script, no event, no outside picture in what is written: it stops the build; and had it not,
no browser would run it.
"""

import re

import pytest

from sitetools.build import policy
from sitetools.build.scrutiny import check_page as check
from sitetools.parts import quiz
from sitetools.parts.quiz import Option, Question

OUTSIDE = "https://elsewhere.example"
REFUSED = [
    "<script>alert(1)</script>",
    '<script type="module">alert(1)</script>',
    '<script src="assets/quiz.js"></script>',
    '<SCRIPT SRC="data:text/javascript,alert(1)"></SCRIPT>',
    '<img src="assets/favicon.svg" alt="x" onerror="alert(1)">',
    '<p OnClick="alert(1)">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVa\tScript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="//elsewhere.example/">x</a>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<meta http-equiv="refresh" content="0; url=/">',
    f'<meta http-equiv="Content-Security-Policy" content="default-src {OUTSIDE}">',
    f'<base href="{OUTSIDE}/">',
    f"![A picture]({OUTSIDE}/x.png)",
    '<img src="//elsewhere.example/x.png" alt="x">',
    r'<img src="\\elsewhere.example\x.png" alt="x">',
    f'<img src="assets/favicon.svg" srcset="assets/favicon.svg 1x, {OUTSIDE}/x.png 2x" alt="x">',
    f'<video poster="{OUTSIDE}/x.png"></video>',
    f'<svg><image href="{OUTSIDE}/x.png"/></svg>',
    f'<svg><use xlink:href="{OUTSIDE}/x.svg#a"/></svg>',
    f'<iframe src="{OUTSIDE}"></iframe>',
    '<iframe srcdoc="x"></iframe>',
    '<object data="assets/favicon.svg"></object>',
    f'<link rel="stylesheet" href="{OUTSIDE}/x.css">',
    "<style>p { color: red }</style>",
    f'<p style="background: url({OUTSIDE}/x.png)">x</p>',
    f'<form action="{OUTSIDE}"><input type="submit"></form>',
]


@pytest.mark.parametrize("markup", REFUSED)
def test_what_runs_or_loads_from_elsewhere_stops_the_build(small_site, markup):
    complaint = small_site({"page.md": f"# Page\n\nText.\n\n{markup}\n"})
    assert isinstance(complaint, str), "the build went through"
    assert "page.md" in complaint


@pytest.mark.parametrize("markup", REFUSED)
def test_it_is_named_in_one_line(markup):
    if markup.startswith("!["):
        markup = f'<img src="{OUTSIDE}/x.png">'
    with pytest.raises(
        Exception,
        match=r"^page.md: .* may not stand in a page \(.*\): scripts belong in docs/assets, pictures into docs/$",
    ):
        check(f"<div>{markup}</div>", "page.md")


@pytest.mark.parametrize(
    "markup",
    (
        "[x](https://arxiv.org/abs/1512.03385)",
        "<me@example.org>",
        "![x](assets/favicon.svg)",
        "[x](#page)",
        '<p style="text-align: right">x</p>',
        "`<script>alert(1)</script>`",
        "$x$",
    ),
)
def test_text_pictures_and_links_are_let_in(small_site, markup):
    built = small_site({"page.md": f"# Page\n\nText.\n\n{markup}\n"})
    assert not isinstance(built, str), built


@pytest.mark.parametrize("place", ("text", "because"))
def test_a_script_in_a_quiz_stops_the_build(small_site, monkeypatch, place):
    words = {"text": "One.", "because": "So it is."} | {place: "One. <script>alert(1)</script>"}
    monkeypatch.setattr(
        quiz,
        "questions",
        lambda name: [Question("How many?", [Option(**words, right=True), Option("Two.", "No.", False)])],
    )
    complaint = small_site({"page.md": "# Page\n\n{{ quiz vgg }}\n"})
    assert isinstance(complaint, str) and "page.md" in complaint and "<script>" in complaint


@pytest.mark.parametrize(
    "name, text",
    (
        ("raw.html", "<p>x</p>"),
        ("assets/raw.htm", "<p>x</p>"),
        ("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("other.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ),
)
def test_a_file_that_would_run_outside_of_a_page_stops_the_build(small_site, name, text):
    complaint = small_site({"page.md": "# Page\n", name: text})
    assert isinstance(complaint, str), "the build went through"
    assert name in complaint


def test_only_scripts_around_the_content_are_allowed(small_site):
    page = (small_site({"page.md": "# Page\n\nText.\n"}) / "page.html").read_text(encoding="utf-8")
    before = policy.digests(page)
    assert before, "the theme has some"
    assert policy.digests(page.replace("</article>", "<script>alert(1)</script></article>")) == before
    assert len(policy.digests(page.replace("</body>", "<script>alert(1)</script></body>"))) == len(before) + 1


def test_a_page_that_no_template_wrote_is_not_published_without_a_policy():
    with pytest.raises(
        Exception,
        match=re.escape("raw.html was not written by the theme, and would be published without a policy"),
    ):
        policy.forbid("<p>x</p>", "raw.html")
