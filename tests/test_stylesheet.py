"""The one style sheet keeps what some page can match, and says it in few bytes."""

import pytest

from sitetools.build.slimming import lighter
from sitetools.build.stylesheet import Markup, parsed, short, used

PAGE = '<article class="a"><p class="md-tooltip">Text</p></article>'


@pytest.mark.parametrize(
    "css, kept",
    [
        (".a p { color: red }", ".a p{color:red}"),
        (".b { color: red }", ""),
        (".a, .b { color: red }", ".a{color:red}"),
        (".made { color: red }", ".made{color:red}"),
        ("@media print { .a { color: red } .b { color: red } }", "@media print {.a{color:red}}"),
        (".md-version { color: red }", ""),  # a script knows it; the theme's feature is on no page
        (".md-tooltip { color: red }", ".md-tooltip{color:red}"),
    ],
)
def test_a_rule_stays_where_a_page_or_a_script_has_its_words(css, kept):
    assert used(css, Markup.of([PAGE], ["const name = 'made md-version'"])) == kept


@pytest.mark.parametrize(
    "css, written",
    [
        ('a { content: "b  ; c" ; margin : 0 /* none */ 1px ; }', 'content:"b  ; c";margin:0 1px'),
        (
            'a { font: 1px/2 "A B", serif; width: calc(1px + 2px) }',
            'font:1px/2 "A B", serif;width:calc(1px + 2px)',
        ),
        ("a { --x: url(data:image/svg+xml;x); }", "--x:url(data:image/svg+xml;x)"),
    ],
)
def test_only_spaces_that_mean_nothing_are_left_out(css, written):
    (rule,) = parsed(css)
    assert short(rule.content) == written


def test_code_keeps_its_lines_and_loses_the_marks_that_colour_nothing():
    page = '<nav>\n\n    <a>x</a>\n</nav>\n<article><pre><code><span class="k">def</span><span class="w"> </span><span class="n">f</span>:\n\n    x</code></pre>\n\n</article>\n\n</body>'
    assert (
        lighter(page)
        == '<nav>\n<a>x</a>\n</nav>\n<article><pre><code><span class="k">def</span> f:\n\n    x</code></pre>\n\n</article>\n</body>'
    )
