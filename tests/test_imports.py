"""The arrows of the house: what may know of what."""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COURSE = sorted(path.stem for path in (ROOT / "course").glob("*.py") if path.stem != "__init__")
DRAWING = ("figures", "diagrams", "drawing", "style", "records", "published", "measured", "tables")
# Lowest first; what stands on one step knows nothing of its neighbours.
STEPS = (("data", "layers"), ("models",), ("probe", "train"), ("measurements",), ("experiments",))


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever the import stands; `from a import b` names a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {"." * node.level + (node.module or "")} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def inside(module: str) -> set[str]:
    """The modules of the course that one of them imports itself."""
    return {name.removeprefix("course.") for name in imports(ROOT / f"course/{module}.py")} & set(COURSE)


def reached(module: str) -> set[str]:
    """Those that it imports, and those that these import."""
    seen: set[str] = set()
    waiting = {module}
    while waiting:
        seen |= waiting
        waiting = set().union(*map(inside, waiting)) - seen
    return seen


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for module in modules for name in imports(ROOT / f"course/{module}.py")}


@pytest.mark.parametrize("module", DRAWING)
def test_what_draws_never_imports_torch(module):
    assert not packages(reached(module)) & {"torch", "torchvision", "sklearn"}


def test_what_trains_is_seen_to_import_torch():
    assert "torch" in packages(reached("experiments")) and "torch" in packages(reached("probe"))


def test_models_never_import_data():
    assert "data" not in reached("models") and "data" not in reached("layers")


@pytest.mark.parametrize("module", COURSE)
def test_the_course_imports_neither_scripts_nor_the_site(module):
    assert not packages({module}) & {"scripts", "sitetools", "tests", "conftest", "mkdocs"}


@pytest.mark.parametrize("path", sorted((ROOT / "sitetools").glob("*.py")), ids=lambda path: path.stem)
def test_the_site_imports_no_torch(path):
    named = imports(path)
    assert not {name.partition(".")[0] for name in named} & {"torch", "torchvision"}
    used = {name.removeprefix("course.") for name in named} & set(COURSE)
    assert "torch" not in packages(set().union(*map(reached, used)) if used else set())


STEP = {module: number for number, step in enumerate(STEPS) for module in step}


@pytest.mark.parametrize("module", STEP)
def test_a_file_imports_only_from_steps_below(module):
    above = {name for name in inside(module) if name in STEP and STEP[name] >= STEP[module]}
    assert not above


@pytest.mark.parametrize("module", STEP)
def test_what_trains_knows_nothing_of_what_draws(module):
    assert not reached(module) & (set(DRAWING) - {"records"})


def test_every_file_of_the_course_has_its_place():
    assert set(COURSE) == set(STEP) | set(DRAWING)


def test_importing_the_experiments_runs_nothing(tmp_path):
    """No data set, no network, no process and no file: only names."""
    code = (
        "import sys\n"
        "def watch(event, args):\n"
        "    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+'): print('wrote', args[0])\n"
        "    if event in ('socket.connect', 'subprocess.Popen', 'os.mkdir', 'os.remove'): print(event, args)\n"
        "import torch\n"
        "sys.addaudithook(watch)\n"
        "import course.experiments\n"
        "print([name for name in ('sklearn', 'torchvision', 'matplotlib') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
