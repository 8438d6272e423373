"""One style sheet for the whole site, of the theme's, Temml's and ours: a browser draws nothing before it
has read the styles, and on a slow line it waits for each file.
"""

import hashlib
import re
from pathlib import PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

THEME = re.compile(r"assets/stylesheets/(main|palette)\.\w+\.min\.css")
ADDRESS = re.compile(r"""url\((?P<quote>["']?)(?!data:|%23|#)(?P<path>[^)"']+)(?P=quote)\)""")


def unite(files: Files, config: MkDocsConfig) -> None:
    """Publish the sheet in the place of those it is made of. The page's template loads
    config.extra.stylesheet."""
    themes = sorted(file.src_uri for file in files if THEME.fullmatch(file.src_uri))
    css = ""
    for name in [*themes, *config.extra_css]:
        sheet = files.src_uris[name]
        css += moved(sheet.content_string, name)
        files.remove(sheet)
    united = f"assets/site.{hashlib.sha256(css.encode()).hexdigest()[:8]}.css"
    files.append(File.generated(config, united, content=css))
    config.extra["stylesheet"] = united
    config.extra_css = []


def moved(css: str, sheet: str) -> str:
    """The addresses in a sheet, as they are from assets/."""
    folder = PurePosixPath(sheet).parent.relative_to("assets")
    return ADDRESS.sub(lambda found: f'url("{(folder / found["path"]).as_posix()}")', css)
