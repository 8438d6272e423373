r"""`$..$` and `$$..$$` become MathML when the site is built.

pymdownx.arithmatex finds the formulas, Temml sets them in an embedded JavaScript engine. Pages then need
neither a script nor a network to be read, a screen reader finds what a browser draws,
and a formula that TeX cannot read stops the build.
"""

import html
import json
import re
from functools import cache, lru_cache
from pathlib import Path
from xml.etree import ElementTree

import quickjs
from markdown.postprocessors import Postprocessor
from mkdocs.exceptions import PluginError

from sitetools.syntax.spacing import as_in_tex

TEMML = Path(__file__).parent / "vendor/temml/temml.min.js"
MACROS = {
    r"\R": r"\mathbb{R}",
    r"\E": r"\mathbb{E}",
    r"\Var": r"\operatorname{Var}",
    r"\loss": r"\mathcal{L}",
}
# all of a formula that reads alike as a row of its signs
SIGNS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace"}
LONG = 25  # signs: what is longer does not fit a telephone
MARKED = re.compile(
    r'(?P<before>[^\s<>]*)<(?P<tag>span|div) class="arithmatex">'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])</(?P=tag)>(?P<after>[^\s<>]*)",
    re.S,
)


@lru_cache(maxsize=1)
def temml():
    context = quickjs.Context()
    context.eval(
        "var globalThis = this; var console = {warn(message) { throw new Error(message); }};"
        + TEMML.read_text(encoding="utf-8")
    )
    # join: quickjs-ng cannot hand over a string that the engine still keeps in pieces.
    return context.eval("""(tex, options) => [temml.renderToString(tex, JSON.parse(options))].join("")""")


@cache
def render(tex: str, display: bool) -> str:
    whole = convert(tex, displayMode=display)
    # A long formula in a line of text may break where TeX would break it: after an operator or a relation.
    long = not display and len("".join(ElementTree.fromstring(whole).itertext())) > LONG
    return as_in_tex(convert(tex, wrap="tex").replace("<math", '<math class="long"', 1) if long else whole)


def convert(tex: str, **options: bool | str) -> str:
    try:
        return temml()(tex, json.dumps({"throwOnError": True, "strict": True, "macros": MACROS, **options}))
    except quickjs.JSException as error:
        reason = str(error).splitlines()[0].removeprefix("ParseError:").strip()
        raise PluginError(f"the formula ${tex}$ cannot be set: {reason}") from None


def formula(tex: str, display: bool) -> str:
    """The markup of one formula. A search hit shows signs in a row: it leaves out what has indices,
    powers or fractions.
    """
    if display:
        # A wide formula scrolls inside itself, and what scrolls must be reachable from the keyboard.
        attributes = 'class="formula" tabindex="0" role="group" aria-label="Formula"'
        return f"<div {attributes} data-search-exclude>{render(tex, display=True)}</div>"
    shown = render(tex, display=False)
    return (
        shown
        if set(re.findall(r"<(\w+)", shown)) <= SIGNS
        else shown.replace("<math", "<math data-search-exclude", 1)
    )


class SetFormulas(Postprocessor):
    def run(self, text: str) -> str:
        def replace(found: re.Match) -> str:
            display = found["display"] is not None
            before, after = found["before"], found["after"]
            shown = formula(html.unescape(found["display"] if display else found["inline"]).strip(), display)
            if display or not before + after:
                return before + shown + after
            # A browser would break the line between a formula and its full stop.
            if 'class="long"' in shown:  # breaks itself: the full stop goes with its last row
                return before + shown.replace("</mrow></math>", f"<mtext>{after}</mtext></mrow></math>")
            return f'<span class="unbroken">{before}{shown}{after}</span>'

        return MARKED.sub(replace, text)
