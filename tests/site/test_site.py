"""The built site: it shows the code that was run, all of it, and it carries nothing that asks for more."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

from sitetools.syntax.fences import PYTHON, blocks
from tests.pages import article, parsed

ROOT = Path(__file__).parents[2]
# at the end of the lectures
INCLUDED = {path for path in (ROOT / "docs/exercises").glob("*.md") if path.stem != "index"}
PAGES = sorted(
    path.relative_to(ROOT / "docs")
    for path in (ROOT / "docs").rglob("*.md")
    if "vendor" not in path.parts and path not in INCLUDED
)
LOOKS_LIKE_PYTHON = re.compile(
    r"^\s*(import \w|from [\w.]+ import |def \w+\(|class \w+[:(]|>>> |print\()", re.MULTILINE
)


def open_page(folder: Path, page: Path) -> Any:
    return article(folder, page.with_suffix(".html"))


def language(code) -> str:
    """The language that the page's markup gives to a block; "" where it gives none."""
    classes = [name for parent in code.parents for name in parent.get("class", [])]
    if "output" in classes:
        return "output"
    return next(
        (name.removeprefix("language-").lower() for name in classes if name.startswith("language-")), ""
    )


def python_blocks(article) -> list[str]:
    codes = article.select("pre > code")
    return [
        code.text.strip("\n")
        for code in codes
        if language(code) in PYTHON and not code.find_parent(class_="course-source")
    ]


def unlabelled(article) -> list[str]:
    codes = article.select("pre > code")
    return [
        code.text for code in codes if language(code) in ("", "text") and LOOKS_LIKE_PYTHON.search(code.text)
    ]


