"""The Chromium of this machine: the tests, the PDF and the measurement of speed share it.

python -m sitetools.commands.browser      where is it?
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox inside a container; nothing that asks the network for updates or experiments.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = f"no Chromium on this machine (looked for {', '.join(NAMES)}); on Debian: apt install chromium"


def executable() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator:
    """A playwright browser; the end of the command where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    found = executable() or sys.exit(f"error: {MISSING}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


if __name__ == "__main__":
    print(executable() or sys.exit(f"error: {MISSING}"))
