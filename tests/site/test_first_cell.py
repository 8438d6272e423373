"""The first cell of a notebook: it installs the course where that is missing, and says in one line what is wrong
where it cannot.
"""

import ast
import os
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course import __version__
from sitetools.build import wheel
from sitetools.notebooks.cells import first_cell
from tests.serving import serving

OURS = ("going_deeper", "_going_deeper", "__editable__")
INSTALLING = "Installing the course and PyTorch ..."
AFTER = "\nimport course\nprint(course.__version__)"
WITH_PYTORCH = AFTER.replace("import course", "import course.networks")


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """What these tests run with, but the course: so that nothing large is downloaded."""
    folder = tmp_path_factory.mktemp("packages")
    for path in Path(site.getsitepackages()[0]).iterdir():
        if not path.name.startswith(OURS) and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "notebooks"
    folder.mkdir()
    (folder / wheel.NAME).write_bytes(wheel.build())
    return folder


@pytest.fixture
def reader(tmp_path, packages):
    """Call it with the address of the site: it runs the cell in an empty folder, in an environment without the
    course, and returns what is said.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (own,) = (tmp_path / "venv").glob("lib/*/site-packages")
    (own / "shared.pth").write_text(str(packages))
    (tmp_path / "empty").mkdir()

    def run(address: str, before: str = "", after: str = AFTER) -> list[str]:
        cell = tmp_path / "cell.ipy"  # IPython runs it as a notebook's cell
        cell.write_text(f"{before}\n{first_cell(address)}{after}", encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [tmp_path / "venv/bin/python", "-m", "IPython", "--colors=NoColor", "--no-banner", cell],
            cwd=tmp_path / "empty",
            env=environment | {"PIP_RETRIES": "0", "IPYTHONDIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        return (done.stdout + done.stderr).strip().splitlines()

    run.folder, run.packages = tmp_path / "empty", own
    return run


def older(folder: Path) -> Path:
    path = folder / "going_deeper-0.0.9-py3-none-any.whl"
    about = "going_deeper-0.0.9.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "course/__init__.py", '__version__ = "0.0.9"\n\n\nclass CourseError(ValueError):\n    pass\n'
        )
        file.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: going-deeper\nVersion: 0.0.9\n")
        file.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{about}/RECORD", "")
    return path


@pytest.mark.slow
def test_where_the_course_is_missing_it_comes_from_the_site(reader, made):
    with serving(made.parent) as address:
        assert reader(f"{address}/", after=WITH_PYTORCH) == [INSTALLING, __version__]
    assert reader("http://127.0.0.1:9/") == [__version__]  # it is there: nothing is asked, nothing is said


@pytest.mark.slow
def test_a_wheel_beside_the_notebook_needs_no_site_and_a_folder_of_that_name_does_no_harm(reader, made):
    (reader.folder / wheel.NAME).write_bytes(wheel.build())
    (reader.folder / "course").mkdir()
    assert reader("") == [INSTALLING, __version__]


@pytest.mark.slow
def test_without_a_site_it_says_what_to_put_where(reader):
    assert reader("") == [
        f"The course is missing: put {wheel.NAME} from the site's notebooks/ beside this notebook."
    ]


@pytest.mark.slow
def test_without_a_network_it_says_what_could_not_be_had(reader):
    installing, said = reader("http://127.0.0.1:9/")
    assert installing == INSTALLING
    start = f"Not installed. pip says of http://127.0.0.1:9/notebooks/{wheel.NAME}: "
    assert said.startswith((f"{start}ERROR: ", f"{start}× "))
    assert "Connection refused" in said or "Failed to connect" in said


@pytest.mark.slow
def test_an_older_course_gives_way_and_one_in_use_asks_for_a_restart(reader, made, tmp_path):
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--target", reader.packages]
    subprocess.run([*command, older(tmp_path)], check=True)
    (reader.folder / wheel.NAME).write_bytes(wheel.build())
    said = reader("", before="import course\nprint(course.__version__)")
    assert said == [
        "0.0.9",
        INSTALLING,
        "Installed, but the older course is still in use: restart the kernel and run all cells.",
    ]
    assert reader("") == [__version__]
    subprocess.run([*command, "--upgrade", older(tmp_path)], check=True)
    assert reader("") == [INSTALLING, __version__]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["course.py", "course/__init__.py"])
def test_another_course_in_the_folder_is_named(reader, name):
    (reader.folder / name).parent.mkdir(exist_ok=True)
    (reader.folder / name).write_text("print('imported')\n")
    (said,) = reader("")
    assert (
        said
        == f"{reader.folder / name} hides the course: rename it, or move this notebook to another folder."
    )


@pytest.mark.slow
def test_a_python_that_is_too_old_is_told_so(reader):
    said = reader("", before="import sys\nsys.version_info, sys.version = (3, 10, 9), '3.10.9 (main)'")
    assert said == ["The course needs Python 3.11 to 3.14, and this kernel has 3.10.9."]
    ast.parse(first_cell(""), feature_version=(3, 7))  # it can read the cell that says so


def test_the_cell_is_short():
    assert len(first_cell("").splitlines()) < 40
