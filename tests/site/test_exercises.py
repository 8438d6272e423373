"""Every exercise has a hint and a tested solution, the starters are the solutions without their answers, and
a wrong answer is told what is wrong.
"""

import ast
import os
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sitetools.commands import exercises as command
from sitetools.commands.exercises import write
from sitetools.parts.exercises import (
    ROOT,
    SOURCE,
    archive,
    asked,
    exercises,
    folder,
    lectures,
    starter,
)

WITH_CODE = ("compute", "experiment")
GRADES = {"recall", "prove", *WITH_CODE}
SOLUTIONS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SOURCE.glob("solutions/*.py"))}


def module(lecture: str) -> str:
    """A lecture's name as Python spells it."""
    return lecture.replace("-", "_")


def functions(source: str) -> dict[int, list[ast.FunctionDef]]:
    """The functions that are the reader's to write, by exercise."""
    found = defaultdict(list)
    for function in asked(ast.parse(source)):
        found[int(ast.get_docstring(function).split()[1].rstrip("."))].append(function)
    return found


def checks(lecture: str) -> dict[int, list[str]]:
    """The tests of a lecture's checks, by exercise."""
    found = defaultdict(list)
    for node in ast.parse((SOURCE / f"checks/check_{module(lecture)}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found[int(node.name.split("_")[2])].append(node.name)
    return found


def test_every_lecture_ends_with_its_exercises():
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs/lectures").glob("*.md")}
    assert lectures() == sorted(pages)
    for lecture, page in pages.items():
        assert page.endswith(f'\n\n--8<-- "exercises/{lecture}.md"\n'), lecture


@pytest.mark.parametrize("lecture", lectures())
def test_a_lecture_has_five_exercises_or_more_of_all_four_grades_under_lasting_names(lecture):
    found = exercises(lecture)
    assert len(found) >= 5 and {each.grade for each in found} == GRADES
    assert [(each.number, each.anchor) for each in found] == [
        (n, f"exercise-{lecture}-{n}") for n in range(1, len(found) + 1)
    ]
    assert len(found) == (SOURCE / f"{lecture}.md").read_text(encoding="utf-8").count("\n### ")


@pytest.mark.parametrize("lecture", lectures())
def test_every_exercise_has_a_hint_and_a_solution(lecture):
    for each in exercises(lecture):
        assert each.text.count('??? tip "Hint"\n') == each.text.count('??? success "Solution"\n') == 1, (
            each.anchor
        )
        assert len(each.text.split('??? success "Solution"\n')[1].split()) > (
            8 if each.grade in WITH_CODE else 40
        ), each.anchor


@pytest.mark.parametrize("lecture", lectures())
def test_code_is_asked_for_shown_and_checked_in_the_same_exercises(lecture):
    with_code = {each.number: each for each in exercises(lecture) if each.grade in WITH_CODE}
    answers = functions(SOLUTIONS[module(lecture)])
    assert set(with_code) == set(answers) == set(checks(lecture))
    for number, each in with_code.items():
        for function in answers[number]:
            assert f"`{function.name}`" in each.text, each.anchor
        assert (
            f"{{{{ source docs.exercises.solutions.{module(lecture)}."
            in each.text.split('??? success "Solution"\n')[1]
        ), each.anchor


@pytest.mark.parametrize("lecture", lectures())
def test_a_lecture_says_where_to_write_and_what_to_run(lecture):
    page = (SOURCE / f"{lecture}.md").read_text(encoding="utf-8")
    name = module(lecture)
    assert f"{{{{ quiz {lecture} }}}}" in page
    for words in (
        f"`exercises/{name}.py`",
        f"`python -m pytest exercises/check_{name}.py`",
        f"(../exercises/{name}.py)",
        f"(../exercises/checks/check_{name}.py)",
    ):
        assert words in page


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_starter_keeps_everything_but_the_answers(name):
    solution, given = ast.parse(SOLUTIONS[name]), ast.parse(starter(SOLUTIONS[name]))
    for full, empty in zip(asked(solution), asked(given), strict=True):
        assert len(empty.body) == 2 and ast.unparse(empty.body[1]).startswith(
            "raise NotImplementedError('exercise "
        ), full.name
        full.body = empty.body = full.body[:1]
    assert ast.unparse(solution) == ast.unparse(given)


def test_a_starter_of_methods_decorators_and_nested_functions_is_python():
    source = 'class A:\n    @staticmethod\n    def f(x):\n        """Exercise 12. Add."""\n        def g():\n            return 1\n        return x + g()\n\n    def h(self):\n        return 3\n'
    assert starter(source) == (
        'class A:\n    @staticmethod\n    def f(x):\n        """Exercise 12. Add."""\n        raise NotImplementedError("exercise 12: write f")\n\n    def h(self):\n        return 3\n'
    )


# Stands in the way of what the course has besides and the README of the exercises does not name.
ONLY_WHAT_THE_README_NAMES = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"matplotlib", "safetensors", "mkdocs", "sitetools"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory) -> Path:
    """The folder that a reader has after unpacking the archive."""
    target = tmp_path_factory.mktemp("reader")
    zipfile.ZipFile(BytesIO(archive())).extractall(target)
    (target / "sitecustomize.py").write_text(ONLY_WHAT_THE_README_NAMES, encoding="utf-8")
    return target / "going-deeper"


def check(downloaded: Path, answers: dict[str, str]) -> dict[str, tuple[str, str]]:
    """The message of each check that fails, "" for one that passes, by file and test; and how it failed."""
    for name, text in answers.items():
        (downloaded / f"exercises/{name}.py").write_text(text, encoding="utf-8")
    files = [f"exercises/check_{name}.py" for name in answers]
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--junit-xml=results.xml",
        *files,
    ]
    environment = os.environ | {"PYTHONPATH": str(downloaded.parent)}
    done = subprocess.run(command, cwd=downloaded, env=environment, capture_output=True, text=True)
    results = {}
    for case in ElementTree.parse(downloaded / "results.xml").iter("testcase"):
        failure = case.find("failure")
        results[f"{case.get('classname')}.{case.get('name')}"] = (
            "" if failure is None else failure.text,
            done.stdout,
        )
    assert len(results) == sum(len(names) for lecture in lectures() for names in checks(lecture).values()), (
        done.stdout + done.stderr
    )
    return results


