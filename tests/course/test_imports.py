"""The arrows of the house: which package imports which, what needs no torch, what an import costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHOUT_TORCH = ("records", "report", "figures")
PACKAGES = ("machine", "data", "networks", "training", *WITHOUT_TORCH, "experiments")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("course", "sitetools", "scripts")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
COURSE = [name for name in MODULES if name.startswith("course.")]


def imports(source: str) -> set[str]:
    """What a file imports, at its top and inside its functions;
    `from course import data` counts as course.data.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


DIRECT = {name: imports(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def reached(name: str) -> set[str]:
    """What a module imports, directly or through modules of this repository, and the packages they lie in."""
    found, waiting = set(), [name]
    while waiting:
        for other in DIRECT.get(waiting.pop(), set()) - found:
            around = {other.rsplit(".", count)[0] for count in range(other.count(".") + 1)}
            waiting += around - found
            found |= around
    return found


def packages(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_every_spelling_of_an_import_is_seen():
    source = "import a.b\nfrom c import d\nfrom e.f import g\ndef h():\n    import i\n"
    assert imports(source) == {"a.b", "c", "c.d", "e.f", "e.f.g", "i"}


def contracts(course: Path) -> subprocess.CompletedProcess:
    """What import-linter says of pyproject.toml's contracts where `course` lies."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=course.parent,
        env={"PYTHONPATH": str(course.parent), "PATH": ""},
        capture_output=True,
        text=True,
    )


def test_no_package_of_the_course_imports_one_above_it():
    done = contracts(ROOT / "course")
    assert done.returncode == 0, done.stdout


PLANTED = {
    "data/dataset.py": ("import course.training", "course.data.dataset -> course.training"),
    "records/statistics.py": ("import torch", "course.records.statistics -> torch"),
    "machine/files.py": ("from course import paths, data", "course.machine.files -> course.data"),
}


@pytest.mark.parametrize("path", PLANTED)
def test_an_import_that_runs_up_is_named(path, tmp_path):
    for name in ("course", "pyproject.toml"):
        subprocess.run(["cp", "-r", ROOT / name, tmp_path], check=True)
    line, complaint = PLANTED[path]
    file = tmp_path / "course" / path
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = contracts(tmp_path / "course")
    assert done.returncode == 1 and complaint in done.stdout


@pytest.mark.parametrize("name", COURSE)
def test_what_draws_and_reports_never_reaches_torch_and_what_measures_does_not_draw(name):
    package = name.split(".")[1]
    if package in WITHOUT_TORCH:
        assert not {"torch", "torchvision"} & packages(reached(name))
    else:
        assert "matplotlib" not in packages(reached(name))


@pytest.mark.parametrize("name", COURSE)
def test_the_course_imports_neither_the_scripts_nor_the_site(name):
    assert not {"scripts", "sitetools", "mkdocs", "tests"} & packages(reached(name))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("sitetools.")])
def test_the_site_is_built_without_torch(name):
    assert not {"torch", "torchvision", "scripts"} & packages(reached(name))


def test_every_file_of_the_course_lies_in_one_of_its_packages():
    top = {path.name for path in (ROOT / "course").iterdir() if path.name != "__pycache__"}
    assert top == {"__init__.py", "exercises.py", "paths.py", "train.py", *PACKAGES}


def fresh(code: str, cwd: Path) -> str:
    """What `code` prints in an interpreter of its own that runs in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"import sys; {code}"],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_drawing_does_load_no_torch(tmp_path):
    names = ", ".join(f"course.{name}" for name in WITHOUT_TORCH)
    code = f"import {names}, course.report.measured, course.report.tables; print('torch' in sys.modules)"
    assert fresh(code, tmp_path) == "False\n"


def test_a_number_of_the_prose_loads_no_matplotlib(tmp_path):
    code = "import course.report.measured; print('matplotlib' in sys.modules)"
    assert fresh(code, tmp_path) == "False\n"


TRAINS_NOTHING = """import torch; torch.nn.Module.__call__ = torch.Tensor.backward = None
import builtins; opened, plain = [], builtins.open
def watched(file, mode="r", *rest, **named):
    opened.append((str(file), mode))
    return plain(file, mode, *rest, **named)
builtins.open = watched
import course.experiments
print([each for each in opened if set(each[1]) & set("wax+")], "torchvision" in sys.modules)"""


def test_importing_the_experiments_trains_and_writes_nothing_and_waits_for_no_torchvision(tmp_path):
    assert fresh(f"exec({TRAINS_NOTHING!r})", tmp_path) == "[] False\n"
    assert list(tmp_path.iterdir()) == []
