"""What a page may ask of the rows of a run: a number, and how it was made of them."""

from collections.abc import Callable
from dataclasses import dataclass

from course.records.statistics import Rows


@dataclass(frozen=True)
class Quantity:
    """text: rows -> the number as a reader sees it.  how: how it was made of them.  needs: its column.

    value: rows -> the number itself, where it is one.
    """

    text: Callable[[Rows], str]
    how: str
    needs: str
    value: Callable[[Rows], float] | None = None


class Missing(Exception):
    """There is no number where one was asked for."""


def there(value: float | None) -> float:
    if value is None:
        raise Missing
    return value


def extremes(percentages: list[float]) -> str:
    return f"{min(percentages):.1f} to {max(percentages):.1f} %"
