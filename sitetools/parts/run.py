"""How a reader gets from a page to running its code.

    {{ install }}    the command that installs the course from this site

Above the first block of code of a lecture stands a line with its notebook, also in Colab where the repository
is on GitHub.
"""

from xml.etree.ElementTree import SubElement

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page
from pymdownx.highlight import Highlight

from sitetools.build import wheel
from sitetools.syntax.directives import Spot, directive
from sitetools.syntax.fences import blocks

GITHUB = "https://github.com/"


def signpost(markdown: str, page: Page, config: MkDocsConfig) -> str:
    """The lecture with its line."""
    first = next((block.line for block in blocks(markdown) if block.code), 0)
    if not first or not page.file.src_uri.startswith("lectures/"):
        return markdown
    name = page.file.name
    ways = [f'[as a notebook](../notebooks/{name}.ipynb){{ download="{name}.ipynb" }}']
    if (config.repo_url or "").startswith(GITHUB):
        repository = str(config.repo_url).removeprefix(GITHUB).strip("/")
        colab = "https://colab.research.google.com/github"
        ways.append(f"[in Colab]({colab}/{repository}/blob/notebooks/lectures/{name}.ipynb)")
    line = f"Run this page: {' · '.join([*ways, '[how to install](../run.md)'])}\n{{ .run }}\n"
    lines = markdown.split("\n")
    return "\n".join([*lines[: first - 1], line, *lines[first - 1 :]])


@directive("install", named=False)
def install(spot: Spot) -> None:
    config = spot.md.treeprocessors["relpath"].config
    address = f"{config.site_url}notebooks/{wheel.NAME}" if config.site_url else wheel.NAME
    command = f"python -m pip install {address} jupyterlab"
    shown = Highlight(spot.md, pygments_lang_class=True).highlight(command, "bash")
    SubElement(spot.parent, "p").text = spot.md.htmlStash.store(shown)
    size = f"{len(wheel.build()) / 1e6:.1f} MB"
    first = "" if config.site_url else "; without an address, it has to be downloaded first"
    spot.markdown(f"[{wheel.NAME}](/notebooks/{wheel.NAME}) is the course with its records, {size}{first}.")
