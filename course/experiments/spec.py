"""What an experiment is made of: specifications that are frozen, say all that determines their result, and
know how to `measure` it: the rows that its record keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from course.records.statistics import Rows
from course.training.checkpoints import Checkpoint

Progress = Callable[[int, str], None]  # (work done since the last call, a word on where it stands)


@dataclass(frozen=True)
class Setting:
    """What a measurement is given.

    data: on `device`, the data set that the specification names: a Dataset, a FolderDataset or None.
    checkpoint: where a training may go on from.  weights: the name under which they are kept, or None.
    """

    seed: int
    data: Any
    device: str
    progress: Progress
    checkpoint: Checkpoint | None = None
    weights: str | None = None


class Spec(Protocol):
    """data: the name of the data set to measure on, or None.  work: how much there is to do, as reported."""

    @property
    def name(self) -> str: ...

    @property
    def data(self) -> str | None: ...

    @property
    def work(self) -> int: ...

    def measure(self, given: Setting) -> Rows: ...
