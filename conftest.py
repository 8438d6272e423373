"""Every Python block in docs/ is a test, and the site is built once for all the tests that look at it."""
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil

from sitetools.pagecode import PageCode

ROOT = Path(__file__).parent
page_code = PageCode()


def start_alike(namespace: dict) -> None:
    """Each page starts from the same seeds, whatever ran before it; one thread, so that sums add up in one order."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)


pytest_collect_file = Sybil(parsers=[page_code], path="docs", patterns=["*.md"], setup=start_alike).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--site", type=Path, metavar="FOLDER", help="look at a site that is built already, instead of building one")
    parser.addoption("--update-outputs", action="store_true", help="write what the pages' code prints into the pages")


def pytest_configure(config: pytest.Config) -> None:
    page_code.update = config.getoption("--update-outputs")


def pytest_terminal_summary(terminalreporter) -> None:
    for path in page_code.rewrite():
        terminalreporter.write_line(f"outputs rewritten: {os.path.relpath(path)}")


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as strictly as it is published."""
    if built := request.config.getoption("--site"):
        return built.resolve()
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    assert built.returncode == 0, built.stderr
    return folder
