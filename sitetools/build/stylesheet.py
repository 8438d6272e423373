"""One style sheet for the whole site: the theme's, Temml's and ours,
without the rules that no page can match.

A browser draws nothing before it has read the styles. The theme alone brings 150 KB of them, half of it for
features that this site does not use. A rule stays if every class and every element that it names is a word of
some page's markup or of the scripts, and the direction of reading and the colours are those of some page:
too many stay rather than too few.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import tinycss2
from tinycss2 import ast

LINK = re.compile(
    r'\s*<link rel="stylesheet" href="(?P<base>(?:\.\./|/[^"]*?)?)(?P<sheet>assets/[^"]+\.css)">'
)
ADDRESS = re.compile(r"""url\((?P<quote>["']?)(?!data:)(?P<path>[^)"']+)(?P=quote)\)""")
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"[\w-]+")
# Features of the theme that its script knows and no page has; where a page has one, its words count.
UNUSED = re.compile(
    "annotation|banner|consent|mermaid|md-feedback|md-source|md-status|md-tag|md-version|tablesort|columnheader"
)
# Attributes whose values all stand in the pages; a script gives none that is not there.
SETTLED = re.compile(r'(dir|data-md-color-\w+)="([^"]*)"')


# The faces, each with what it is for: a page asks for those it needs together with
# the style sheet, not after it.
FACES = {
    "source-serif-4/source-serif-4-latin-400-normal": "<p",
    "source-serif-4/source-serif-4-latin-700-normal": "<strong",
    "source-serif-4/source-serif-4-latin-400-italic": "<em",
    "inter/inter-latin-wght-normal": "<h1",
    "jetbrains-mono/jetbrains-mono-latin-400-normal": "<code",
    "stix-two-math/stix-two-math": "<math",
}
PRELOAD = """<script>location.protocol !== "file:" && {fonts}.forEach(href =>
document.head.append(Object.assign(document.createElement("link"), {{rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href}})))</script>"""
# From a folder, browsers refuse that. There no line is slow, and a face is shown when it comes.
SWAP = """<script>location.protocol === "file:" && document.fonts.forEach(face => face.display = "swap")</script>"""


@dataclass(frozen=True)
class Markup:
    """What selectors can match: the words of tags and scripts, and the values of settled attributes."""

    words: set[str]
    values: dict[str, set[str]]

    @classmethod
    def of(cls, pages: Iterable[str], scripts: Iterable[str]) -> "Markup":
        tags = {tag for page in pages for tag in TAG.findall(page)}
        values: dict[str, set[str]] = defaultdict(set)
        for tag in tags:
            for name, value in SETTLED.findall(tag):
                values[name].add(value)
        in_scripts = {word for text in scripts for word in WORD.findall(text) if not UNUSED.search(word)}
        return cls({word for tag in tags for word in WORD.findall(tag)} | in_scripts, values)

    def matches(self, selector: list[ast.Node]) -> bool:
        """What stands in brackets, as in :not(.x), is not asked for."""
        for before, token in zip([None, *selector], selector):
            if isinstance(token, ast.HashToken) or (isinstance(token, ast.IdentToken) and before != ":"):
                if token.value not in self.words:
                    return False
            elif (
                isinstance(token, ast.SquareBracketsBlock)
                and len(token.content) == 3
                and token.content[1] == "="
            ):
                name, _, value = token.content
                if name.value in self.values and value.value not in self.values[name.value]:
                    return False
        return True


def unite(site: Path) -> None:
    """Put all sheets that the pages load into one, named by its digest, and let every page load that."""
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    sheets = list(dict.fromkeys(found["sheet"] for page in pages.values() for found in LINK.finditer(page)))
    scripts = [path.read_text(encoding="utf-8") for path in site.glob("assets/**/*.js")]
    markup = Markup.of(pages.values(), scripts)
    css = "\n".join(
        used(moved((site / sheet).read_text(encoding="utf-8"), sheet), markup) for sheet in sheets
    )
    css = without_idle_variables(css, "".join(scripts))
    name = f"assets/site.{hashlib.sha256(css.encode()).hexdigest()[:8]}.css"
    (site / name).write_text(css, encoding="utf-8")
    for path, page in pages.items():
        base = LINK.search(page)["base"]
        first, rest = LINK.sub("", page).split("</title>", 1)
        early = PRELOAD.format(
            fonts=json.dumps(
                [f"{base}assets/vendor/{face}.woff2" for face, tag in FACES.items() if tag in page]
            )
        )
        path.write_text(
            f'{first}</title>\n{early}\n<link rel="stylesheet" href="{base}{name}">\n{SWAP}{rest}',
            encoding="utf-8",
        )
    for sheet in sheets:
        (site / sheet).unlink()


def moved(css: str, sheet: str) -> str:
    """The addresses in a sheet, as they are from assets/."""
    folder = PurePosixPath(sheet).parent.relative_to("assets")
    return ADDRESS.sub(lambda found: f'url("{(folder / found["path"]).as_posix()}")', css)


def used(css: str, markup: Markup) -> str:
    return "".join(rule for rule in (kept(rule, markup) for rule in parsed(css)) if rule)


@lru_cache(maxsize=16)
def parsed(css: str) -> list:
    return tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)


def kept(rule: ast.Node, markup: Markup) -> str:
    """The rule as text, with the selectors that something can match; "" where there is none."""
    if isinstance(rule, ast.QualifiedRule):
        selectors = [s for s in split(rule.prelude) if markup.matches(s)]
        text = ",".join(tinycss2.serialize(s).strip() for s in selectors)
        return f"{text}{{{short(rule.content)}}}" if selectors else ""
    if (
        isinstance(rule, ast.AtRule)
        and rule.content is not None
        and rule.lower_at_keyword in ("media", "supports")
    ):
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        text = "".join(kept(each, markup) for each in inner)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}" if text else ""
    return rule.serialize()


def short(declarations: list[ast.Node]) -> str:
    """What stands between the braces of a rule, without comments and without the spaces that only we read."""
    shown = [token for token in declarations if not isinstance(token, ast.Comment)]
    parts = [
        ";",
        *(" " if isinstance(token, ast.WhitespaceToken) else token.serialize() for token in shown),
        ";",
    ]
    return "".join(
        part
        for before, part, after in zip(parts, parts[1:], parts[2:])
        if part != " " or not (before in ";: " or after in ";:")
    ).removesuffix(";")


def split(prelude: list[ast.Node]) -> list[list[ast.Node]]:
    """A list of selectors, parted at the commas outside brackets."""
    parts: list[list[ast.Node]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def without_idle_variables(css: str, elsewhere: str) -> str:
    """Leave out the variables that nothing reads: most of them are icons, drawn out in full."""
    while True:
        read = set(re.findall(r"var\(\s*(--[\w-]+)", css)) | {
            name for name in re.findall(r"--[\w-]+", elsewhere) if not UNUSED.search(name)
        }
        shorter = re.sub(
            r"""(?<=[{;])\s*(--[\w-]+)\s*:(?:url\((?:"[^"]*"|'[^']*'|[^"')]*)\)|[^;{}"'])*(?:;|(?=\}))""",
            lambda found: found[0] if found[1] in read else "",
            css,
        )
        if shorter == css:
            return re.sub(r"(?<=\})[^{}@]+\{\s*\}", "", css)
        css = shorter
