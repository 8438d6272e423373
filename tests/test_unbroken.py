"""Names with a number and values with their spread stay on one line."""

import pytest

from sitetools.syntax.unbroken import joined


@pytest.mark.parametrize(
    "markup, kept",
    [
        ("<p>of ResNet-56, too</p>", '<p>of <span class="unbroken">ResNet-56</span>, too</p>'),
        ("<td>a top-5 error</td>", '<td>a <span class="unbroken">top-5</span> error</td>'),
        ("<p>It ends at 6.61 ± 0.16 %.</p>", "<p>It ends at 6.61\xa0±\xa00.16\xa0%.</p>"),
        ("<p>What % is it?</p>", "<p>What % is it?</p>"),
        ("<p>for <code>--jobs</code></p>", '<p>for <code class="unbroken">--jobs</code></p>'),
    ],
)
def test_what_belongs_together_stays_on_one_line(markup, kept):
    assert joined(markup) == kept


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="#top-5">five</a>',
        "<pre><code>plain-20</code></pre>",
        "<code>scripts/train.py --device cuda</code>",
        "<math><mn>1</mn></math>",
        "<p>well-known</p>",
    ],
)
def test_code_addresses_and_words_stay_as_they_are(markup):
    assert joined(markup) == markup
