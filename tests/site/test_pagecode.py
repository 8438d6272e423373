"""Whatever way a page spells a Python block, the block runs,
and what it prints is compared with what the page shows.
"""

from pathlib import Path

import pytest
from sybil import Document
from sybil.example import SybilFailure

from tests.site.pagecode import PageCode

BLOCK = "print(1 + 1)"


def check(folder: Path, page: str, update: bool = False) -> tuple[list[str], PageCode]:
    """The failures of a page, one text each."""
    path = folder / "page.md"
    path.write_text(page, encoding="utf-8")
    code = PageCode(update)
    failures = []
    for example in Document.parse(str(path), code):
        try:
            example.evaluate()
        except SybilFailure as failure:
            failures.append(str(failure))
    return failures, code


def fenced(info: str, ticks: str = "```", indent: str = "", bullet: str = "") -> str:
    """A block that prints 2 above an output block that says 3, on lines 3 to 8 of the page."""
    first, lines = f"{bullet or indent}{ticks}{info}", [BLOCK, ticks, f"{ticks}output", "3", ticks]
    return "\n".join(["# Page", "", first, *(indent + line for line in lines), ""])


SPELLINGS = {
    "python": fenced("python"),
    "py": fenced("py"),
    "Python": fenced("Python"),
    "python3": fenced("python3"),
    "space": fenced(" python"),
    "trailing space": fenced("python  "),
    "title": fenced('python title="a.py"'),
    "hl_lines": fenced('python hl_lines="1"'),
    "linenums": fenced('py linenums="1" title="a.py"'),
    "attribute list": fenced("{.python}"),
    "spaced attribute list": fenced("{ .python .annotate }"),
    "tildes": fenced("python", ticks="~~~"),
    "four ticks": fenced("python", ticks="````"),
    "indented": fenced("python", indent="    "),
    "indented twice": fenced("python", indent="        "),
    "list item": fenced("python", indent="  "),
    "on a bullet": fenced("python", indent="  ", bullet="- "),
    "on a number": fenced("python", indent="   ", bullet="1. "),
    "quotation": fenced("python", indent="> "),
}


@pytest.mark.parametrize("page", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_wrong_output_is_red_at_its_line_in_every_spelling(tmp_path, page):
    (failure,), _ = check(tmp_path, page)
    assert "page.md:6: the output differs" in failure


@pytest.mark.parametrize("page", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_the_right_output_is_green_in_every_spelling(tmp_path, page):
    assert check(tmp_path, "2".join(page.rsplit("3", maxsplit=1)))[0] == []


@pytest.mark.parametrize("container", ['!!! note "A note"', '??? question "Why?"', '=== "A tab"'])
def test_a_block_runs_inside_admonitions_and_tabs(tmp_path, container):
    page = f"{container}\n\n    ```python\n    {BLOCK}\n    ```\n    ```output\n    3\n    ```\n"
    assert "page.md:6:" in check(tmp_path, page)[0][0]


def test_the_blocks_of_a_page_share_one_namespace(tmp_path):
    page = "```python\nx = 41\n```\n\nNow\n\n```python\nprint(x + 1)\n```\n\n```output\n42\n```\n"
    assert check(tmp_path, page)[0] == []


def test_a_fence_inside_a_longer_fence_is_text(tmp_path):
    assert check(tmp_path, "````markdown\n```python\nprint(1)\n```\n````\n")[0] == []


@pytest.mark.parametrize(
    "page, complaint",
    [
        ("```python\nprint(1)\n```\n", "page.md:1: this block prints, and no output block follows"),
        (
            "```python\nprint(1)\n```\n\nText.\n\n```output\n1\n```\n",
            "page.md:7: this output block has no Python block right above",
        ),
        ("```output\n1\n```\n", "page.md:1: this output block has no Python block right above"),
        ("```python\nx = 1\n```\n```output\n1\n```\n", "page.md:4: the output differs"),
        ("```python\n>>> 1\n1\n```\n", "page.md:1: write plain code"),
        ("```pycon\n>>> 1\n1\n```\n", "page.md:1: write plain code"),
        ("```python\n# a remark\n>>> 1\n1\n```\n", "page.md:1: write plain code"),
        ("```python\nx = 1\nx / 0\n```\n", "page.md:3: ZeroDivisionError"),
        ("```python\nx = 1\nx = = 2\n```\n", "page.md:3: SyntaxError"),
        (
            "```python\ndef f():\n    return 1 / 0\n```\n\n```python\nf()\n```\n",
            "page.md:3: ZeroDivisionError",
        ),
        ("``` {.python .norun}\n1 / 0\n```\n", "page.md:1: a block that is not run says why"),
        (
            "```python\nimport warnings\n\nwarnings.warn('old', DeprecationWarning)\n```\n",
            "page.md:4: DeprecationWarning: old",
        ),
        (
            "```python\nimport warnings\n\nwarnings.warn('old', FutureWarning)\n```\n",
            "page.md:4: FutureWarning: old",
        ),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, page, complaint):
    assert any(complaint in failure for failure in check(tmp_path, page)[0])


def test_a_traceback_shows_the_line_of_the_page(tmp_path):
    (failure,), _ = check(tmp_path, "# Page\n\n```python\nx = 1\ny = x / 0  # the culprit\n```\n")
    assert "the culprit" in failure and "pagecode.py" not in failure


@pytest.mark.parametrize(
    "shown, green",
    [("0.33", True), ("0.34", True), ("0.36", False), ("3.3e-01", True), ("0.333333333", True)],
)
def test_a_number_matches_to_one_unit_in_its_last_digit(tmp_path, shown, green):
    page = f"```python\nprint('loss', 1 / 3)\n```\n```output\nloss {shown}\n```\n"
    assert (check(tmp_path, page)[0] == []) is green


def test_whole_numbers_match_exactly(tmp_path):
    assert check(tmp_path, "```python\nprint(269722)\n```\n```output\n269723\n```\n")[0]


def test_a_block_that_cannot_run_is_skipped_with_its_reason(tmp_path):
    with pytest.raises(pytest.skip.Exception, match="page.md:1: not run: needs eight GPUs"):
        check(tmp_path, '``` {.python .norun reason="needs eight GPUs"}\n1 / 0\n```\n')


STALE = """# Page

- A list

    ```python
    print("a\\n\\nb")
    ```
    ```output
    old
    ```

```python
print(2)
```

```python
x = 3
```
```output
nothing
```

```python
print(0.25)
```
```output
0.2
```

The end.
"""

FRESH = """# Page

- A list

    ```python
    print("a\\n\\nb")
    ```
    ```output
    a

    b
    ```

```python
print(2)
```
```output
2
```

```python
x = 3
```

```python
print(0.25)
```
```output
0.2
```

The end.
"""


def test_refreshing_rewrites_inserts_and_removes_outputs_and_leaves_the_rest(tmp_path):
    failures, code = check(tmp_path, STALE, update=True)
    assert failures == []
    code.rewrite()
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == FRESH
    assert check(tmp_path, FRESH)[0] == []


def test_refreshing_does_not_hide_an_error(tmp_path):
    failures, code = check(tmp_path, "```python\n1 / 0\n```\n```output\n1\n```\n", update=True)
    assert "ZeroDivisionError" in failures[0] and code.rewrite() == []
