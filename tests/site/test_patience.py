"""The code on the pages takes under 90 seconds in all on two cores, and each lab under 60,
by the times that were last written down.
"""

from sitetools.parts.status import DOCS, running, verified

PAGES, LAB = 90, 60  # seconds


def total(found: dict) -> float:
    return sum(sum(entry["seconds"]) for name, entry in found["seen"].items() if name.endswith(".md"))


def slow(found: dict) -> list[str]:
    labs = {name: sum(entry["seconds"]) for name, entry in found["seen"].items() if name.endswith(".py")}
    return [name for name, seconds in labs.items() if seconds >= LAB]


def unmeasured(found: dict) -> set[str]:
    """Pages with a block of Python, and labs, that nobody has timed."""
    return {
        path.relative_to(DOCS).as_posix()
        for path in [*DOCS.rglob("*.md"), *DOCS.glob("labs/*.py")]
        if running(path)
    } - set(found["seen"])


def test_a_reader_who_runs_all_pages_waits_less_than_90_seconds():
    assert total(verified()) < PAGES


def test_a_reader_who_runs_a_lab_waits_less_than_a_minute():
    assert slow(verified()) == []


def test_every_page_with_code_and_every_lab_is_timed():
    assert unmeasured(verified()) == set()


def test_a_slow_block_and_a_page_without_a_time_are_noticed():
    found = verified()
    found["seen"]["lectures/relu.md"]["seconds"].append(PAGES)
    found["seen"]["labs/surgery.py"]["seconds"].append(LAB)
    assert total(found) > PAGES and slow(found) == ["labs/surgery.py"]
    del found["seen"]["lectures/relu.md"]
    assert unmeasured(found) == {"lectures/relu.md"}
