"""What the labs print: kept while nothing changes that it depends on, and an answer to what they ask."""

import re
from pathlib import Path

import jupytext
import pytest

from sitetools.build import outputs
from sitetools.build.kernels import Lab
from tests.pages import article

LABS = Path(__file__).parents[2] / "docs/labs"
# The last output of each lab answers the last of its questions.
ANSWERS = {
    "batch-normalisation": (
        "Was it the small steps or the statistics",
        "the same small steps, better statistics, it learns: True",
    ),
    "degradation": (
        "without its shortcuts? A network that guesses is wrong on 90 %",
        r"without shortcuts:  (8[5-9]|9\d)\.\d %",
    ),
    "gradients": (
        "still the network learns far more slowly",
        "after twenty epochs it has learned least: times 12$",
    ),
    "surgery": ("has the smallest neighbourhood", "has to come nearest to its solution: plain-56$"),
}


@pytest.fixture
def runs(monkeypatch):
    """The labs that run, by the first line of their code; what they would draw is this."""
    ran = []

    def run(lab, nb, resources, km=None):
        ran.append(outputs.code(nb)[0].source)
        for cell in outputs.code(nb):
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": f"of {cell.source}\n"}]
        return nb, resources

    monkeypatch.setattr(Lab, "preprocess", run)
    return ran


@pytest.fixture
def labs(tmp_path, monkeypatch):
    """Two labs in a folder whose course is one module, and which keeps nothing yet."""
    (tmp_path / "course").mkdir()
    (tmp_path / "course/module.py").write_text("x = 1\n", encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(f"# %% [markdown]\n# # Lab\n\n# %%\n{name}\n", encoding="utf-8")
    monkeypatch.setattr(outputs, "ROOT", tmp_path)
    monkeypatch.setattr(outputs, "FOLDER", tmp_path / "kept")
    return tmp_path


def build(labs: Path) -> list[str]:
    """What the labs print."""
    outputs.run([labs / "one.py", labs / "two.py"])
    printed = []
    for name in ("one", "two"):
        notebook, _ = outputs.KeptLab().preprocess(jupytext.read(labs / f"{name}.py"), {})
        printed.append(outputs.code(notebook)[0].outputs[0].text)
    return printed


def test_a_lab_runs_once(labs, runs):
    assert build(labs) == build(labs) == ["of one\n", "of two\n"]
    assert sorted(runs) == ["one", "two"]


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_lab_whose_code_is_edited_runs_again_and_no_other(labs, runs):
    build(labs)
    runs.clear()
    replaced(labs / "two.py", "two", "2")
    assert build(labs) == ["of one\n", "of 2\n"]
    assert runs == ["2"]


def test_prose_can_be_edited_without_a_run(labs, runs):
    build(labs)
    replaced(labs / "two.py", "# # Lab\n", "# # Lab\n#\n# More.\n\n# %% [markdown]\n# And more.\n")
    assert build(labs) == ["of one\n", "of two\n"]
    assert sorted(runs) == ["one", "two"]


@pytest.mark.parametrize("change", ["a module", "a new module", "a version"])
def test_all_run_again_when_what_they_run_on_changes(labs, runs, change, monkeypatch):
    build(labs)
    runs.clear()
    if change == "a version":
        monkeypatch.setattr(outputs, "versions", lambda: {"torch": "3.0"})
    else:
        name = "module" if change == "a module" else "another"
        (labs / f"course/{name}.py").write_text("x = 2\n", encoding="utf-8")
    build(labs)
    assert sorted(runs) == ["one", "two"]


def test_a_module_that_is_only_touched_changes_nothing(labs, runs):
    build(labs)
    runs.clear()
    (labs / "course/module.py").touch()
    build(labs)
    assert runs == []


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-9], lambda text: text.replace(b"of", b"OF"), lambda text: b"\xff"]
)
def test_what_is_damaged_is_run_again_and_not_published(labs, runs, damage):
    build(labs)
    runs.clear()
    for path in (labs / "kept").iterdir():
        path.write_bytes(damage(path.read_bytes()))
    assert build(labs) == ["of one\n", "of two\n"]
    assert sorted(runs) == ["one", "two"]


def test_only_so_much_is_kept(labs, runs, monkeypatch):
    monkeypatch.setattr(outputs, "MOST", 2)
    for version in range(3):
        monkeypatch.setattr(outputs, "versions", lambda version=version: {"torch": str(version)})
        build(labs)
    runs.clear()
    build(labs)
    assert runs == [] and len(list((labs / "kept").iterdir())) == 2


def test_a_fault_names_its_lab(labs):
    (labs / "two.py").write_text("# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(
        Exception, match=r"^labs/two\.py: cell 1, which begins '1 / 0', raises ZeroDivisionError: "
    ):
        outputs.run_one(labs / "two.py")


def test_two_labs_run_side_by_side(labs):
    """Each waits for the other: one after the other would never end."""
    meet = (
        "import pathlib, time\n{0} = pathlib.Path({1!r})\n{0}.touch()\n"
        "while not all((pathlib.Path({1!r}).parent / name).exists() for name in 'ab'):\n    time.sleep(0.01)\nprint('met')\n"
    )
    for name, sign in (("one", "a"), ("two", "b")):
        (labs / f"{name}.py").write_text("# %%\n" + meet.format("sign", str(labs / sign)), encoding="utf-8")
    assert build(labs) == ["met\n", "met\n"]


@pytest.mark.parametrize("lab", sorted(LABS.glob("*.py")), ids=lambda lab: lab.stem)
def test_the_last_output_of_a_lab_answers_its_last_question(lab, site):
    asked, answer = ANSWERS[lab.stem]
    page = article(site, f"labs/{lab.stem}.html")
    assert asked in " ".join(page.select("ol > li")[-1].text.split())
    assert re.search(answer, page.select("pre.output")[-1].text.strip())
