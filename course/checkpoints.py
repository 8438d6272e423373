"""What a training that is cut off goes on from: weights, optimiser, curves and random state at the end of an epoch."""
import os
import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from course import CourseError


@dataclass
class Checkpoint:
    """A file that belongs to one specification of one run; another specification's is refused, not continued.

    earlier: the seconds that the run had taken when the loaded file was written.
    """

    path: Path
    spec: dict[str, Any]
    earlier: float = 0.0
    begun: float = field(default_factory=time.perf_counter)

    def save(self, state: dict[str, Any]) -> None:
        """Whole or not at all, as the records are. Raises CourseError if the file cannot be written."""
        partial = self.path.with_suffix(".partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            seconds = self.earlier + time.perf_counter() - self.begun
            torch.save({"spec": self.spec, "torch": release(), "seconds": seconds, "state": state}, partial)
            os.replace(partial, self.path)
        except (OSError, RuntimeError) as error:  # a full disk is a RuntimeError to torch
            partial.unlink(missing_ok=True)
            raise CourseError(f"could not write the checkpoint {self.path.name} ({error}): make room in {self.path.parent} and run again") from None

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None where there is none. Raises CourseError for a damaged, foreign or stale file."""
        if not self.path.exists():
            return None
        remedy = f"delete {self.path} or run with --fresh to begin anew"
        try:
            content = torch.load(self.path, weights_only=True, map_location="cpu")
            spec, version, seconds, state = (content[key] for key in ("spec", "torch", "seconds", "state"))
        except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, pickle.UnpicklingError):
            raise CourseError(f"{self.path.name} is damaged, it is not a checkpoint: {remedy}") from None
        if spec != self.spec:
            raise CourseError(f"{self.path.name} is of another recipe, network or precision than today's: {remedy}")
        if version != release():
            raise CourseError(f"{self.path.name} was written by torch {version}, this is {release()}: {remedy}")
        self.earlier = seconds
        return state



def release() -> str:
    """torch's version without the build: "2.15.0" on a CPU and on a GPU."""
    return torch.__version__.split("+")[0]
