"""A machine for experiments has Python, PyTorch and pytest: the course,
its scripts and the tests for a GPU need no more.
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BARE = {
    "torch",
    "torchvision",
    "numpy",
    "sklearn",
    "safetensors",
    "matplotlib",
    "tqdm",
    "pytest",
    "PIL",
}  # the last comes with torchvision
ABSENT = [
    "sybil",
    "mkdocs",
    "material",
    "mkdocs_jupyter",
    "jupytext",
    "nbclient",
    "nbconvert",
    "bs4",
    "markdown",
    "pymdownx",
    "pybtex",
    "pypdf",
    "quickjs",
    "playwright",
    "xdist",
    "codespell_lib",
]
RUN = f"import sys; sys.modules.update(dict.fromkeys({ABSENT})); import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def bare(*arguments: str) -> subprocess.CompletedProcess:
    """pytest where importing any of what a site is built and tested with fails."""
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name in [name for name in environment if name.startswith("PYTEST_XDIST") or name == "PYTEST_ADDOPTS"]:
        del environment[name]
    return subprocess.run(
        [sys.executable, "-B", "-c", RUN, "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_tests_for_a_gpu_start_and_say_why_they_are_skipped():
    done = bare("tests/course/test_cuda.py", "-k", "logits")
    assert done.returncode == 0 and ("passed" in done.stdout or "needs a GPU" in done.stdout), (
        done.stdout + done.stderr
    )


@pytest.mark.slow
def test_what_is_absent_would_be_missed():
    done = bare("tests/site/test_pagecode.py", "--co")
    assert done.returncode and "sybil" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("folder", ("course", "scripts"))
def test_the_course_and_its_scripts_import_nothing_else(folder):
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        outside = (
            {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"course", "scripts"}
        )
        assert outside <= BARE, path.name


@pytest.mark.slow
@pytest.mark.parametrize("script", ("train", "render", "benchmark", "side_by_side", "kernels"))
def test_a_script_uses_the_course_beside_it_and_needs_no_install(tmp_path, script):
    """In a copy whose course is another than the one that is installed here."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "course").mkdir()
    (tmp_path / "course/__init__.py").write_text("raise SystemExit('the one beside it')")
    done = subprocess.run(
        [sys.executable, "-B", tmp_path / f"scripts/{script}.py", "--help"], capture_output=True, text=True
    )
    assert done.stderr == "the one beside it\n"


def test_the_first_half_hour_on_a_gpu_needs_no_set_up_where_pytorch_is():
    asked = subprocess.run(
        ["make", "--no-print-directory", "-n", "gpu", "python=python3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    commands = [line.split() for line in asked.stdout.splitlines()]
    assert [command[:3] for command in commands][0] == ["python3", "-m", "pytest"]
    for command in commands:
        assert command[0] == "python3" and all(
            (ROOT / word).exists() for word in command if word.endswith(".py")
        ), command
