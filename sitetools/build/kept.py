"""While `mkdocs serve` runs, a page is made again when its text has changed, or something that it is made
of."""

from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from sitetools.syntax.directives import DIRECTIVE

# What MkDocs knows of a page when it has rendered it.
RENDERED = ("content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors", "meta")
SHARED = ("mkdocs.yml", "course/**/*", "sitetools/**/*", "figures/*.json", "figures/runs/*", "docs/**/*")
OF_ALL_PAGES = {"map", "status"}  # the directives that read other pages
pages: dict[str, tuple[tuple, dict]] = {}  # by name: what it was made of, and what became of it


def state(root: Path, *patterns: str) -> dict[Path, int]:
    """Changes when one of the files does, when one comes and when one goes."""
    paths = (path for pattern in patterns for path in root.glob(pattern))
    return {path: path.stat().st_mtime_ns for path in paths if "__pycache__" not in path.parts}


def watch(files: Files, config: MkDocsConfig) -> None:
    """Render a page where what it is made of is no longer what it was: its text, and all files but other
    pages."""
    sources = state(Path(config.config_file_path).parent, *SHARED)
    for file in files.documentation_pages():
        sources.pop(Path(file.abs_src_path or ""), None)
    every: list[Any] = [file.page for file in files.documentation_pages()]
    for page in every:
        page.render = partial(render, page, {"files": sources, "pages": sorted(files.src_uris)})


def render(page: Any, sources: dict, config: MkDocsConfig, files: Files) -> None:
    if OF_ALL_PAGES & {found["word"] for found in DIRECTIVE.finditer(page.markdown)}:
        sources = {**sources, "texts": [file.content_string for file in files.documentation_pages()]}
    made_of = (page.markdown, dict(page.meta), sources)
    before, rendered = pages.get(page.file.src_uri, ((), {}))
    if made_of != before:
        Page.render(page, config, files)
        rendered = {name: vars(page).get(name) for name in RENDERED}
        pages[page.file.src_uri] = made_of, rendered
    vars(page).update(rendered)
    # The pages that it links to are new ones; MkDocs looks for the places in them.
    links = (page.links_to_anchors or {}).items()
    page.links_to_anchors = {files.get_file_from_path(file.src_uri): anchors for file, anchors in links}
