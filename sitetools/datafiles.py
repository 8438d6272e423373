"""The data files of the site: what is wrong in one stops the build in a line with file and entry."""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from pybtex.exceptions import PybtexError

FORMATS = {".json": ("JSON", json.loads), ".toml": ("TOML", tomllib.loads)}
WORDS = {
    str: "a text",
    list[str]: "a list of texts",
    list: "a list",
    dict: "a table",
    int: "a whole number",
    float: "a number with a point, such as 3.0",
    bool: "true or false",
}


def parsed(path: Path) -> dict[str, Any]:
    """The entries of a file by name. Raises PluginError for one that is missing or holds something else."""
    name, parse = FORMATS[path.suffix]
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PluginError(f"{path.name} cannot be read ({error.strerror}): restore it with git") from None
    except ValueError as error:  # of either format, or not UTF-8
        raise PluginError(f"{path.name} is not {name} ({error}): mend it, or restore it with git") from None
    if not isinstance(content, dict):
        raise PluginError(
            f"{path.name} holds {kind(content)}, not entries by name: mend it, or restore it with git"
        )
    return content


@contextmanager
def entry(path: Path, name: str) -> Iterator[None]:
    """What goes wrong inside is a fault of this entry of the file."""
    try:
        yield
    except KeyError as error:
        raise PluginError(f"{path.name}: {name} lacks {error}") from None
    except SyntaxError as error:
        raise PluginError(f"{path.name}: {name}, line {error.lineno}: {error.msg}") from None
    except (ValueError, TypeError, AttributeError, re.error, PybtexError) as error:
        raise PluginError(f"{path.name}: {name}: {error}") from None


def fields(table: Any, **kinds: type) -> dict[str, Any]:
    """`table`, if it is one and has each of the fields, of its kind. Raises KeyError or TypeError, for
    `entry` to tell."""
    if not isinstance(table, dict):
        raise TypeError(f"it is {kind(table)}, and should be a table with {', '.join(kinds)}")
    for name, wanted in kinds.items():
        if not suits(table[name], wanted):
            raise TypeError(
                f"{name} is {kind(table[name])}, {json.dumps(table[name], default=str)[:60]}, and should be "
                f"{WORDS[wanted]}"
            )
    return table


def suits(value: Any, wanted: type) -> bool:
    if wanted == list[str]:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return type(value) is wanted  # true and false would pass as whole numbers


def kind(value: Any) -> str:
    return WORDS.get(type(value), type(value).__name__)
