"""The registry of the tables, and how one becomes Markdown."""

from collections.abc import Callable

from course import CourseError

TABLES: dict[str, Callable[[], str]] = {}


def table(name: str) -> str:
    """The Markdown of a table. Raises CourseError for an unknown name."""
    if name not in TABLES:
        raise CourseError(f"unknown table {name!r}: choose from {', '.join(TABLES)}")
    return TABLES[name]()


def register(make: Callable[[], str]) -> Callable[[], str]:
    TABLES[make.__name__.replace("_", "-")] = make
    return make


def markdown(heads: str, rows: list[list[str]], notes: str = "") -> str:
    """A Markdown table, with footnotes below.  heads: as Markdown writes them, "Network | Layers".

    Columns of numbers are set right.
    """
    numbers = [all(cell[0].isdigit() or cell == "–" for cell in column) for column in zip(*rows)]
    sides = ["---", *("---:" if right else "---" for right in numbers[1:])]
    lines = [f"| {heads} |", *(f"| {' | '.join(cells)} |" for cells in (sides, *rows))]
    return "\n".join(lines) + (f"\n\n{notes}" if notes else "")


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