@pytest.mark.slow
def test_the_solutions_pass_every_check(downloaded):
    results = check(downloaded, SOLUTIONS)
    assert {name: message for name, (message, _) in results.items() if message} == {}
    count = sum(len(functions(text)) for text in SOLUTIONS.values())
    assert all(f"{count} of {count} exercises are right." in printed for _, printed in results.values())


@pytest.mark.slow
def test_the_starters_fail_every_check_and_are_told_what_to_write(downloaded):
    for name, (message, printed) in check(
        downloaded, {name: starter(text) for name, text in SOLUTIONS.items()}
    ).items():
        assert message.startswith("Not written yet. Exercise ") and message.endswith(".py."), (
            f"{name}: {message}"
        )
        assert "0 of " in printed and "Next: exercise 2 in " in printed


def returning(value: str, source: str) -> str:
    """The starter with every answer replaced by one that returns a value."""
    return "\n".join(
        f"{line.split('raise')[0]}return {value}" if "raise NotImplementedError" in line else line
        for line in starter(source).splitlines()
    )


@pytest.mark.slow
def test_an_answer_that_returns_nothing_is_told_so_by_every_check(downloaded):
    results = check(downloaded, {name: returning("None", text) for name, text in SOLUTIONS.items()})
    assert {
        name: message or "passed"
        for name, (message, _) in results.items()
        if "returned nothing" not in message
    } == {}


@pytest.mark.slow
def test_a_wrong_answer_passes_no_check(downloaded):
    results = check(downloaded, {name: returning("0.123", text) for name, text in SOLUTIONS.items()})
    assert [name for name, (message, _) in results.items() if not message] == []


# In a solution: a part of it, and the usual mistake in its place; then what the check says of it.
USUAL_MISTAKES = {
    "alexnet": (
        "channels // groups * out * height",
        "channels * out * height",
        "each output sees 48 channels",
    ),
    "batch_normalisation": (
        "(variance + eps).sqrt() + beta",
        "(variance.sqrt() + eps) + beta",
        "eps belongs under the root",
    ),
    "imagenet": ("return 100 * single, 100 * together", "return single, together", "in percent"),
    "vgg": (
        "found.append(z.std().item())\n        x = z.relu()",
        "x = z.relu()\n        found.append(x.std().item())",
        "before the ReLU",
    ),
}


@pytest.mark.slow
def test_the_usual_mistakes_are_found_and_named(downloaded):
    wrong = {}
    for name, (right, mistake, _) in USUAL_MISTAKES.items():
        assert SOLUTIONS[name].count(right) == 1
        wrong[name] = SOLUTIONS[name].replace(right, mistake)
    failed = {name: message for name, (message, _) in check(downloaded, SOLUTIONS | wrong).items() if message}
    assert len(failed) == len(USUAL_MISTAKES)
    for name, (_, _, told) in USUAL_MISTAKES.items():
        (message,) = [message for test, message in failed.items() if f"check_{name}." in f"{test}."]
        assert told in message


def test_writing_the_folder_again_keeps_answers_and_renews_checks(tmp_path):
    assert write(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == set(folder())
    (tmp_path / "vgg.py").write_text("mine")
    (tmp_path / "check_vgg.py").write_text("old")
    assert write(tmp_path) == ["vgg.py"]
    assert (tmp_path / "vgg.py").read_text() == "mine"
    assert (tmp_path / "check_vgg.py").read_text() == folder()["check_vgg.py"]


def test_the_archive_is_the_same_each_time_and_holds_what_the_exercises_import():
    assert archive() == archive()
    names = zipfile.ZipFile(BytesIO(archive())).namelist()
    assert {
        "going-deeper/course/networks/resnet.py",
        "going-deeper/course/records/ilsvrc.csv",
        "going-deeper/exercises/vgg.py",
        "going-deeper/exercises/README.txt",
    } <= set(names)


def test_the_site_offers_the_starters_the_solutions_and_the_archive(site):
    assert (site / "exercises/exercises.zip").read_bytes() == archive()
    for name, text in SOLUTIONS.items():
        assert (site / f"exercises/{name}.py").read_text(encoding="utf-8") == starter(text)
        assert (site / f"exercises/solutions/{name}.py").read_text(encoding="utf-8") == text


def test_the_overview_lists_the_exercises_of_every_lecture():
    page = (SOURCE / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\{\{ exercises (\S+) \}\}$", page, re.MULTILINE)) == lectures()


def test_the_command_says_what_to_do_next(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "ROOT", tmp_path)
    command.main()
    assert "-m pytest exercises/check_vgg.py" in capsys.readouterr().out
