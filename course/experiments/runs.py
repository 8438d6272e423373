"""The runs of the experiments: which ones a name stands for, and how one of them becomes a record."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course import CourseError, paths, records
from course.data import load
from course.experiments.catalogue import EXPERIMENTS
from course.experiments.curves import Curves
from course.experiments.spec import Progress, Setting
from course.machine import devices, files
from course.training import weights
from course.training.checkpoints import Checkpoint
from course.training.loop import Diverged

SEEDS = 2**32


@dataclass(frozen=True)
class Run:
    """One record to make: a specification of an experiment under a seed."""

    experiment: str
    spec: Any  # a Spec
    seed: int

    @property
    def stem(self) -> str:
        return records.stem(self.experiment, self.spec.name, self.seed)

    @property
    def record(self) -> Path:
        """Where its record lies, or will."""
        return paths.RUNS / f"{self.stem}.json"

    @property
    def checkpoint(self) -> Path:
        return paths.CHECKPOINTS / f"{self.stem}.pt"

    @property
    def keeps_weights(self) -> bool:
        """The first seed of what is costly to train again: not of the digits, nor of trainings that stop
        before the last drop of the rate."""
        return (
            isinstance(self.spec, Curves)
            and self.spec.data != "digits"
            and self.spec.recipe.iterations > max(self.spec.recipe.drops, default=0)
            and self.seed == EXPERIMENTS[self.experiment].seeds[0]
        )

    def __str__(self) -> str:
        return f"{self.experiment}/{self.spec.name} seed {self.seed}"

    def described(self) -> dict[str, Any]:
        """All that determines the result, as the record keeps it."""
        return {"kind": type(self.spec).__name__} | asdict(self.spec)

    def precision(self, device: str) -> str:
        """What the passes of a training compute in on `device`; "" of what does not train by one recipe."""
        return devices.precision(self.spec.recipe.precision, device) if hasattr(self.spec, "recipe") else ""


def choose(names: list[str], seeds: list[int] | None = None) -> Iterator[Run]:
    """The runs that names such as "digits" or "digits/plain-56" stand for, each once; no name:
    all embedded ones.

    Raises CourseError for an unknown name, or a seed that PyTorch does not take.
    """
    for seed in seeds or ():
        if not 0 <= seed < SEEDS:
            raise CourseError(f"{seed} is no seed: choose from 0 to {SEEDS - 1}")
    return iter(dict.fromkeys(named(names, seeds)))


def named(names: list[str], seeds: list[int] | None) -> Iterator[Run]:
    for name in names or [e.name for e in EXPERIMENTS.values() if e.embedded]:
        experiment_name, _, run = name.partition("/")
        if experiment_name not in EXPERIMENTS:
            raise CourseError(f"unknown experiment {experiment_name!r}: choose from {', '.join(EXPERIMENTS)}")
        experiment = EXPERIMENTS[experiment_name]
        specs = [spec for spec in experiment.specs if run in ("", spec.name)]
        if not specs:
            legal = ", ".join(f"{experiment_name}/{spec.name}" for spec in experiment.specs)
            raise CourseError(f"unknown run {name!r}: choose from {legal}")
        for seed in seeds or experiment.seeds:
            for spec in specs:
                yield Run(experiment_name, spec, seed)


def pretrained(name: str) -> nn.Module:
    """The network of a run such as "cifar10-short/resnet-20" with the weights that were kept,
    ready to classify.

    It takes images normalised as `load("cifar10").normalise` does.
    Raises CourseError for an unknown name, or one without weights here.
    """
    runs = [run for run in choose([name]) if run.keeps_weights]
    if len(runs) != 1:
        here = [
            f"{run.experiment}/{run.spec.name}"
            for each in EXPERIMENTS
            for run in choose([each])
            if run.keeps_weights and weights.found(run.stem)
        ]
        none = "none is here, scripts/train.py cifar10-short makes some"
        legal = "choose from " + ", ".join(here) if here else none
        raise CourseError(f"{name!r} is not one network with weights: {legal}")
    return weights.restore(runs[0].spec.network, runs[0].stem)


def claimed(run: Run) -> AbstractContextManager[None]:
    """Raises CourseError where another process measures `run`; keeps others from it while it is open."""
    return files.held(paths.RUNNING / run.stem, str(run))


def perform(run: Run, device: str, root: str | Path, progress: Progress) -> records.Record:
    """Measure `run`, going on from its checkpoint where there is one, and say where, when and with what."""
    data = load(run.spec.data, root).to(device) if run.spec.data else None
    precision = run.precision(device)
    checkpoint = Checkpoint(run.checkpoint, records.plain(run.described()) | {"precision": precision})
    start, failed = time.perf_counter(), ""
    try:
        rows = run.spec.measure(
            Setting(run.seed, data, device, progress, checkpoint, run.stem if run.keeps_weights else None)
        )
    except Diverged as error:
        rows, failed = [asdict(row) for row in error.history], str(error)
    except torch.OutOfMemoryError:
        raise CourseError(
            f"the memory of {device} is too small for {run} beside what runs there: run fewer side by side, "
            "--jobs 1 at the least"
        ) from None
    return records.make(
        run.experiment,
        run.spec.name,
        run.described(),
        rows,
        seed=run.seed,
        data=data,
        seconds=checkpoint.earlier + time.perf_counter() - start,
        device=devices.describe(device if data else "cpu"),
        precision=precision,
        failed=failed,
    )
