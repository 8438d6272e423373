"""The first command works on whatever an earlier one, an upgrade or a mishap has left."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from course.records import record
from scripts import setup
from sitetools.commands.serving import refusal

ROOT = Path(__file__).parents[2]
HERE = "(python {}.{})".format(*sys.version_info[:2])


@pytest.fixture
def asked(request, tmp_path, monkeypatch):
    """The commands of a set-up in a folder of its own. `.venv/bin/python` answers as its text says;
    nothing is installed. The parameter names commands that fail.
    """
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "READY", tmp_path / ".venv/.ready")
    found, plain = [], subprocess.run

    def run(command, **named):
        found.append(" ".join([Path(command[0]).name, *command[1:]]))
        if "--version" in command:
            return plain(command, **named)
        (tmp_path / ".venv").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, int(broken in found[-1]), "", "ERROR: no network")

    broken = getattr(request, "param", "nothing")

    monkeypatch.setattr(subprocess, "run", run)
    return found


PYTHONS = {
    "none": (None, True),
    "its interpreter gone": ("", True),
    "another Python's": ("#!/bin/sh\necho 'pip 25.0 from /x (python 3.9)'\n", True),
    "a broken pip": ("#!/bin/sh\necho 'Traceback ...' >&2; exit 1\n", True),
    "not a program": ("\x00\x01", True),
    "a whole one": (f"#!/bin/sh\necho 'pip 25.0 from /x {HERE}'\n", False),
}


@pytest.mark.parametrize("text, anew", PYTHONS.values(), ids=PYTHONS)
def test_an_environment_that_does_not_work_is_made_anew_and_one_that_does_is_kept(
    asked, tmp_path, text, anew
):
    if text is not None:
        python = tmp_path / ".venv/bin/python"
        python.parent.mkdir(parents=True)
        if text:
            python.write_text(text)
            python.chmod(0o755)
        else:
            python.symlink_to("/nowhere/python3")
    setup.main()
    assert any("-m venv --clear" in command for command in asked) == anew
    assert asked[-1].startswith("uv") and setup.READY.read_text(encoding="utf-8") == str(ROOT)


COURSE = f"--no-deps --no-build-isolation --editable {ROOT}"


def test_pip_gets_uv_by_its_hashes_in_the_lock_and_uv_the_rest_then_the_course_is_installed(asked, tmp_path):
    setup.main()
    assert f"--require-hashes --only-binary :all: -r {tmp_path}/.venv/uv.txt" in asked[2]
    locked = (tmp_path / ".venv/uv.txt").read_text(encoding="utf-8").splitlines()
    assert locked[0].startswith("uv==") and len(locked) > 2
    assert all(line.startswith("    --hash=sha256:") for line in locked[1:])
    assert all(line in (ROOT / "requirements.txt").read_text(encoding="utf-8") for line in locked)
    assert f"pip sync --compile-bytecode --require-hashes {ROOT}/requirements.txt" in asked[3]
    assert COURSE in asked[4] and len(asked) == 5


@pytest.mark.parametrize("asked", ("uv.txt", "uv --quiet pip sync", "uv --quiet pip install"), indirect=True)
def test_where_uv_cannot_be_had_or_does_not_work_pip_does_it(asked, capsys):
    setup.main()
    assert (
        f"python -m pip install --disable-pip-version-check --require-hashes -r {ROOT}/requirements.txt"
        in (asked[-2])
    )
    assert asked[-1].startswith("python -m pip") and COURSE in asked[-1]
    assert setup.READY.exists() and "so pip does: a few minutes" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ("pip install",), indirect=True)
def test_where_pip_fails_too_one_line_says_so(asked):
    with pytest.raises(
        SystemExit, match="^error: the packages could not be .* run again: ERROR: no network$"
    ):
        setup.main()
    assert not setup.READY.exists()


@pytest.mark.parametrize("version, right", (((3, 10), 0), ((3, 11), 1), ((3, 14), 1), ((3, 15), 0)))
def test_a_python_that_is_too_old_or_too_new_is_named_with_those_that_are_not(
    asked, monkeypatch, version, right
):
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    if right:
        setup.main()
        return
    with pytest.raises(
        SystemExit, match=rf"Python 3.{version[1]}; the course needs 3.11 to 3.14: make PYTHON="
    ):
        setup.main()
    assert asked == []


def test_a_file_in_the_place_of_the_environment_is_named(asked, tmp_path):
    (tmp_path / ".venv").write_text("")
    with pytest.raises(SystemExit, match="error: .venv is a file.*move the file away"):
        setup.main()
    assert asked == []


@pytest.fixture
def make(tmp_path):
    """Call it with a target of the Makefile in a folder whose set-up takes a moment;
    it returns what is printed.
    """
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup.py").write_text(
        "import os, pathlib\nprint('set up')\nos.makedirs('.venv/bin', exist_ok=True)\n"
        "pathlib.Path('.venv/bin/python').write_text('#!/bin/sh\\n[ -z \"$2\" ] || echo ran "
        "$2\\n')\nos.chmod('.venv/bin/python', 0o755)\npathlib.Path('.venv/.ready').write_text(os.getcwd())\n"
    )
    return lambda *target: subprocess.run(
        ["make", "--no-print-directory", *target], cwd=tmp_path, capture_output=True, text=True
    ).stdout.splitlines()


def test_an_interpreter_that_is_gone_is_set_up_anew_by_the_next_command(make, tmp_path):
    assert make("exercises") == ["set up", "ran sitetools.commands.exercises"]
    assert make("exercises") == ["ran sitetools.commands.exercises"]
    (tmp_path / ".venv/bin/python").unlink()
    assert make("exercises") == ["set up", "ran sitetools.commands.exercises"]


@pytest.mark.parametrize("ready", ("", "/where/the/clone/was"))
def test_an_environment_of_an_earlier_set_up_or_place_is_set_right_by_the_next_command(make, tmp_path, ready):
    make("exercises")
    (tmp_path / ".venv/.ready").write_text(ready)
    assert make("exercises")[0] == "set up"
    assert make("exercises")[0] != "set up"


def test_serving_asks_for_its_port_before_it_does_anything(make):
    assert make("serve", "PORT=99")[1] == "ran sitetools.commands.serving"


@pytest.mark.parametrize("port", ("", "http", "0", "-1", "65536", "8000/"))
def test_what_is_no_port_is_said_with_those_that_are(port):
    assert (
        refusal(port)
        == f"PORT={port} is no port: choose a number from 1024 to 65535, such as make serve PORT=8001"
    )


def test_a_port_that_is_taken_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert refusal(port).startswith(
            f"port {port} cannot be had (Address already in use): stop what is served there, or choose "
            "another"
        )
        asked = subprocess.run(
            [sys.executable, "-m", "sitetools.commands.serving", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert (
            asked.returncode == 1 and asked.stderr.startswith("error: port") and asked.stderr.count("\n") == 1
        )
    assert refusal(port) == ""


def test_without_git_the_commit_of_a_record_is_unknown(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert record.commit() is None
