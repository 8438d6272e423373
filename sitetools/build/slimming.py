"""Leave out of the pages what no reader sees: the theme's indentation, marks in code that colour nothing,
marks for the search that is built.

Pygments wraps every name and every space of the code in an element of its own, and our style sheet gives both
the colour that code has anyway.
"""

import re
from pathlib import Path

IDLE = re.compile(r'<span class="[nw]">([^<]*)</span>|<span></span>(?=<code>)| data-search-exclude(?:="")?')
ARTICLE = re.compile(r"(<article.*</article>)", re.S)


def slim(site: Path) -> None:
    for path in site.rglob("*.html"):
        path.write_text(lighter(path.read_text(encoding="utf-8")), encoding="utf-8")


def lighter(page: str) -> str:
    """Within the article, line breaks and indentation may be those of code: there they stay."""
    parts = [
        part if part.startswith("<article") else re.sub(r"\s*\n\s*", "\n", part)
        for part in ARTICLE.split(IDLE.sub(lambda found: found[1] or "", page))
    ]
    return "".join(parts)
