"""The code of the course on a page, as it stands in its file, under the file's path.

{{ source course.x.Name }}    a function, a class, a method or a constant
"""

import ast
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import SubElement

from mkdocs.exceptions import PluginError
from pymdownx.highlight import Highlight

from course.paths import ROOT
from sitetools.syntax.directives import Spot, directive


@directive("source")
def source(spot: Spot, name: str) -> None:
    path, code = find(name)
    settings = spot.md.treeprocessors["indent-highlight"].config  # as the blocks of the page are
    like = {name: settings[name] for name in ("pygments_lang_class", "extend_pygments_lang")}
    shown = Highlight(spot.md, **like).highlight(code, "python", classes=["course-source"], title=path)
    SubElement(spot.parent, "p").text = spot.md.htmlStash.store(shown)


def find(name: str) -> tuple[str, str]:
    """`course.networks.layers.Block.forward` -> ("course/networks/layers.py", its source);
    the file is read, not imported.
    """
    words = name.split(".")
    for cut in range(len(words) - 1, 0, -1):
        path = Path(*words[:cut]).with_suffix(".py")
        if (ROOT / path).is_file():
            break
    else:
        raise PluginError(f"no source {name!r}: there is no file {'/'.join(words[:-1])}.py")
    text = (ROOT / path).read_text(encoding="utf-8")
    node: Any = ast.parse(text)
    for word in words[cut:]:
        named = definitions(node)
        if word not in named:
            raise PluginError(f"no source {name!r}: {path.as_posix()} defines {', '.join(named)}")
        node = named[word]
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    return path.as_posix(), "\n".join(line[indent:] for line in lines)


def definitions(scope: Any) -> dict[str, Any]:
    """The classes, the functions and the plain assignments of a module or a class."""
    named: dict[str, Any] = {}
    for node in scope.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign([ast.Name(name), *_]):
                named[name] = node
    return named
