"""A lecture's notebook holds what its page holds, runs as the page does, and checks the reader's answers."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from course import CourseError
from course.exercises import check
from sitetools.build import wheel
from sitetools.commands import notebooks as command
from sitetools.parts.exercises import SOURCE, exercises, lectures
from sitetools.syntax.fences import blocks
from tests.pages import article

ROOT = Path(__file__).parents[2]
MACHINERY = re.compile(
    r"\{\{|\}\}|--8<--|^(?:!!!|\?\?\?)|\[[@^]|\{:? ?[.#]|[\x02\x03]|^:   |\]\(#", re.MULTILINE
)
CODE_AND_FORMULAS = re.compile(r"```.*?```|`[^`]+`|\$\$.*?\$\$|\$[^$]+\$", re.DOTALL)


@pytest.fixture(scope="module")
def made(site):
    return {name: nbformat.read(site / f"notebooks/{name}.ipynb", as_version=4) for name in lectures()}


def texts(notebook, kind: str = "markdown") -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_each_lecture_has_one_that_is_valid_and_needs_no_other_file(made, site):
    assert {path.name for path in (site / "notebooks").iterdir()} == {
        wheel.NAME,
        *(f"{name}.ipynb" for name in lectures()),
    }
    for name, notebook in made.items():
        nbformat.validate(notebook)
        assert [cell.id for cell in notebook.cells] == [f"cell-{n}" for n in range(len(notebook.cells))], name
        assert not re.findall(r"!\[[^\]]*\]\((?!data:image/png;base64,)", "\n".join(texts(notebook))), name


@pytest.mark.parametrize("lecture", lectures())
def test_it_runs_the_blocks_of_the_page_and_shows_their_outputs(made, lecture):
    page = (ROOT / f"docs/lectures/{lecture}.md").read_text(encoding="utf-8")
    written = [(b.code.text.strip("\n"), b.output.text if b.output else "") for b in blocks(page) if b.code]
    cells = [cell for cell in made[lecture].cells if cell.cell_type == "code"]
    assert [(cell.source, command.printed(cell)) for cell in cells[1 : 1 + len(written)]] == written


@pytest.mark.parametrize("lab", sorted((ROOT / "docs/labs").glob("*.py")), ids=lambda lab: lab.stem)
def test_a_lab_shows_what_its_page_shows(lab, site):
    page = article(site, f"labs/{lab.stem}.html")
    cells = nbformat.read(site / f"labs/{lab.stem}.ipynb", as_version=4).cells
    shown = [command.printed(cell).strip() for cell in cells if cell.cell_type == "code"]
    assert [text for text in shown if text] == [block.text.strip() for block in page.select("pre.output")]
    drawn = [
        output
        for cell in cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(drawn) == len(page.select("figure.drawn img")) > 0


def test_nothing_that_only_the_site_understands_is_left_in_it(made, site):
    lab = nbformat.read(site / "labs/degradation.ipynb", as_version=4)
    for name, notebook in {**made, "the lab": lab}.items():
        for text in texts(notebook):
            found = MACHINERY.search(CODE_AND_FORMULAS.sub("", text))
            assert not found, f"{name}: {text[max(0, found.start() - 40) : found.end() + 40]}"


def test_it_shows_the_figures_and_the_headings_of_the_page(made):
    manifest = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))
    for name, notebook in made.items():
        page, text = (
            (ROOT / f"docs/lectures/{name}.md").read_text(encoding="utf-8"),
            "\n".join(texts(notebook)),
        )
        for figure in re.findall(r"\{\{ figure (\S+) \}\}", page):
            assert f"![{manifest[figure]['alt']}](data:" in text, figure
        for heading in re.findall(r"^(##+ [^`\n{$]+)", page, re.MULTILINE):
            assert heading.strip() in text, heading


# All solutions, as files: test_exercises.py.
@pytest.mark.parametrize("lecture", ["vgg", "relu"])
def test_a_solution_passes_in_the_notebook_and_its_starter_is_told_what_to_write(made, lecture, capsys):
    answers: dict = {"__name__": "notebook"}
    exec((SOURCE / f"solutions/{lecture.replace('-', '_')}.py").read_text(encoding="utf-8"), answers)
    asked = [each.number for each in exercises(lecture) if each.grade in ("compute", "experiment")]
    for number in asked:
        check(lecture, number, answers)
        assert capsys.readouterr().out == f"Exercise {number} is right.\n"
    cells = [cell for cell in made[lecture].cells if cell.cell_type == "code"]
    checks = [place for place, cell in enumerate(cells) if "import check" in cell.source]
    assert len(checks) == len(asked)
    for place in checks:
        starter: dict = {"__name__": "notebook"}
        exec(cells[place - 1].source, starter)
        exec(cells[place].source, starter)
        assert capsys.readouterr().out == command.printed(cells[place])


def test_a_wrong_answer_is_told_what_is_wrong_and_one_that_fails_where(capsys):
    check("vgg", 2, {"receptive_field": lambda layers: 3})
    assert capsys.readouterr().out.startswith(
        "receptive_field of three 3x3 layers is 3, expected 7.\nLook at: "
    )
    check("vgg", 2, {"receptive_field": lambda layers: layers[9]})
    assert "IndexError: list index out of range" in capsys.readouterr().out
    check("vgg", 2, {})
    assert capsys.readouterr().out == "Not written yet. Exercise 2: write receptive_field.\n"


def test_an_answer_that_was_stopped_is_not_called_right(capsys):
    def stopped(layers):
        raise KeyboardInterrupt  # as the notebook's stop button does

    check("vgg", 2, {"receptive_field": stopped})
    assert capsys.readouterr().out == "The check was stopped before its end.\n"


def test_an_exercise_that_is_not_there_is_named():
    with pytest.raises(CourseError, match="no exercises for 'cow': choose one of alexnet, "):
        check("cow", 1, {})
    with pytest.raises(CourseError, match="exercise 1 of vgg has no checks: it asks for no function"):
        check("vgg", 1, {})


@pytest.fixture
def site_of(tmp_path, site):
    """The folder of a site with one notebook, perhaps with something changed in it."""

    def make(lecture: str, change=str) -> Path:
        (tmp_path / "notebooks").mkdir()
        text = (site / f"notebooks/{lecture}.ipynb").read_text(encoding="utf-8")
        (tmp_path / f"notebooks/{lecture}.ipynb").write_text(change(text), encoding="utf-8")
        return tmp_path

    return make


@pytest.mark.slow
@pytest.mark.parametrize("lecture", ["results"])
def test_it_runs_from_top_to_bottom_in_an_empty_folder(site_of, lecture, capsys):
    command.main(site_of(lecture))
    assert re.search(rf"^{lecture}\.ipynb +agrees ", capsys.readouterr().out)


@pytest.mark.slow
def test_a_notebook_that_prints_something_else_is_named_with_its_cell(site_of):
    folder = site_of("results", lambda text: text.replace("Exercise 2: write", "Exercise 9: write", 1))
    with pytest.raises(SystemExit) as error:
        command.main(folder)
    (line,) = str(error.value).strip().splitlines()
    assert line.startswith("results.ipynb: cell-") and "and not 'Not written yet. Exercise 9" in line


@pytest.mark.slow
def test_a_notebook_that_fails_or_uses_what_is_about_to_go_is_named_with_the_reason(site_of):
    def warned(text: str) -> str:
        notebook = nbformat.reads(text, as_version=4)
        notebook.cells[0].source = "import warnings\nwarnings.warn('old', DeprecationWarning)"
        return nbformat.writes(notebook)

    with pytest.raises(SystemExit, match=r"results\.ipynb: DeprecationWarning: old"):
        command.main(site_of("results", warned))


def test_a_folder_without_notebooks_is_no_site(tmp_path):
    with pytest.raises(SystemExit, match="there is no notebook in .*: run make site first"):
        command.main(tmp_path)


def test_a_block_that_cannot_be_a_cell_stops_the_build(small_site):
    page = "# A lecture\n\n*Why?*\n\n- a list\n\n    ```python\n    x = 1\n    ```\n"
    said = small_site({"lectures/a.md": page, "run.md": "# Run it\n"})
    assert "lectures/a.md: a block of Python that is indented cannot be a cell of the notebook" in said
