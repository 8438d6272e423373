"""Names with a number and values with their spread stay on one line."""

import pytest
from markdown import markdown


def shown(text: str) -> str:
    return markdown(text, extensions=["sitetools.extension", "pymdownx.arithmatex"])


@pytest.mark.parametrize(
    "text, kept",
    [
        ("of ResNet-56, too", '<p>of <span class="unbroken">ResNet-56</span>, too</p>'),
        ("*a top-5* error", '<p><em>a <span class="unbroken">top-5</span></em> error</p>'),
        ("It ends at 6.61 ± 0.16 %.", "<p>It ends at 6.61\xa0±\xa00.16\xa0%.</p>"),
        ("What % is it?", "<p>What % is it?</p>"),
        ("for `--jobs`", '<p>for <code class="unbroken">--jobs</code></p>'),
    ],
)
def test_what_belongs_together_stays_on_one_line(text, kept):
    assert shown(text) == kept


@pytest.mark.parametrize(
    "text, kept",
    [
        ("[five](#top-5)", '<p><a href="#top-5">five</a></p>'),
        ("    plain-20", "<pre><code>plain-20\n</code></pre>"),
        ("`scripts/train.py --device cuda`", "<p><code>scripts/train.py --device cuda</code></p>"),
        ("well-known", "<p>well-known</p>"),
    ],
)
def test_code_addresses_and_words_stay_as_they_are(text, kept):
    assert shown(text) == kept
