"""The course as a package to install, which the site publishes beside its notebooks: pyproject.toml says what
it carries.
"""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.wheel import WheelBuilder

from course import __version__
from sitetools.build import kept

ROOT = Path(__file__).parents[2]
NAME = f"going_deeper-{__version__}-py3-none-any.whl"


def build() -> bytes:
    carried = ("course/**/*", "figures/runs/*", "docs/exercises/checks/*")
    return of_these(tuple(kept.state(ROOT, "pyproject.toml", *carried).items()))


@lru_cache(maxsize=1)
def of_these(sources: tuple) -> bytes:
    """The same sources give the same bytes."""
    with TemporaryDirectory() as folder:
        (path,) = WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
        return Path(path).read_bytes()
