"""The wheel, installed where there is no repository."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest

import course
from course import paths, records
from sitetools.build import kept, wheel
from sitetools.commands import release

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder of packages with nothing but the course; what it depends on is that of these tests."""
    folder = tmp_path_factory.mktemp("site-packages")
    (folder / wheel.NAME).write_bytes(wheel.build())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, folder, folder / wheel.NAME], check=True)
    return folder


def run(installed: Path, place: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Python in an empty folder that knows this course and not the repository's."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=place, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_wheel_is_made_again_when_anything_in_it_changes():
    watched = kept.state(ROOT, *wheel.SOURCES, *wheel.DRAWN_FROM)
    held = [name for name in zipfile.ZipFile(BytesIO(wheel.build())).namelist() if name.startswith("course/")]
    for name in held:
        source = name.replace("course/kept/checks", "docs/exercises/checks").replace("course/kept", "figures")
        assert ROOT / source in watched, name
    assert any(name.startswith("course/kept/weights/") for name in held)


@pytest.mark.slow
def test_it_carries_the_course_and_nothing_of_the_site(installed):
    brought = {path.name for path in installed.iterdir()} - {"bin", wheel.NAME}
    assert brought == {"course", f"going_deeper-{course.__version__}.dist-info"}
    kept = installed / "course/kept"
    assert {path.name for path in kept.iterdir()} == {"checks", "runs", "weights", "figures.json"}
    assert len(list(kept.glob("runs/*"))) == len(list(paths.RUNS.iterdir()))


@pytest.mark.slow
def test_it_finds_its_records_its_weights_and_its_figures(installed, tmp_path):
    program = (
        "import course; from course import paths, records; from course.experiments import pretrained; "
        "from course.report import measured; from course.figures import FIGURES; "
        "net = pretrained('cifar10-short/resnet-20'); "
        "print(course.__file__, len(records.read_all('digits')), sum(p.numel() for p in net.parameters()), "
        "measured.measured('digits/plain-56/train-error').text, bool(FIGURES))"
    )
    done = run(installed, tmp_path, "-c", program)
    assert not done.returncode, done.stderr
    file, digits, parameters, text, figures = done.stdout.split(maxsplit=4)
    assert Path(file) == installed / "course/__init__.py"
    assert int(digits) == len(records.read_all("digits"))
    assert int(parameters) == 269_722 and text and "True" in figures


@pytest.mark.slow
def test_it_trains_into_a_folder_that_is_named(installed, tmp_path):
    command = ["-m", "course.train", "shattering/plain", "--to", "mine"]
    done = run(installed, tmp_path, *command, "--seeds", "0")
    assert not done.returncode, done.stderr
    (found,) = (tmp_path / "mine").glob("*.json")
    assert found.name == "shattering-plain-seed0.json"
    assert json.loads(found.read_text())["commit"] is None
    again = run(installed, tmp_path, *command, "--seeds", "0")
    assert "1 of 1 runs are recorded already" in again.stdout


@pytest.mark.slow
def test_it_leaves_its_own_records_alone(installed, tmp_path):
    done = run(installed, tmp_path, "-m", "course.train", "activations/sigmoid")
    assert done.returncode == 1
    assert done.stderr == (
        "error: an installed course keeps its own records: name a folder for yours, --to FOLDER\n"
    )


@pytest.mark.slow
def test_a_folder_that_takes_nothing_is_said_in_a_line(installed, tmp_path):
    (tmp_path / "mine").write_text("a file")
    done = run(installed, tmp_path, "-m", "course.train", "activations/sigmoid", "--to", "mine")
    assert done.returncode == 1
    assert "mine" in done.stderr and "Traceback" not in done.stderr


def test_the_version_stands_in_one_place_and_those_that_repeat_it_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.findall(r"^## (\d+\.\d+\.\d+), (\d+ \w+ \d+)$", changes, re.MULTILINE)[0]
    assert version == course.__version__
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in cited
    assert f'\ndate-released: "{datetime.strptime(date, "%d %B %Y"):%Y-%m-%d}"\n' in cited


def test_the_site_offers_it(site):
    assert (site / "notebooks" / wheel.NAME).read_bytes() == wheel.build()


def test_a_release_is_laid_out_for_its_own_tag_alone(tmp_path):
    (tmp_path / "site/notebooks").mkdir(parents=True)
    for name in ("going-deeper.pdf", "index.html", f"notebooks/{wheel.NAME}", "notebooks/vgg.ipynb"):
        (tmp_path / "site" / name).write_text(name)
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## 9.0.0, 1 May 2030\n\nLater.\n\n## {course.__version__}, 1 May 2029\n\nNow.\n\n"
        "## 0.0.1, 1 May 2028\n\nBefore.\n"
    )
    with pytest.raises(SystemExit, match=f"the tag 'v9.9.9' is not v{course.__version__}"):
        release.lay_out("v9.9.9", tmp_path)
    made = release.lay_out(f"v{course.__version__}", tmp_path)
    zips = ["going-deeper-notebooks.zip", "going-deeper-site.zip"]
    assert made == sorted([*zips, "going-deeper.pdf", wheel.NAME, "notes.md"])
    assert (tmp_path / "release/notes.md").read_text() == "Now.\n"
    assert "vgg.ipynb" in zipfile.ZipFile(tmp_path / "release" / zips[0]).namelist()
