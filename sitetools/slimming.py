"""Leave out of the pages what no reader sees: the indentation of the theme's markup, and marks in code that colour nothing.

Pygments wraps every name and every space of the code in an element of its own, and our style sheet gives both the colour
that code has anyway.
"""
import re
from pathlib import Path

IDLE = re.compile(r'<span class="[nw]">([^<]*)</span>')
ARTICLE = re.compile(r"(<article.*</article>)", re.S)


def slim(site: Path) -> None:
    for path in site.rglob("*.html"):
        path.write_text(lighter(path.read_text(encoding="utf-8")), encoding="utf-8")


def lighter(page: str) -> str:
    """Within the article, line breaks and indentation may be those of code: there they stay."""
    parts = [part if part.startswith("<article") else re.sub(r"\s*\n\s*", "\n", part) for part in ARTICLE.split(IDLE.sub(r"\1", page))]
    return "".join(parts)
