"""The pages of a built site, for tests that look at them and change nothing: each is parsed once."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup


def parsed(page: Path) -> BeautifulSoup:
    return parse(page, page.stat().st_mtime_ns)  # a small site is built anew at the same place


@lru_cache(maxsize=100)
def parse(page: Path, changed: int) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def article(site: Path, page: str | Path) -> Any:
    return parsed(site / page).article
