"""The labs, in the same markup as the pages.

mkdocs-jupyter runs a lab and hands over a notebook's own page: 600 KB of styles, scripts with foreign
addresses, other code blocks. We keep what the notebook says and shows, and give it the markup that the
lectures have, so that one style sheet, one copy button and one formula setter serve both.
"""

import base64
import html
import io
import re
from pathlib import Path

import jupytext
from bs4 import BeautifulSoup, Tag
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image

from sitetools.syntax.formulas import formula

FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\s](?:[^$]*[^$\s])?)\$", re.S)
MADE_HERE = '<p class="provenance">Drawn by the code above when this page was built.</p>'


def is_lab(file: File) -> bool:
    return file.src_uri.startswith("labs/") and file.src_uri.endswith(".py")


def as_ipynb(path: Path) -> str:
    """The notebook to download, without outputs: the reader makes those."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # random by default, and the same source should give the same file
    return jupytext.writes(notebook, fmt="ipynb")


def publish(files: Files, config: MkDocsConfig) -> None:
    """Add the notebook of each lab."""
    for lab in [file for file in files if is_lab(file)]:
        name = f"labs/{Path(lab.src_uri).stem}.ipynb"
        files.append(File.generated(config, name, content=as_ipynb(Path(str(lab.abs_src_path)))))


def as_page(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The lab's page. Its drawings become files beside it: inside it, the text would wait for them."""
    shown = BeautifulSoup(content, "html.parser").select(".jp-Cell:not(.jp-Cell .jp-Cell)")
    written = jupytext.read(page.file.abs_src_path).cells
    parts, drawings = [], 0
    for cell, origin in zip(shown, written, strict=True):
        if origin.cell_type == "markdown":
            parts.append(prose(cell))
        else:
            parts += [code(cell), *printed(cell)]
            for image in cell.select(".jp-OutputArea-output img"):
                drawings += 1
                file = File.generated(
                    config,
                    f"{page.file.src_uri.removesuffix('.py')}-{drawings}.png",
                    content=base64.b64decode(image["src"].split(",", 1)[1]),
                )
                files.append(file)
                parts.append(drawing(file, origin.metadata.get("alt"), page))
    name = Path(page.file.src_uri).stem
    download = f'<p><a class="md-button" href="{name}.ipynb" download>Download this lab as a notebook</a></p>'
    title, rest = parts[0].split("</h1>", 1)
    return "\n".join([title + "</h1>", download, rest, *parts[1:]])


def prose(cell: Tag) -> str:
    text = cell.select_one(".jp-RenderedMarkdown")
    for anchor in text.select("a.anchor-link"):
        anchor["class"] = "headerlink"
        anchor["title"] = "Permanent link"
    for table in text.select("table"):
        table["class"] = "data"
        table.wrap(tag('<div class="table" tabindex="0" role="group" aria-label="Table"></div>'))
    for string in text.find_all(string=FORMULA):
        if string.find_parent(["code", "pre"]):
            continue
        alone = string.parent.name == "p" and FORMULA.fullmatch(string.strip())
        wrapper = "div" if alone else "span"
        old = string.parent if alone else string  # a displayed formula cannot stand inside a paragraph
        old.replace_with(
            tag(f"<{wrapper}>{FORMULA.sub(set_formula, html.escape(string, quote=False))}</{wrapper}>")
        )
    return text.decode_contents()


def set_formula(found: re.Match) -> str:
    display = found["display"] is not None
    return formula(html.unescape(found["display"] or found["inline"]).strip(), display)


def tag(markup: str) -> Tag:
    return BeautifulSoup(markup, "html.parser").contents[0]


def code(cell: Tag) -> str:
    block = cell.select_one(".jp-InputArea-editor pre")
    lines = block.decode_contents().strip()
    return f'<div class="language-python highlight"><pre><code>{lines}</code></pre></div>'


def printed(cell: Tag) -> list[str]:
    # A slow cell prints piece by piece; the reader sees one block.
    text = "".join(block.decode_contents() for block in cell.select(".jp-OutputArea-output pre"))
    return [f'<pre class="output no-copy"><code>{text}</code></pre>'] if text else []


def drawing(file: File, alt: str | None, page: Page) -> str:
    """A drawing that a cell made, with the alt text that stands on the cell's first line."""
    if not alt:
        raise PluginError(f'{page.file.src_uri}: a cell that draws says what is to be seen: # %% alt="..."')
    width, height = Image.open(io.BytesIO(file.content_bytes)).size
    size = f'width="{width}" height="{height}" loading="lazy"'
    image = f'<img src="{file.url_relative_to(page.file)}" alt="{html.escape(alt)}" {size}>'
    return f'<figure class="drawn">{image}<figcaption>{MADE_HERE}</figcaption></figure>'
