"""A file is written whole or not at all: a full disk, a kill, another process leave the old one, or none."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from course import CourseError

REMEDIES = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EACCES: "give yourself the right to write there",
    errno.EPERM: "give yourself the right to write there",
    errno.EROFS: "it is read-only, mount it for writing or work in a copy",
}


def write(path: Path, content: bytes | str) -> None:
    """Put `content`, text as UTF-8, into a file beside `path`, which then takes its place.

    Raises CourseError if the file cannot be written; its old content is still there then.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")  # a name that no other process has
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # where the folder itself is in the way, there is nothing there
            partial.unlink()
        raise refused(path, error) from None


@contextlib.contextmanager
def held(path: Path, who: str) -> Iterator[None]:
    """Hold the empty file `path` as a sign that this process is at work on `who`; the system takes it from a
    process that dies.

    Raises CourseError where another process holds it, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sign = path.open("w")
    except OSError as error:
        raise refused(path, error) from None
    with sign:
        try:
            fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(f"{who} is in the hands of another process: wait for it, or stop it") from None
        yield


def refused(path: Path, error: OSError) -> CourseError:
    remedy = REMEDIES.get(error.errno or 0, "look what stands in the way")
    return CourseError(
        f"could not write {path.name} into {path.parent} ({error.strerror}): {remedy}, and run again"
    )
