"""How all tests run. The pages' code is collected by docs/conftest.py; tests/conftest.py builds the site that
tests look at.

Nothing here needs more than pytest: tests/course/test_cuda.py runs where only the course is installed.
"""

import gc
import os

import pytest

# Before torch is imported, here and in what the tests start: with one thread sums add up in one order,
# and test processes share the cores.
os.environ["OMP_NUM_THREADS"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the site comes last: it is built meanwhile, and no process waits for it.
    Behind the pages the longest file comes first: at the end no process waits for the one that has it.
    """
    items.sort(
        key=lambda item: (
            item.path.parent.name in ("browser", "site"),
            item.path.suffix == ".py" and item.path.name != "test_scripts.py",
        )
    )


def pytest_collection_finish() -> None:
    """What is imported by now stays: the garbage collector need not look through it again and again."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """What is never collected counts as leaked: Triton says so when Python ends."""
    gc.unfreeze()
