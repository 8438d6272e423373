"""What runs on others' machines for us is named by its digest: a tag can be moved to another program.
And it is what a contributor runs, with every Python that the course says it works with.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from scripts import setup

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def used() -> list[str]:
    return [
        found for path in WORKFLOWS for found in re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    ]


def test_every_action_is_named_by_its_digest_with_its_version_beside_it():
    assert used()
    assert [action for action in used() if not PINNED.fullmatch(action)] == []


def test_an_action_has_one_digest_everywhere():
    assert len(set(used())) == len({action.partition("@")[0] for action in used()})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_command_is_a_target_of_the_makefile(path):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
        for step in job["steps"]:
            if command := step.get("run"):
                make, target, *_ = command.split()
                assert make == "gh" or (make == "make" and target in targets), (
                    command
                )  # the one only GitHub has


def test_every_python_of_the_course_is_tested_and_no_other_is_set_up():
    jobs = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text(encoding="utf-8"))["jobs"]
    tested = jobs["test"]["strategy"]["matrix"]["python"]
    oldest, newest = (int(version.removeprefix("3.")) for version in (tested[0], tested[-1]))
    assert tested == [f"3.{minor}" for minor in range(oldest, newest + 1)]
    assert ((3, oldest), (3, newest)) == (setup.OLDEST, setup.NEWEST)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">=3.{oldest},<3.{newest + 1}"
