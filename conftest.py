"""Every Python block in docs/ is a test, and the site is built once for all the tests that look at it."""
import fcntl
import os
import platform
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sybil import Sybil

from sitetools import status
from sitetools.pagecode import PageCode

# Before torch is imported, here and in what the tests start: with one thread sums add up in one order, and test processes share the cores.
os.environ["OMP_NUM_THREADS"] = "1"
ROOT = Path(__file__).parent
page_code = PageCode()


def start_alike(namespace: dict) -> None:
    """Each page starts from the same seeds, whatever ran before it."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


pytest_collect_file = Sybil(parsers=[page_code], path="docs", patterns=["*.md"], setup=start_alike).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--site", type=Path, metavar="FOLDER", help="look at a site that is built already, instead of building one")
    parser.addoption("--record-timings", action="store_true", help="run the labs too, and write into docs/verified.json how long everything took")
    parser.addoption("--update-outputs", action="store_true", help="write what the pages' code prints into the pages")


def pytest_configure(config: pytest.Config) -> None:
    page_code.update = config.getoption("--update-outputs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Behind the pages the longest file comes first: at the end no process waits for the one that has it."""
    items.sort(key=lambda item: item.path.suffix == ".py" and item.path.name != "test_scripts.py")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What was seen to run is written down only if nothing failed."""
    if session.config.getoption("--record-timings") and exitstatus == pytest.ExitCode.OK:
        pages = {Path(path).relative_to(ROOT / "docs").as_posix(): seconds for path, seconds in page_code.seconds.items()}
        status.write(pages, {lab.relative_to(ROOT / "docs").as_posix(): run_lab(lab) for lab in sorted((ROOT / "docs/labs").glob("*.py"))}, f"{os.cpu_count()} CPU cores ({platform.machine()})")


def run_lab(lab: Path) -> float:
    """Run a lab as a script, without a notebook around it; return the seconds that it took."""
    start = time.perf_counter()
    subprocess.run([sys.executable, str(lab)], cwd=ROOT, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"})
    return time.perf_counter() - start


def pytest_terminal_summary(terminalreporter) -> None:
    for path in page_code.rewrite():
        terminalreporter.write_line(f"outputs rewritten: {os.path.relpath(path)}")


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp() / "site"
    return folder.parent.parent / "site" if "PYTEST_XDIST_WORKER" in os.environ else folder  # one for all processes


@pytest.fixture(scope="session", autouse=True)
def early_site(request: pytest.FixtureRequest, site_folder: Path) -> None:
    """Where some test looks at the site, it is built while other tests run, so that none waits long for it."""
    looks = any("site" in getattr(item, "fixturenames", ()) for item in request.session.items)
    if looks and not request.config.getoption("--site"):
        threading.Thread(target=build_site, args=[site_folder], daemon=True).start()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, site_folder: Path) -> Path:
    """The folder of the site, built as strictly as it is published."""
    if built := request.config.getoption("--site"):
        return built.resolve()
    build_site(site_folder)
    return site_folder


def build_site(folder: Path) -> None:
    """Build it unless it is there. Who comes while another builds waits for that."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder.with_suffix(".partial"))]
        built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
        assert built.returncode == 0, built.stderr
        folder.with_suffix(".partial").rename(folder)
