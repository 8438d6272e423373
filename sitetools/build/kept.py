"""While `mkdocs serve` runs, what a save does not touch is not made again: pages, notebooks, questions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from sitetools.syntax.directives import DIRECTIVE

# What MkDocs knows of a page when it has rendered it, and what a lab drew.
RENDERED = (
    "content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors", "meta", "drawings"
)  # fmt: skip
SHARED = ("mkdocs.yml", "course/**/*", "sitetools/**/*", "figures/*.json", "figures/runs/*", "docs/**/*")
OF_ALL_PAGES = {"map", "status"}  # the directives that read other pages
kept: dict[str, tuple[Any, Any]] = {}  # by name: what it was made of, and what became of it
shared: dict[str, Any] = {}  # in this build: what every page may be made of


def once(name: str, made_of: Any, make: Callable[[], Any]) -> Any:
    """What make gives; as it was, where it would be made of the same."""
    if name not in kept or kept[name][0] != made_of:
        kept[name] = made_of, make()
    return kept[name][1]


def state(root: Path, *patterns: str) -> dict[Path, int]:
    """Changes when one of the files does, when one comes and when one goes."""
    paths = (path for pattern in patterns for path in root.glob(pattern))
    return {path: path.stat().st_mtime_ns for path in paths if "__pycache__" not in path.parts}


def look(files: Files, config: MkDocsConfig) -> None:
    """All files but the pages themselves: each is made of its own text and of these."""
    sources = state(Path(config.config_file_path).parent, *SHARED)
    for file in files.documentation_pages():
        sources.pop(Path(file.abs_src_path or ""), None)
    shared.update(files=sources, pages=sorted(files.src_uris))


def keep(page: Any) -> None:
    page.render = partial(render, page, page.render)


def render(page: Any, make: Callable, config: MkDocsConfig, files: Files) -> None:
    def rendered() -> dict:
        make(config, files)
        return {name: vars(page).get(name) for name in RENDERED}

    made_of = [page.markdown, dict(page.meta), dict(shared)]
    if OF_ALL_PAGES & {found["word"] for found in DIRECTIVE.finditer(page.markdown)}:
        made_of.append([file.content_string for file in files.documentation_pages()])
    vars(page).update(once(page.file.src_uri, made_of, rendered))
    # The pages that it links to are new ones; MkDocs looks for the places in them.
    links = (page.links_to_anchors or {}).items()
    page.links_to_anchors = {files.get_file_from_path(file.src_uri): anchors for file, anchors in links}


def of(file: File) -> list:
    """What is made of a page's text alone depends on this."""
    return [file.content_string, dict(shared)]
