"""The arrows of the house: folder -> data -> layers -> models -> stack -> probe -> train -> measurements ->
experiments -> runs, and drawing without torch.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for folder in ("course", "sitetools", "scripts")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
COURSE = [name for name in MODULES if name.startswith("course.") and name != "course.__init__"]
LADDER = [
    "parallel",
    "devices",
    "folder",
    "data",
    "layers",
    "models",
    "stack",
    "surgery",
    "probe",
    "checkpoints",
    "graphs",
    "train",
    "weights",
    "measurements",
    "failures",
    "dissections",
    "starts",
    "gradients",
    "normalisation",
    "experiments",
    "runs",
]
WITHOUT_TORCH = [
    "figures",
    "degradation_figures",
    "grid",
    "gradient_figures",
    "signal_figures",
    "batch_norm_figures",
    "learning_figures",
    "normalisation_figures",
    "gallery",
    "diagrams",
    "drawing",
    "style",
    "files",
    "records",
    "published",
    "ledger",
    "measured",
    "tables",
]


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
    """What a module imports, directly or through modules of this repository."""
    found, waiting = set(), [name]
    while waiting:
        for other in DIRECT.get(waiting.pop(), set()) - found:
            found.add(other)
            waiting.append(other)
    return found


def packages(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_every_spelling_of_an_import_is_seen():
    source = "import a.b\nfrom c import d\nfrom e.f import g\ndef h():\n    import i\n"
    assert imports(source) == {"a.b", "c", "c.d", "e.f", "e.f.g", "i"}


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_what_draws_never_reaches_torch(name):
    assert not {"torch", "torchvision"} & packages(reached(f"course.{name}"))


@pytest.mark.parametrize("name", LADDER)
def test_what_measures_does(name):
    assert "torch" in packages(reached(f"course.{name}"))


def test_each_step_imports_only_from_steps_before_it():
    for place, name in enumerate(LADDER):
        above = {f"course.{later}" for later in LADDER[place:]}
        assert not above & reached(f"course.{name}"), name


def test_the_networks_know_nothing_of_the_data():
    assert not {"course.data", "course.train"} & reached("course.models")


def test_measuring_knows_nothing_of_drawing():
    drawing = {f"course.{name}" for name in WITHOUT_TORCH} - {"course.records", "course.files"}
    for name in LADDER:
        assert not drawing & reached(f"course.{name}"), name


def test_no_module_of_the_course_imports_itself_in_a_circle():
    for name in COURSE:
        assert name not in reached(name)


@pytest.mark.parametrize("name", COURSE)
def test_the_course_imports_neither_the_scripts_nor_the_site(name):
    assert not {"scripts", "sitetools", "mkdocs", "tests"} & packages(reached(name))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("sitetools.")])
def test_the_site_is_built_without_torch(name):
    assert not {"torch", "torchvision", "scripts"} & packages(reached(name))


def test_every_file_of_the_course_has_its_place():
    assert {name.removeprefix("course.") for name in COURSE} == set(LADDER) | set(WITHOUT_TORCH)


def fresh(code: str, cwd: Path) -> str:
    """What `code` prints in an interpreter of its own that runs in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_drawing_does_load_no_torch(tmp_path):
    names = ", ".join(f"course.{name}" for name in WITHOUT_TORCH)
    assert fresh(f"import {names}; print('torch' in sys.modules)", tmp_path) == "False\n"


def test_importing_the_experiments_trains_and_writes_nothing_and_waits_for_no_torchvision(tmp_path):
    code = """import torch; torch.nn.Module.__call__ = torch.Tensor.backward = None
import builtins; opened, plain = [], builtins.open
builtins.open = lambda file, mode="r", *rest, **named: opened.append((str(file), mode)) or plain(file, mode, *rest, **named)
import course.runs; print([each for each in opened if set(each[1]) & set("wax+")], "torchvision" in sys.modules)"""
    assert fresh(f"exec({code!r})", tmp_path) == "[] False\n"
    assert list(tmp_path.iterdir()) == []
