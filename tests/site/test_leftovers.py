"""Nothing that a page is made with reaches a reader: what no machinery has replaced stops the build."""

import pytest

from sitetools.build.scrutiny import check_page as check

LEFT = [
    "{{ figure }}",
    "{{ table }}",
    "{{figure}}",
    "{{ measured }}",
    "{{ measured gap",
    "Text {{ glossary }} in a line.",
    "{{ status }}",
    "{{ map }}",
    "```python\nx = 1\n",
    "~~~\nx = 1\n",
    "A formula $x of which the end is missing.",
    "$$\nx\n\n$$",
    "!!! note 'its title'\n\n    Text.",
    "??? tip 'its title'\n\n    Text.",
    "A footnote[^1].",
    "[A link](page.md",
    "A heading { .wide",
    "![A picture{{ x }}](assets/favicon.svg)",
    "- a list\n\n    > a quotation with {{ figure }}",
    "| a |\n|---|\n| {{ table }} |",
]


@pytest.mark.parametrize("text", LEFT)
def test_what_is_left_stops_the_build_and_is_shown(small_site, text):
    complaint = small_site({"page.md": f"# Page\n\nText.\n\n{text}\n"})
    assert isinstance(complaint, str), "the build went through"
    assert "page.md" in complaint


@pytest.mark.parametrize(
    "text",
    (
        "`{{ figure }}`",
        "```text\n{{ figure }} $x [^1]\n```",
        "    $ make serve\n",
        "$x$\n\n$$\ny\n$$",
        "A [link](page.md), a note[^1].\n\n[^1]: Here.",
        "Costs of 3 {a, b}.",
    ),
)
def test_what_is_quoted_or_replaced_is_no_leftover(small_site, text):
    built = small_site({"page.md": f"# Page\n\nText.\n\n{text}\n"})
    assert not isinstance(built, str), built


def test_a_reader_who_only_hears_the_page_is_spared_it_too():
    for attribute in ("alt", "title", "aria-label"):
        with pytest.raises(
            Exception,
            match=r"page.md would show a reader 'By \{\{ measured gap \}\}': nothing has replaced it",
        ):
            check(f'<p><img {attribute}="By {{{{ measured gap }}}}"></p>', "page.md")
