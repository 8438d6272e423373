"""What belongs together stays on one line: "ResNet-56", "6.61 ± 0.16", "3.57 %"."""
import re
from pathlib import Path

ARTICLE = re.compile(r"(?<=<article)(.*)(?=</article>)", re.S)
# Between these, text stands as its author broke it, or no element may.
AS_WRITTEN = re.compile(r"(<(pre|code|script|math|svg|form|select)\b.*?</\2>|<[^>]+>)", re.S)
NAME = re.compile(r"\b[A-Za-z]+-\d+\b")
SPACE = re.compile(r"(?<=\d) (?=%)|(?<=\d) (?=± \d)|(?<=\d ±) (?=\d)")


def join(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        path.write_text(ARTICLE.sub(lambda article: joined(article[0]), page), encoding="utf-8")


def joined(markup: str) -> str:
    parts = AS_WRITTEN.split(markup)  # text, what stands as written, the name of its element, text, ...
    for index in range(0, len(parts), 3):
        parts[index] = NAME.sub(r'<span class="unbroken">\g<0></span>', SPACE.sub("\N{NO-BREAK SPACE}", parts[index]))
    return "".join(part for index, part in enumerate(parts) if index % 3 < 2)
