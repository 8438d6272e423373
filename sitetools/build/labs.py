"""The labs, in the same markup as the pages.

mkdocs-jupyter runs a lab and hands over a notebook's own page: 600 KB of styles, scripts with foreign
addresses, other code blocks. We take from it what the cells print and draw, and make a page of Markdown of
that and of the lab's text, which is rendered as the lectures are.
"""

import base64
import html
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jupytext
from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image

from sitetools.build import outputs

DRAWING = (
    '<figure class="drawn"><img src="{name}" alt="{alt}" width="{width}" height="{height}" loading="lazy"/>'
    '<figcaption><p class="provenance">Drawn by the code above when this page was built.</p></figcaption>'
    "</figure>"
)


def is_lab(file: File) -> bool:
    return file.src_uri.startswith("labs/") and file.src_uri.endswith(".py")


def run(files: Files) -> None:
    """Those that have changed; mkdocs-jupyter then finds what they print."""
    outputs.run([Path(str(file.abs_src_path)) for file in files if is_lab(file)])


def render_as_page(page: Any) -> None:
    page.render = partial(render, page, page.render)


def render(page: Any, make: Callable, config: MkDocsConfig, files: Files) -> None:
    """The lab's page. Its drawings become files beside it: inside it, the text would wait for them."""
    make(config, files)
    name, page.drawings = Path(page.file.src_uri).stem, {}
    shown = BeautifulSoup(page.content, "html.parser").select(".jp-Cell:not(.jp-Cell .jp-Cell)")
    written = jupytext.read(page.file.abs_src_path).cells
    parts = []
    for cell, ran in zip(written, shown, strict=True):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(fenced("python", cell.source))
        # A slow cell prints piece by piece; the reader sees one block.
        if printed := "".join(block.get_text() for block in ran.select(".jp-OutputArea-output pre")):
            parts.append(fenced("output", printed))
        for image in ran.select(".jp-OutputArea-output img"):
            file = f"{name}-{len(page.drawings) + 1}.png"
            page.drawings[file] = base64.b64decode(image["src"].split(",", 1)[1])
            parts.append(drawn(file, page.drawings[file], cell.metadata.get("alt"), page))
    title, _, rest = parts[0].partition("\n")
    download = f"[Download this lab as a notebook]({name}.ipynb){{ .md-button download }}"
    page.markdown = "\n\n".join([title, download, rest, *parts[1:]])
    Page.render(page, config, files)


def publish(page: Any, config: MkDocsConfig, files: Files) -> None:
    for name, drawing in page.drawings.items():
        files.append(File.generated(config, f"labs/{name}", content=drawing))


def fenced(language: str, text: str) -> str:
    return f"````{language}\n{text.rstrip()}\n````"


def drawn(name: str, content: bytes, alt: str | None, page: Page) -> str:
    """A drawing that a cell made, with the alt text that stands on the cell's first line."""
    if not alt:
        raise PluginError(f'{page.file.src_uri}: a cell that draws says what is to be seen: # %% alt="..."')
    width, height = Image.open(io.BytesIO(content)).size
    return DRAWING.format(name=name, alt=html.escape(alt), width=width, height=height)
