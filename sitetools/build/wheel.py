"""The course as a package to install, which the site publishes beside its notebooks: pyproject.toml says what
it carries.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.wheel import WheelBuilder

from course import __version__, paths
from sitetools.build import kept

NAME = f"going_deeper-{__version__}-py3-none-any.whl"
SOURCES = ("pyproject.toml", "README.md", "course/**/*", "docs/exercises/checks/*")
DRAWN_FROM = ("figures/figures.json", "figures/runs/*", "figures/weights/*")


def build() -> bytes:
    """The same sources give the same bytes."""
    return kept.once("wheel", kept.state(paths.ROOT, *SOURCES, *DRAWN_FROM), made)


def made() -> bytes:
    with TemporaryDirectory() as folder:
        (path,) = WheelBuilder(str(paths.ROOT)).build(directory=folder, versions=["standard"])
        return Path(path).read_bytes()
