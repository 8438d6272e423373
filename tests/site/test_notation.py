"""The notation page lists every symbol of every formula: a reader who meets a letter can look it up."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.S)
CODE = re.compile(r"^([ >]*)(`{3,}|~{3,}).*?^\1\2[ ]*$|`[^`\n]+`", re.S | re.M)
NAMES = re.compile(r"\\(?:operatorname|text|mathrm|begin|end)\*?\{[^{}]*\}")
GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "ell",
]
SYMBOL = re.compile(
    rf"\\(?:{'|'.join(GREEK)})\b|\\(?:mathcal|mathbb)\{{?\s*\w\}}?|\\hat\s*\w|\\[a-zA-Z]+|[a-zA-Z]"
)
CONSTANTS = {"e", r"\pi"}


def symbols(text: str) -> set[str]:
    """The letters of all formulas: x, \\hat x, \\mathcal L, \\delta;
    neither commands of layout nor names of functions.
    """
    found = set()
    for formula in FORMULA.finditer(CODE.sub("", text)):
        for symbol in SYMBOL.findall(NAMES.sub("", formula[1] or formula[2])):
            command = re.match(r"\\(\w+?)\b", symbol)
            if not command or command[1] in GREEK or command[1] in ("mathcal", "mathbb", "hat"):
                found.add(re.sub(r"[{}\s]+", " ", symbol).strip())
    return found - CONSTANTS


def entries(page: str) -> set[str]:
    """The symbols of the first column of the tables."""
    return symbols("\n".join(re.findall(r"^\| ([^|]*) \|", page, re.M)))


NOTATION = entries((DOCS / "notation.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_symbol_of_a_page_stands_in_the_notation(page):
    assert symbols(page.read_text(encoding="utf-8")) - NOTATION == set()


def test_every_symbol_of_the_notation_is_used_on_a_page():
    used = set().union(
        *(symbols(page.read_text(encoding="utf-8")) for page in PAGES if page.stem != "notation")
    )
    assert NOTATION - used == set()


def test_no_symbol_stands_there_twice():
    lines = re.findall(r"^\| (\$[^|]*) \|", (DOCS / "notation.md").read_text(encoding="utf-8"), re.M)
    formulas = [
        formula for line in lines for formula in re.findall(r"\$([^$=]+)", line) if formula.strip(", ")
    ]
    assert len(formulas) == len(set(formulas))


@pytest.mark.parametrize(
    "text, found",
    [
        (r"The $\hat x_i$ of $\mathcal B$, $\mathcal{L}$.", {r"\hat x", "i", r"\mathcal B", r"\mathcal L"}),
        ("$$\n\\operatorname{relu}'(x) = \\begin{cases} 1 & x > 0 \\end{cases}\n$$", {"x"}),
        (r"$\underbrace{Q}_{\text{a word}} \cdot e^{-x}$", {"Q", "x"}),
        ("`$Q$`\n\n```python\nprice = '$Q$'\n```\n", set()),
    ],
)
def test_the_symbols_of_a_formula_are_seen(text, found):
    assert symbols(text) == found


def test_a_symbol_without_an_entry_is_noticed():
    assert symbols(r"Let $Q$ be $\omega$.") - NOTATION == {"Q", r"\omega"}
