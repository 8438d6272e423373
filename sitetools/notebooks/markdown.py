"""The Markdown of a page as a notebook understands it: numbers, tables and figures in the place of
directives, links in the place of citations, quotations in the place of admonitions.
"""

import base64
import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from textwrap import dedent, indent

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from course.report import measured, tables
from sitetools.parts import figures, listings
from sitetools.syntax import citations, formulas
from sitetools.syntax.directives import DIRECTIVE, chosen
from sitetools.syntax.fences import FENCE, fence

CODE = re.compile(r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
FORMULA = re.compile(r"^(?P<indent> *)\$\$$.+?\$\$|\$[^$]+\$", re.DOTALL | re.MULTILINE)
MACRO = re.compile("|".join(rf"{re.escape(name)}(?![A-Za-z])" for name in formulas.MACROS))
LINK = re.compile(r"\[(?P<label>[^\[\]]+)\]\((?P<address>[^()\s]+)\)")
KEY = re.compile(r"@([\w-]+)")
NOTE = re.compile(r"\[\^(?P<name>[\w-]+)\]:?")
ATTRIBUTES = re.compile(r"\s\{:? *[.#][^{}]*\}")
INDENTED = r"(?P<body>(?:\n(?: {4}.*)?)*\n {4}.*)"
BOX = re.compile(rf'^(?P<sign>!!!|\?\?\?)\+? +[\w ]+"(?P<title>[^"]+)"{INDENTED}', re.MULTILINE)
TERM = re.compile(rf"^(?P<term>\S.*)\n:   (?P<text>.+{INDENTED}?)", re.MULTILINE)
PARTS = re.compile(r"^(?=#{1,6} )|(^\{\{ *figure [^{}]+\}\}$)", re.MULTILINE)
KEPT = re.compile(r"^(?P<before>[ >]*)\x02(?P<alone>\d+)\x03$|\x02(?P<number>\d+)\x03", re.MULTILINE)


def expanded(macro: re.Match) -> str:
    return formulas.MACROS[macro[0]]


class Writer:
    """Writes what a notebook in `folder` of the site says of a page.

    Without the address of the site, links lead to other notebooks, and what is in no notebook is no link.
    """

    def __init__(self, page: File, files: Files, config: MkDocsConfig, folder: str = "notebooks"):
        self.page, self.files, self.site, self.folder = page, files, config.site_url or "", folder
        self.figures = Path(config.config_file_path).parent / "figures"
        data = config.mdx_configs.get("sitetools.extension", {})
        self.papers = citations.read(Path(data.get("bibliography", citations.BIBLIOGRAPHY)))
        self.kept: list[str] = []  # what the rules leave alone: code, formulas, pictures
        self.notes: dict[str, int] = {}  # the numbers of the footnotes, by name

    def cells(self, text: str) -> list[str]:
        """The text in pieces: each heading and each figure begins one."""
        pieces = [self.ruled(piece).strip() for piece in PARTS.split(self.protected(text)) if piece]
        return [self.restored(piece) for piece in pieces if piece]

    def written(self, text: str) -> str:
        return self.restored(self.ruled(self.protected(text))).strip("\n")

    def protected(self, text: str) -> str:
        def fenced(found: re.Match) -> str:
            block = fence(text, found)
            return block.indent + self.keep(f"```{block.language}\n{block.text}```")

        text = FENCE.sub(fenced, f"{text}\n")
        text = CODE.sub(lambda found: self.keep(found[0]), text)
        return FORMULA.sub(
            lambda found: (found["indent"] or "") + self.keep(MACRO.sub(expanded, dedent(found[0]))), text
        )

    def keep(self, text: str) -> str:
        self.kept.append(text)
        return f"\x02{len(self.kept) - 1}\x03"

    def restored(self, text: str) -> str:
        """A block gets the indentation, or the marks of a quotation, of the line where it stood."""
        return KEPT.sub(
            lambda found: (
                self.kept[int(found["number"])]
                if found["number"]
                else indent(self.kept[int(found["alone"])], found["before"], lambda line: True)
            ),
            text,
        )

    def ruled(self, text: str) -> str:
        for pattern, replacement in (
            (DIRECTIVE, self.directive),
            (BOX, self.box),
            (TERM, lambda found: f"**{found['term']}.** {dedent('    ' + found['text'])}"),
            (citations.PARENTHESES, self.in_parentheses),
            (citations.SENTENCE, self.in_the_sentence),
            (LINK, lambda found: self.link(found["label"], self.address(found["address"]))),
            (NOTE, self.note),
            (ATTRIBUTES, ""),
        ):
            text = re.sub(pattern, replacement, text)
        return text

    def directive(self, found: re.Match) -> str:
        match found["word"], found["name"]:
            case "measured", name:
                return measured.measured(name).text
            case "table", name:
                return self.keep(self.written(tables.table(name)))
            case "source", name:
                path, code = listings.find(name)
                return self.keep(f"```python\n# {path}\n{code}\n```")
            case "figure", name:
                return self.keep(self.figure(name))
            case "quiz" | "explorer" as word, name:
                place = "#quiz" if word == "quiz" else f"#explorer-{name}"
                return f"*The {word} is on {self.link('the page of this lecture', self.address(place))}.*"
        raise PluginError(f"{self.page.src_uri}: {found[0]} has no form that a notebook could show")

    def figure(self, name: str) -> str:
        """As a PNG inside the text: some programs show neither attachments of a cell nor SVG there."""
        entry = chosen(figures.read(self.figures / "figures.json"), name, "figure")
        picture = base64.b64encode((self.figures / f"print/{name}.png").read_bytes()).decode()
        return f"![{entry['alt']}](data:image/png;base64,{picture})\n\n{self.written(entry['caption'])}"

    def box(self, found: re.Match) -> str:
        body = self.ruled(dedent(found["body"])).strip("\n")
        if found["sign"] == "!!!":
            return indent(f"**{found['title']}**\n\n{body}", "> ", lambda line: True)
        return f"<details>\n<summary>{found['title']}</summary>\n\n{body}\n\n</details>"

    def note(self, found: re.Match) -> str:
        return f"<sup>{self.notes.setdefault(found['name'], len(self.notes) + 1)}</sup>"

    def in_parentheses(self, found: re.Match) -> str:
        cited = " ".join(found[1].split())
        return f"({KEY.sub(lambda key: self.paper(key[1], self.papers.label(key[1])), cited)})"

    def in_the_sentence(self, found: re.Match) -> str:
        key, place = found[1], f", {found[2]}" if found[2] else ""
        return f"{self.paper(key, self.papers.authors[key])} ({self.papers.years[key]}{place})"

    def paper(self, key: str, label: str) -> str:
        """A link to the paper itself, where its entry in the references has one."""
        found = re.search(r'href="([^"]+)"', self.papers.markup[key])
        address = found[1] if found else self.address(f"/references.md#{key}")
        return self.link(label, address)

    def address(self, written: str) -> str:
        """Where a link of the page leads from the notebook; "" where it leads nowhere."""
        if re.match(r"[a-z]+:", written):
            return written
        path, _, anchor = written.partition("#")
        name = normpath(join("/", dirname(self.page.src_uri), path or Path(self.page.src_uri).name))[1:]
        file = self.files.get_file_from_path(name)
        if self.site and file:
            return self.site + file.url + (f"#{anchor}" if anchor else "")
        lecture = re.fullmatch(r"lectures/(.+)\.md", name)
        return relpath(f"notebooks/{lecture[1]}.ipynb", self.folder) if lecture and path else ""

    def link(self, label: str, address: str) -> str:
        return f"[{label}]({address})" if address else label
