"""What an experiment is made of: specifications that are frozen, say all that determines their result, and
know how to `measure` it: the rows that its record keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from course.data.loading import Images
from course.records.statistics import Rows
from course.training.checkpoints import Checkpoint

Progress = Callable[[int, str], None]  # (work done since the last call, a word on where it stands)


@dataclass(frozen=True)
class Setting:
    """What a measurement is given.

    data: the data set its `data` names, on `device`.  checkpoint: where a training may go on from.  weights:
    the name under which trained weights are kept, or None.
    """

    seed: int
    data: Images | None
    device: str
    progress: Progress
    checkpoint: Checkpoint | None = None
    weights: str | None = None


class Spec(Protocol):
    """data: the name of the data set to measure on, or None."""

    name: str
    data: str | None
    work: int

    def measure(self, given: Setting) -> Rows: ...
