"""A claim is a sentence of a page as a function of rows, which asserts it. Beside it stand alterations of the
rows: for each of them the claim must fail.

A file of claims lists them as CLAIMS, by experiment, and imports the two tests; conftest.py gives them its
claims.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest

from course import records

Rows = list[dict[str, Any]]
Alteration = Callable[[Rows], Rows]
Claims = dict[Callable[[Rows], None], Iterable[Alteration]]


def where(changed: dict[str, Any] | Callable[[dict], dict], **values: Any) -> Alteration:
    """Change the rows that have these values."""

    def alter(rows: Rows) -> Rows:
        found = [all(row.get(key) == value for key, value in values.items()) for row in rows]
        assert any(found), f"no row with {values}"
        change = changed if callable(changed) else lambda row: changed
        return [row | change(row) if chosen else row for row, chosen in zip(rows, found)]

    return alter


def times(key: str, factor: float) -> Callable[[dict], dict]:
    return lambda row: {key: row[key] * factor}


def to(**values: Any) -> Callable[[dict], dict]:
    return lambda row: values


recorded = cache(records.rows)


def test_the_records_support_the_claim(experiment, claim, alterations):
    claim(recorded(experiment))


def test_the_claim_fails_on_records_that_say_otherwise(experiment, claim, alterations):
    assert alterations
    for alter in alterations:
        with pytest.raises(AssertionError):
            claim(alter(recorded(experiment)))
