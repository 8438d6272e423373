"""What was measured: our own records, one file a run, and the numbers that the papers report.

Imports `machine`, and never torch.
"""

from course.records.record import Record, make, plain, read, read_all, rows, seeds, stem, write
from course.records.statistics import (
    Spread,
    distinct,
    ends,
    final,
    geometric,
    grouped,
    last_epoch,
    middle,
    only,
    spread,
)