def written(page: str) -> list[str]:
    """The blocks that the tests run, as `pagecode` finds them in the page's Markdown."""
    return [block.code.text.strip("\n") for block in blocks(page) if block.code]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_python_on_a_page_is_exactly_the_python_that_runs(site, page):
    article = open_page(site, page)
    assert python_blocks(article) == written((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert unlabelled(article) == []


@pytest.mark.parametrize(
    "text",
    [
        "```python title=unquoted\nprint(1)\n```",
        "```\nimport torch\n```",
        "```text\nprint(1)\n```",
        "    import torch\n",
        "<!--\n\n```python\nprint(1)\n```\n\n-->",
        '<pre><code class="language-python">print(1)</code></pre>',
    ],
)
def test_code_that_would_not_run_as_shown_is_noticed(small_site, text):
    source = f"# Page\n\nText.\n\n{text}\n"
    article = open_page(small_site({"page.md": source}), Path("page.md"))
    assert python_blocks(article) != written(source) or unlabelled(article)


@pytest.mark.parametrize(
    "text",
    [
        "```python\nif True:\n    x = 1\n\n    y = 2\n```",
        '```py title="a.py" hl_lines="1"\nx = "<b>&amp;</b>"\n```',
        "``` { .python .annotate }\nx = 1  # (1)!\n```\n\n1. A note.",
        "``` {.python .norun reason='no GPU here'}\nx = 1\n```",
        "!!! note\n\n    ~~~python\n    x = 1\n    ~~~\n",
        '=== "A"\n\n    ```python\n    x = 1\n    ```\n\n=== "B"\n\n    ```python\n    y = 1\n    ```\n',
        "- a list\n\n    ```Python\n    x = 1\n    ```\n",
        "````python\nx = '''\n```\n'''\n````",
        "> A quotation\n>\n> ```python\n> x = 1\n> ```\n",
    ],
)
def test_code_is_shown_as_it_is_run_however_it_is_spelt(small_site, text):
    source = f"# Page\n\n{text}\n"
    article = open_page(small_site({"page.md": source}), Path("page.md"))
    assert python_blocks(article) == written(source) != []


def test_course_code_on_the_pages_is_the_code_in_the_course(site):
    for page in PAGES:
        for block in open_page(site, page).select(".course-source"):
            file = (ROOT / block.select_one(".filename").text).read_text(encoding="utf-8")
            shown = [line.strip() for line in block.code.text.strip().splitlines()]
            lines = [line.strip() for line in file.splitlines()]
            assert any(lines[i : i + len(shown)] == shown for i in range(len(lines))), f"{page}: {shown[0]}"


def test_every_image_says_in_words_what_it_shows(site):
    images = [(file.name, image) for file in site.rglob("*.html") for image in parsed(file).select("img")]
    assert [name for name, image in images if not image.get("alt", "").strip()] == []


def test_no_formula_is_left_as_source(site):
    assert [
        file.name for file in site.rglob("*.html") if "arithmatex" in file.read_text(encoding="utf-8")
    ] == []


def test_a_figure_is_shown_once_on_a_page(site):
    for page in PAGES:
        names = [figure["id"] for figure in open_page(site, page).select("figure.drawn[id]")]
        assert len(names) == len(set(names)), page


def broken_links(site: Path) -> list[str]:
    """Links and loaded files of every page that lead to no file of the site, or to no place in it."""
    pages = {file: parsed(file) for file in site.rglob("*.html") if file.name != "404.html"}
    anchors = {file: {tag["id"] for tag in page.select("[id]")} for file, page in pages.items()}
    broken = []
    for file, page in pages.items():
        for address in [
            tag.get("src") or tag.get("href") for tag in page.select("[src], a[href], link[href]")
        ]:
            if re.match(r"[a-z]+:", address):
                continue
            path, anchor = urldefrag(address)
            path = path.partition("?")[0]  # what follows is for a script of the page
            target = (file.parent / unquote(path)).resolve() if path else file
            if not target.is_file() or (
                anchor and target in anchors and unquote(anchor) not in anchors[target]
            ):
                broken.append(f"{file.relative_to(site)}: {address}")
    return broken


def test_every_link_and_every_loaded_file_is_part_of_the_site(site):
    """MkDocs checks the lectures' links; this holds for the labs and for what the theme adds, too."""
    assert broken_links(site) == []


@pytest.mark.parametrize(
    ("link", "planted"),
    [('href="page.html#place"', 'href="page.html#plaice"'), ('href="page.html#place"', 'href="paige.html"')],
)
def test_a_link_that_breaks_is_noticed(small_site, link, planted):
    site = small_site({"index.md": "# Home\n\n[There](page.md#place)\n", "page.md": "# Page\n\n## Place\n"})
    assert broken_links(site) == []
    page = (site / "index.html").read_text(encoding="utf-8")
    assert link in page
    (site / "index.html").write_text(page.replace(link, planted), encoding="utf-8")
    assert [fault.split(": ")[1] for fault in broken_links(site)] == [planted.split('"')[1]]


def test_a_lab_can_be_downloaded_as_a_notebook(site):
    for lab in (ROOT / "docs/labs").glob("*.py"):
        page = open_page(site, Path(f"labs/{lab.stem}"))
        assert (
            (site / "labs" / page.select_one("a[download]")["href"])
            .read_text(encoding="utf-8")
            .startswith('{\n "cells"')
        )
        assert page.select("pre.output"), f"{lab.name} shows no output"


def test_what_only_the_build_needs_is_not_published(site):
    assert list(site.rglob("temml*.js")) == []
    assert {path.relative_to(site).parts[0] for path in site.rglob("*.py")} <= {"exercises"}
    assert list(site.rglob("*.toml")) == []


def test_fonts_and_scripts_of_others_come_with_their_licences():
    for folder in [
        *(ROOT / "docs/assets/vendor").iterdir(),
        *(ROOT / "sitetools/syntax/vendor").iterdir(),
        *(ROOT / "tests/vendor").iterdir(),
    ]:
        if folder.is_dir():
            assert (folder / "LICENSE").is_file(), folder
            assert f"{folder.name}/" in (ROOT / "docs/assets/vendor/README.md").read_text(encoding="utf-8"), (
                folder
            )


def test_the_machinery_of_the_site_does_not_import_torch():
    names = ", ".join(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "sitetools").rglob("*.py")
        if path.parent.name != "jupyter"  # settings, which nbconvert reads in its own way
    )
    asked = subprocess.run(
        [sys.executable, "-c", f"import sys, {names}; print('torch' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert asked.stdout == "False\n", asked.stderr


def test_the_site_needs_nothing_that_only_tests_need():
    absent = {"pytest": None, "sybil": None, "playwright": None, "codespell_lib": None}
    code = f"import sys; sys.modules.update({absent}); import sitetools.hooks, sitetools.extension"
    asked = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
