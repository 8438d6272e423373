"""What belongs together stays on one line: "ResNet-56", "6.61 ± 0.16", "3.57 %", `--jobs`."""

import re
from pathlib import Path

ARTICLE = re.compile(r"(?<=<article)(.*)(?=</article>)", re.S)
# Between these, text stands as its author broke it, or no element may.
AS_WRITTEN = re.compile(r"(<(pre|code|script|math|svg|form|select)\b.*?</\2>|<[^>]+>)", re.S)
NAME = re.compile(r"\b[A-Za-z]+-\d+\b")
CODE = re.compile(r"<code>([^<]{1,24})</code>")  # within a line; longer ones may not fit a phone's
SPACE = re.compile(r"(?<=\d) (?=%)|(?<=\d) (?=± \d)|(?<=\d ±) (?=\d)")


def join(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        path.write_text(ARTICLE.sub(lambda article: joined(article[0]), page), encoding="utf-8")


def joined(markup: str) -> str:
    parts = AS_WRITTEN.split(markup)  # text, what stands as written, the name of its element, text, ...
    for index in range(0, len(parts), 3):
        parts[index] = NAME.sub(
            r'<span class="unbroken">\g<0></span>', SPACE.sub("\N{NO-BREAK SPACE}", parts[index])
        )
    for index in range(1, len(parts), 3):
        parts[index] = (
            CODE.sub(r'<code class="unbroken">\1</code>', parts[index])
            if parts[index + 1] == "code"
            else parts[index]
        )
    return "".join(part for index, part in enumerate(parts) if index % 3 < 2)
