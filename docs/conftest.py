"""Every Python block of the pages is a test."""

import datetime
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sybil import Sybil

from course.machine import files
from course.records.record import commit, versions
from sitetools.parts import status
from tests.site.pagecode import PageCode

DOCS = Path(__file__).parent
page_code = PageCode()


def start_alike(namespace: dict) -> None:
    """Each page starts from the same seeds, whatever ran before it."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


pytest_collect_file = Sybil(parsers=[page_code], patterns=["*.md"], setup=start_alike).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-timings",
        action="store_true",
        help="run the labs too, and write into docs/verified.json how long everything took",
    )
    parser.addoption(
        "--update-outputs", action="store_true", help="write what the pages' code prints into the pages"
    )


def pytest_configure(config: pytest.Config) -> None:
    page_code.update = config.getoption("--update-outputs", False)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What was seen to run is written down only if nothing failed."""
    if (
        session.config.getoption("--record-timings", False)
        and page_code.seconds
        and exitstatus == pytest.ExitCode.OK
    ):
        labs = {str(lab): [run_lab(lab)] for lab in DOCS.glob("labs/*.py")}
        write_down({Path(path): seconds for path, seconds in sorted((page_code.seconds | labs).items())})


def write_down(seen: dict[Path, list[float]]) -> None:
    """Keep for the status page how many seconds the blocks of each page took, and each lab."""
    found = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
        "device": f"{os.cpu_count()} CPU cores ({platform.machine()})",
        "versions": versions(),
        "seen": {
            path.relative_to(DOCS).as_posix(): {
                "digest": status.digest(status.running(path)),
                "seconds": [round(s, 2) for s in seconds],
            }
            for path, seconds in seen.items()
        },
    }
    lines = re.sub(
        r"\[[^\]{]*\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]), json.dumps(found, indent=1)
    )
    files.write(status.VERIFIED, f"{lines}\n")


def run_lab(lab: Path) -> float:
    """Run a lab as a script, without a notebook around it; return the seconds that it took."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, str(lab)],
        cwd=DOCS.parent,
        check=True,
        capture_output=True,
        env=os.environ | {"MPLBACKEND": "agg"},
    )
    return time.perf_counter() - start


def pytest_terminal_summary(terminalreporter) -> None:
    for path in page_code.rewrite():
        terminalreporter.write_line(f"outputs rewritten: {os.path.relpath(path)}")
