"""Words are spelt right, and as in Britain: in pages, docstrings, comments and captions.
Names and titles keep their own spelling.
"""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROSE = [
    *ROOT.glob("*.md"),
    *(
        path
        for path in (ROOT / "docs").rglob("*")
        if path.suffix in (".md", ".toml") and "vendor" not in path.parts
    ),
]
CODE = [
    path
    for folder in ("course", "scripts", "sitetools", "docs/labs", "docs/exercises", "tests")
    for path in (ROOT / folder).rglob("*.py")
]
PLANTED = {
    ROOT / "tests/site/test_spelling.py",
    ROOT / "tests/site/test_directives.py",
}  # hold faults on purpose
AMERICAN_FORMS = [
    "(normal|initial|regular|optim|general|visual|organ|recogn|summar|special|minim|maxim|standard|character|emphas|util|penal|synchron|categor|memor|local|random)iz",
    "(anal|paral)yz", "behavior", "(colo|favo|neighbo|hono)r", r"labor\b", r"center(s|ed|ing)?\b", "gray", r"(label|model|cancel|travel|signal)(ed|ing)\b",
    r"catalog\b", "artifact", "(ful|skil)fill", r"math\b", "gotten",
]  # fmt: skip
AMERICAN = re.compile(rf"\b(?:{'|'.join(AMERICAN_FORMS)})\w*", re.IGNORECASE)
# What is no prose of ours: code, formulas, addresses, the options of a fence,
# quoted words in another language than ours.
NOT_PROSE = re.compile(
    r"(?ms)^([ >]*)(`{3,}|~{3,}).*?^\1\2[ ]*$|``.+?``|`[^`\n]+`|\$\$.+?\$\$|\$[^$\n]+\$|\]\([^)]*\)|<[^>\n]+>|https?://\S+|\{\{.*?\}\}|^alt=.*$"
)


def american(text: str) -> list[str]:
    return [found[0] for found in AMERICAN.finditer(NOT_PROSE.sub("", text))]


def said(code: str) -> str:
    """The comments and the docstrings of a Python file."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    words = [
        ast.get_docstring(node) or "" for node in ast.walk(ast.parse(code)) if isinstance(node, documented)
    ]
    words += [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type == tokenize.COMMENT
    ]
    return "\n".join(words)


def misspelt(*paths: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "codespell_lib",
        "--skip",
        "*/vendor/*,*.woff2,*.svg,*.bib,*.csv,*.min.js",
        "--ignore-words-list",
        "fter,dout",  # the second: a derivative, in the playground's code
    ]
    return subprocess.run([*command, *map(str, paths)], cwd=ROOT, capture_output=True, text=True).stdout


def test_words_are_spelt_right():
    folders = [
        ROOT / name
        for name in (
            "docs",
            "course",
            "scripts",
            "sitetools",
            "README.md",
            "Makefile",
            "pyproject.toml",
            "mkdocs.yml",
            "figures/figures.json",
        )
    ]
    tests = [path for path in (ROOT / "tests").glob("*.py") if path not in PLANTED]
    assert misspelt(*folders, *tests) == ""


def test_a_misspelt_word_is_noticed(tmp_path):
    (tmp_path / "page.md").write_text("The gradient is recieved by the first layer.\n", encoding="utf-8")
    assert "recieved ==> received" in misspelt(tmp_path / "page.md")


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_is_written_in_british_english(path):
    assert american(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path", [path for path in CODE if path not in PLANTED], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_comments_and_docstrings_are_too(path):
    assert american(said(path.read_text(encoding="utf-8"))) == []


def test_captions_and_descriptions_of_figures_are_too():
    entries = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8")).values()
    assert american("\n".join(entry[key] for entry in entries for key in ("caption", "alt", "basis"))) == []


@pytest.mark.parametrize(
    "text, found",
    [
        (
            "Normalization of the color, centered; neighboring layers are modeled.",
            ["Normalization", "color", "centered", "neighboring", "modeled"],
        ),
        ("Normalisation of the colour, in the centre; analysed, labelled.", []),
        ("`color`, [he](https://example.org/normalization)\n\n```python\ncenter = 1\n```\n", []),
    ],
)
def test_american_spelling_is_noticed_in_prose_and_left_in_code(text, found):
    assert american(text) == found


def test_what_code_says_is_its_docstrings_and_comments():
    assert american(said('def f(color):\n    """Initialize."""\n    return "center"  # gray\n')) == [
        "Initialize",
        "gray",
    ]
