"""A file is written whole or not at all: a full disk, a kill or another process that writes it leaves the old one, or none."""
import contextlib
import errno
import os
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
        with contextlib.suppress(OSError):  # where the folder itself is in the way, there is nothing to clear up
            partial.unlink()
        remedy = REMEDIES.get(error.errno, "look what stands in the way")
        raise CourseError(f"could not write {path.name} into {path.parent} ({error.strerror}): {remedy}, and run again") from None
