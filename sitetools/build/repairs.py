"""Repairs of the theme's markup and scripts. A repair that finds nothing to mend stops the build:
the theme has changed.
"""

import re
import shutil
from pathlib import Path

from mkdocs.exceptions import PluginError

PAGES = [
    # A browser draws the page before it has read the scripts, which keep their order.
    (r"<script src=", "<script defer src="),
    # A dialogue without a name says nothing to a screen reader.
    (r'data-md-component="search" role="dialog"', r'\g<0> aria-label="Search"'),
    # On a telephone these two labels are the buttons of the page. A label takes no focus;
    # assets/buttons.js gives what is in it a key.
    (
        r'(<label class="md-header__button md-icon" for="__(drawer|search)">)(.*?)(</label>)',
        r'\1<span role="button" tabindex="0" data-opens="\2">\3</span>\4',
    ),
    (r'data-opens="drawer"', 'data-opens="drawer" aria-label="Navigation"'),
    (r'data-opens="search"', 'data-opens="search" aria-label="Search"'),
]
SCRIPT = [
    # While a page opens, no colour is switched: the mark for it, and a tag that says the scheme,
    # would have every element styled anew.
    (
        r'document\.body\.setAttribute\("data-md-color-switching",""\)',
        r'document.readyState==="complete"&&\g<0>',
    ),
    (r'(?<==)\w\("meta",\{name:"color-scheme"\}\);document\.head\.appendChild\(\w\)', "{}"),
    # The box of a copy button is no landmark.
    (r'\("nav",\{class:"md-code__nav"\}\)', '("div",{class:"md-code__nav"})'),
    # The blocks of code get their buttons at once, after all are measured: a page is laid out anew once,
    # not between each two.
    (r"\w\.insertBefore\(\w,\w\)(?=\}return )", r"requestAnimationFrame(()=>\g<0>)"),
    # The index of the search is as large as two lectures:
    # it is fetched when a reader opens the search, not before.
    (r'location\.protocol!=="file:"(?=\),\w+\("search"\))', "!1"),
    # So is the program that searches: a stand-in keeps who listens to it,
    # and starts it when it is told something.
    (
        r"new Worker\(e\)",
        "(address=>{let worker,listeners=[];return{"
        "addEventListener(...each){worker?worker.addEventListener(...each):listeners.push(each)},removeEventListener(){},"
        "postMessage(message){worker||(worker=new "
        "Worker(address),listeners.forEach(each=>worker.addEventListener(...each))),worker.postMessage(message)}}})(e)",
    ),
]


def repair(site: Path) -> None:
    """Mend every page and the theme's script, and leave out what no reader of an English site loads."""
    for path in site.rglob("*.html"):
        mend(path, PAGES)
    (script,) = site.glob("assets/javascripts/bundle.*.min.js")
    mend(script, SCRIPT)
    for path in [*site.glob("assets/javascripts/**/*.js"), *site.glob("assets/stylesheets/*.css")]:
        path.write_text(
            re.sub(r"\n(//# |/\*# )sourceMappingURL=.*\s*$", "\n", path.read_text(encoding="utf-8")),
            encoding="utf-8",
        )
    for path in site.glob("assets/**/*.map"):
        path.unlink()
    shutil.rmtree(site / "assets/javascripts/lunr", ignore_errors=True)  # how to search in other languages


def mend(path: Path, repairs: list[tuple[str, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for fault, repaired in repairs:
        text, count = re.subn(fault, repaired, text, flags=re.S)
        if not count:
            raise PluginError(
                f"{path.name}: the theme no longer writes {fault}: look whether the repair in "
                "sitetools/repairs.py is still needed"
            )
    path.write_text(text, encoding="utf-8")
