"""Whatever is written is whole or not there, and where it cannot be written the advice fits the cause."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course import CourseError
from course.machine import files


def test_text_and_bytes_are_written_with_the_folders_they_need(tmp_path):
    files.write(tmp_path / "a/b/c.txt", "ÿ")
    files.write(tmp_path / "a/b/c.bin", b"\xff")
    assert (tmp_path / "a/b/c.txt").read_text(encoding="utf-8") == "ÿ"
    assert (tmp_path / "a/b/c.bin").read_bytes() == b"\xff"
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["c.bin", "c.txt"]


@pytest.mark.parametrize(
    "cause, advice",
    (
        (errno.ENOSPC, "make room"),
        (errno.EDQUOT, "make room"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "the right to write"),
        (errno.EIO, "look what stands"),
    ),
)
def test_a_file_that_cannot_be_written_keeps_its_old_content_and_the_advice_fits_the_cause(
    tmp_path, monkeypatch, cause, advice
):
    files.write(tmp_path / "c.txt", "old")

    def fail(descriptor):
        raise OSError(cause, os.strerror(cause))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(
        CourseError, match=f"could not write c.txt into .*{os.strerror(cause)}.*{advice}.*run again"
    ) as refusal:
        files.write(tmp_path / "c.txt", "new")
    assert "\n" not in str(refusal.value)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_file_in_the_place_of_the_folder_is_said_in_a_line(tmp_path):
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(CourseError, match="could not write c.txt into .*folder"):
        files.write(tmp_path / "folder/c.txt", "new")
    with pytest.raises(CourseError, match="could not write c.txt into .*folder/below"):
        files.write(tmp_path / "folder/below/c.txt", "new")


def test_two_processes_that_write_one_file_do_not_write_into_one_another(tmp_path, monkeypatch):
    """The other one comes in the middle, and is done before."""
    between = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: between or (between.append(True), other()))

    def other():
        monkeypatch.setattr(os, "getpid", lambda: -1)
        files.write(tmp_path / "c.txt", "theirs, and longer")
        monkeypatch.undo()

    files.write(tmp_path / "c.txt", "ours")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["ours"]


WRITING = re.compile(r"""write_text\(|write_bytes\(|np\.savez?\((?!content)|save_file\(|\.open\("w""")
NOT_KEPT = {"pdf", "setup", "release", "grading"}  # what is made anew in seconds, and is nobody's only copy


def test_what_is_kept_is_written_in_no_other_way():
    root = Path(__file__).parents[2]
    found = {
        path.stem
        for folder in ("course", "scripts", "sitetools")
        for path in (root / folder).rglob("*.py")
        if WRITING.search(path.read_text(encoding="utf-8"))
    }
    assert "files" in found and found <= NOT_KEPT | {"files"}


def test_a_sign_is_held_by_one_process_and_free_again_after_it(tmp_path):
    with files.held(tmp_path / "running/run", "the run"):
        with (
            pytest.raises(
                CourseError, match="the run is in the hands of another process: wait for it, or stop it"
            ),
            files.held(tmp_path / "running/run", "the run"),
        ):
            pass
        with files.held(tmp_path / "running/another", "another run"):
            pass
    with files.held(tmp_path / "running/run", "the run"):
        pass


def test_a_sign_dies_with_its_process(tmp_path):
    code = f"from course.machine import files; from pathlib import Path\nwith files.held(Path({str(tmp_path / 'run')!r}), 'it'): print('held', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "held\n"
    with (
        pytest.raises(CourseError, match="in the hands of another process"),
        files.held(tmp_path / "run", "it"),
    ):
        pass
    other.kill()
    other.communicate()
    with files.held(tmp_path / "run", "it"):
        pass


def test_a_sign_that_cannot_be_written_is_said_in_a_line(tmp_path):
    (tmp_path / "running").write_text("a file")
    with (
        pytest.raises(CourseError, match="could not write run into .*running"),
        files.held(tmp_path / "running/run", "it"),
    ):
        pass
