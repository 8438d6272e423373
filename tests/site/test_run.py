"""The ways from a page to its code: a notebook, Colab, the repository; the last two only where that is known."""

from pathlib import Path

import nbformat
import pytest

from tests.pages import parsed

SITE, REPOSITORY = "https://example.org/deeper/", "https://github.com/owner/deeper"
BIBLIOGRAPHY = """
@article{x2020, author = {X, Y.}, title = {{T}}, journal = {J}, year = {2020}, doi = {10.1/x}}
"""
LECTURE = """# A lecture

*Why?*

Read [the other](b.md#place), [home](../index.md) and [below](#below); [@x2020, section 2], @x2020 [Table 1].

!!! note "A box"

    With a formula:

    $$
    \\R
    $$

Term
:   What it is.

    And more.

```python
x = 1
```

## Below { #below }
"""
PAGES = {
    "lectures/a.md": LECTURE,
    "lectures/b.md": "# Another\n\n*How?*\n\n## Place\n",
    "references.md": "# References\n\n{{ references }}\n",
    "run.md": "# Run it\n",
    "references.bib": BIBLIOGRAPHY,
}


def links(site: Path, name: str) -> list[str]:
    return [link["href"] for link in parsed(site / name).article.select(".run a, .md-content__button")]


@pytest.fixture
def known(monkeypatch):
    for name, value in {"REPO_URL": REPOSITORY, "SITE_URL": SITE, "PDF": "deeper.pdf"}.items():
        monkeypatch.setenv(name, value)


def test_above_the_first_block_of_a_lecture_stands_how_to_run_it(small_site):
    site = small_site(PAGES)
    assert links(site, "lectures/a.html") == ["../notebooks/a.ipynb", "../run.html"]
    line = parsed(site / "lectures/a.html").select_one("p.run")
    assert line.find_next_sibling().select_one("code").text.strip() == "x = 1"
    assert links(site, "lectures/b.html") == links(site, "index.html") == []


def test_where_the_repository_is_known_pages_lead_there_and_ask_it_for_nothing(known, small_site):
    site = small_site(PAGES)
    assert links(site, "lectures/a.html") == [
        f"{REPOSITORY}/edit/main/docs/lectures/a.md",
        "../notebooks/a.ipynb",
        "https://colab.research.google.com/github/owner/deeper/blob/notebooks/lectures/a.ipynb",
        "../run.html",
        f"{REPOSITORY}/issues/new?title=An%20error%20on%20the%20page%20%E2%80%9CA%20lecture%E2%80%9D",
    ]
    assert "deeper.pdf" in links(site, "index.html")
    page = parsed(site / "index.html")
    assert page.select(f'a.md-source[href="{REPOSITORY}"]') and not page.select(
        '[data-md-component="source"]'
    )


def text(site: Path) -> str:
    cells = nbformat.read(site / "notebooks/a.ipynb", as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


BOX = "> **A box**\n> \n> With a formula:\n> \n> $$\n> \\mathbb{R}\n> $$\n\n**Term.** What it is.\n\nAnd more.\n\n## Below"


def test_the_notebook_leads_to_the_site_and_to_the_papers(known, small_site):
    read = (
        f"Read [the other]({SITE}lectures/b.html#place), [home]({SITE}index.html) and "
        f"[below]({SITE}lectures/a.html#below); ([X 2020](https://doi.org/10.1/x), section 2), "
        "[X](https://doi.org/10.1/x) (2020, Table 1)."
    )
    assert text(small_site(PAGES)) == f"# A lecture\n\n*Why?*\n\n{read}\n\n{BOX}"


def test_without_an_address_it_leads_to_the_other_notebooks(small_site):
    assert "Read [the other](b.ipynb), home and below; " in text(small_site(PAGES))
