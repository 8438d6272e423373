"""While a site is served, a page that is as it was is not made again, and what it depends on still shows."""

import pytest
from mkdocs.structure.pages import Page

from sitetools.notebooks import cells

TERM = '[relu]\nterm = "ReLU"\nwords = ["ReLU"]\ntext = "{}"\npage = "page.md"\n'
PAGES = {
    "page.md": "# Page\n\nA ReLU, [there](other.md#place).\n",
    "other.md": "# Other\n\n## Place\n",
    "glossary.md": "# Glossary\n\n{{ glossary }}\n",
    "index.md": "# Home\n\n{{ map lectures }}\n",
    "lectures/a.md": "# First\n\n*What?*\n",
    "glossary.toml": TERM.format("max(0, x)."),
}


@pytest.fixture
def rendered(monkeypatch):
    """The pages that MkDocs renders, in order."""
    names, plain = [], Page.render
    monkeypatch.setattr(
        Page, "render", lambda page, *given: names.append(page.file.src_uri) or plain(page, *given)
    )
    return names


@pytest.fixture
def save(small_site, rendered):
    """Build with these files changed; returns the folder of the site and what was rendered for it."""
    pages = dict(PAGES)

    def build(changes: dict[str, str] | None = None):
        rendered.clear()
        pages.update(changes or {})
        return small_site(pages), sorted(rendered)

    return build


def test_only_the_page_that_was_saved_is_made_again(save):
    first, made = save()
    assert made == ["glossary.md", "index.md", "lectures/a.md", "other.md", "page.md"]
    assert save()[1] == []
    site, made = save({"page.md": "# Page\n\nA new ReLU, [there](other.md#place).\n"})
    assert made == ["index.md", "page.md"]  # the map reads all pages
    assert "A new" in (site / "page.html").read_text(encoding="utf-8")
    assert 'href="page.html">Page</a>' in (site / "glossary.html").read_text(encoding="utf-8")


def test_what_a_page_depends_on_shows(save):
    save()
    site, made = save({"glossary.toml": TERM.format("At least 0.")})
    assert "page.md" in made and "At least 0." in (site / "page.html").read_text(encoding="utf-8")
    site, made = save({"lectures/a.md": "# First\n\n*Why?*\n"})
    assert made == ["index.md", "lectures/a.md"]
    assert "Why?" in (site / "index.html").read_text(encoding="utf-8")


LAB = '# %% [markdown]\n# # A lab\n\n# %% alt="One."\nfrom matplotlib import pyplot\npyplot.plot([1]);\n'


def test_a_lab_and_the_notebooks_are_made_again_when_they_were_saved(save, monkeypatch):
    written, lecture = [], cells.lecture
    monkeypatch.setattr(
        cells, "lecture", lambda page, *given: written.append(page.name) or lecture(page, *given)
    )
    first, made = save({"labs/one.py": LAB})
    assert "labs/one.py" in made and written == ["a"]
    before = {path: path.read_bytes() for path in [*first.rglob("*.html"), *first.rglob("labs/*")]}
    assert len(before) == 9  # seven pages, the drawing and the notebook of the lab
    site, made = save()
    assert made == [] and written == ["a"]
    assert {path: path.read_bytes() for path in before} == before
    site, made = save(
        {"labs/one.py": LAB.replace("A lab", "Another"), "lectures/a.md": "# Last\n\n*What?*\n"}
    )
    assert made == ["index.md", "labs/one.py", "lectures/a.md"] and written == ["a", "a"]
    assert "Another" in (site / "labs/one.html").read_text(encoding="utf-8")
    assert "# Last" in (site / "notebooks/a.ipynb").read_text(encoding="utf-8")


def test_a_place_that_is_gone_is_noticed_on_the_page_that_links_to_it(save):
    save()
    complaint, made = save({"other.md": "# Other\n\n## Another place\n"})
    assert made == ["index.md", "other.md"] and "page.md" in complaint and "#place" in complaint
