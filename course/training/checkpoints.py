"""What a training that is cut off goes on from: weights, optimiser,
curves and random state at the end of an epoch.
"""

import hashlib
import io
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from course import CourseError
from course.machine import files

# Of what torch.load, and loading a state, raise where a file holds something else.
FAULTS = (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError) + (
    pickle.UnpicklingError,
)


@dataclass
class Checkpoint:
    """A file that belongs to one specification of one run; another specification's is refused, not continued.

    It begins with the SHA-256 of the rest: torch reads a tensor with a wrong bit in it without a word.
    earlier: the seconds that the run had taken when the loaded file was written.
    """

    path: Path
    spec: dict[str, Any]
    earlier: float = 0.0
    begun: float = field(default_factory=time.perf_counter)

    def save(self, state: dict[str, Any]) -> None:
        """Whole or not at all, as the records are. Raises CourseError if the file cannot be written."""
        seconds = self.earlier + time.perf_counter() - self.begun
        content = io.BytesIO()
        torch.save({"spec": self.spec, "torch": release(), "seconds": seconds, "state": state}, content)
        files.write(self.path, hashlib.sha256(content.getbuffer()).digest() + content.getvalue())

    def resume(self, restore: Callable[[dict[str, Any]], None]) -> None:
        """Hand the saved state to `restore`, where there is one.

        Raises CourseError for a damaged, foreign or stale file, and for a state that `restore` can do nothing
        with.
        """
        if not self.path.exists():
            return
        remedy = f"delete {self.path} and the run begins anew"
        try:
            written = self.path.read_bytes()
            digest, content = written[:32], written[32:]
            if hashlib.sha256(content).digest() != digest:
                raise ValueError
            saved = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
            spec, version, seconds, state = (saved[key] for key in ("spec", "torch", "seconds", "state"))
            if spec != self.spec:
                raise CourseError(
                    f"{self.path.name} is of another recipe, network or precision than today's: {remedy}"
                )
            if version != release():
                raise CourseError(
                    f"{self.path.name} was written by torch {version}, this is {release()}: {remedy}"
                )
            restore(state)
        except CourseError:
            raise
        except FAULTS:
            raise CourseError(
                f"{self.path.name} is damaged, it is not a checkpoint of this run: {remedy}"
            ) from None
        self.earlier = seconds


def release() -> str:
    """torch's version without the build: "2.15.0" on a CPU and on a GPU."""
    return torch.__version__.split("+")[0]
