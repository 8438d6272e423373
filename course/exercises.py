"""Check the answers in a notebook: check("vgg", 2, globals()) runs the checks of an exercise on the functions
that the notebook defines, and says what is wrong in the words of the first check that fails.
"""

import os
import sys
from collections.abc import Generator
from types import ModuleType
from typing import Any

import pytest

from course import CourseError, paths

CHECKS = paths.KEPT / "checks" if paths.INSTALLED else paths.ROOT / "docs/exercises/checks"


class Outcome:
    """A plugin of pytest that keeps what the first failed check says."""

    message = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo
    ) -> Generator[None, Any, Any]:
        report = yield
        if call.excinfo and call.excinfo.errisinstance(NotImplementedError):
            self.message = f"Not written yet. E{str(call.excinfo.value)[1:]}."
        elif report.failed:
            self.message = report.longreprtext
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.message = report.longreprtext


def check(lecture: str, exercise: int, answers: dict) -> None:
    """answers: the names that a notebook defines.  Raises CourseError where there is no such exercise."""
    name = lecture.replace("-", "_")
    file, outcome = CHECKS / f"check_{name}.py", Outcome()
    if not file.exists():
        known = ", ".join(sorted(path.stem.removeprefix("check_") for path in CHECKS.glob("check_*.py")))
        raise CourseError(f"no exercises for {lecture!r}: choose one of {known}")

    def missing(wanted: str) -> None:
        kind = AttributeError if wanted.startswith("__") else NotImplementedError  # pytest asks for __file__
        raise kind(f"exercise {exercise}: write {wanted}")

    module = ModuleType(name)
    vars(module).update(answers, __getattr__=missing)
    sys.modules[name] = module  # what the checks import
    # The last looks through all that a notebook holds, at each check.
    without = [f"-pno:{plugin}" for plugin in ("terminal", "cacheprovider", "unraisableexception")]
    quiet = [*without, "-c", os.devnull, "--rootdir", str(CHECKS)]
    status = pytest.main(
        [str(file), "-x", "-s", "-k", f"test_exercise_{exercise}_", *quiet], plugins=[outcome]
    )
    for imported in (name, file.stem):  # the next call brings other answers
        sys.modules.pop(imported, None)
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise CourseError(f"exercise {exercise} of {lecture} has no checks: it asks for no function")
    stopped = "The check was stopped before its end."
    print(outcome.message or (f"Exercise {exercise} is right." if status == pytest.ExitCode.OK else stopped))
