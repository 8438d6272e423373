"""A pytest plugin, copied beside the checks of a submission: what becomes of each check is told at once.

One line of JSON an event, to the file that GRADING names, so that what was tested before a crash counts. The
answers may read and compute; what they would do to the machine is refused and told. This keeps a class safe
from accidents. It is no wall: whoever wants to get around it can.
"""

import importlib
import json
import os
import signal
import sys
import tempfile

import pytest

PLACES = tuple(os.path.realpath(place) for place in (os.getcwd(), tempfile.gettempdir(), "/dev"))
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.truncate",
    "os.link",
    "os.symlink",
    "shutil.rmtree",
}
LEAVES = {
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "socket.connect",
    "os.kill",
}
stopped: set[str] = set()  # exercises of which one check ran too long
tried: set[str] = set()
SECONDS, told = 0, sys.stderr


def pytest_configure(config: pytest.Config) -> None:
    """Before the answers are read. The start of torch reads and runs much, which is not their doing."""
    global SECONDS, told
    importlib.import_module("torch")
    SECONDS = int(os.environ["SECONDS_A_CHECK"])
    told = open(os.environ["GRADING"], "a", buffering=1, encoding="utf-8")  # noqa: SIM115  to the end


class TooLong(BaseException):
    """Not an Exception: an answer that catches those would catch it."""


def tell(**event: object) -> None:
    told.write(json.dumps(event) + "\n")


def watch(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path, flags = os.path.realpath(os.fsdecode(arguments[0])), arguments[2] or 0
        if f"{os.sep}solutions{os.sep}" in path and path.endswith(".py"):
            refuse("reads the solutions")
        if flags & WRITES and not at_home(path):
            refuse("writes to a file")
    elif event in CHANGES and not all(
        at_home(each) for each in arguments[:2] if isinstance(each, str | bytes)
    ):
        refuse("changes files")
    elif event in LEAVES:
        refuse("starts or stops a program, or asks the network")


def at_home(path: str | bytes) -> bool:
    path = os.path.realpath(os.fsdecode(path))
    return any(path == place or path.startswith(place + os.sep) for place in PLACES)


def refuse(what: str) -> None:
    if what not in tried:
        tried.add(what)
        tell(tried=what)
    raise PermissionError(f"an answer that {what} is stopped when a class is graded")


def allow(seconds: float) -> None:
    """Of computing, so that a machine that is busy with others costs nobody anything; 0: without end."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def too_long(*_) -> None:
    raise TooLong


def pytest_collection(session: pytest.Session) -> None:
    signal.signal(signal.SIGPROF, too_long)
    sys.addaudithook(watch)
    allow(SECONDS)  # an answer may loop when it is imported


def pytest_collection_finish(session: pytest.Session) -> None:
    allow(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    exercise = item.name.split("_")[2]
    tell(began=item.name)
    if exercise in stopped:
        pytest.fail(f"computed for more than {SECONDS} s in the check before", pytrace=False)
    allow(SECONDS)
    try:
        return (yield)
    except TooLong:
        stopped.add(exercise)
        pytest.fail(f"computed for more than {SECONDS} s", pytrace=False)
    finally:
        allow(0)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        message = crash.message.removeprefix("Failed: ") if crash else report.longreprtext
        tell(check=report.nodeid.split("::")[-1], right=report.passed, message=message[:500])


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        lines = [line for line in report.longreprtext.splitlines() if line.startswith("E  ")]
        tell(unreadable=(lines or ["it cannot be imported"])[-1].removeprefix("E").strip()[:500])


def pytest_sessionfinish(session: pytest.Session) -> None:
    tell(ended=True)
