"""The code on the pages takes under 90 seconds in all on two cores,
by the times that were last written down.
"""

from sitetools.parts.status import ROOT, verified
from sitetools.syntax.fences import blocks

PATIENCE = 90  # seconds


def total(found: dict) -> float:
    return sum(sum(page["seconds"]) for page in found["pages"].values()) + sum(
        lab["seconds"] for lab in found["labs"].values()
    )


def unmeasured(found: dict) -> set[str]:
    """Pages with a block of Python, and labs, that nobody has timed."""
    pages = {
        path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
        if any(block.code for block in blocks(path.read_text(encoding="utf-8")))
    }
    labs = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs/labs").glob("*.py")}
    return (pages | labs) - set(found["pages"]) - set(found["labs"])


def test_a_reader_who_runs_everything_waits_less_than_90_seconds():
    assert total(verified()) < PATIENCE


def test_every_page_with_code_and_every_lab_is_timed():
    assert unmeasured(verified()) == set()


def test_a_slow_block_and_a_page_without_a_time_are_noticed():
    found = verified()
    name = next(iter(found["pages"]))
    found["pages"][name]["seconds"].append(PATIENCE)
    assert total(found) > PATIENCE
    del found["pages"][name]
    assert unmeasured(found) == {name}
