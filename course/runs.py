"""The runs of the experiments: which ones a name stands for, and how one of them becomes a record."""
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course import CourseError, parallel, records, weights
from course.checkpoints import Checkpoint
from course.data import load
from course.experiments import EXPERIMENTS
from course.measurements import Curves, Progress, Setting, Spec
from course.train import Diverged

CHECKPOINTS = records.RUNS.parent.parent / ".cache" / "checkpoints"


@dataclass(frozen=True)
class Run:
    """One record to make: a specification of an experiment under a seed."""

    experiment: str
    spec: Spec
    seed: int

    @property
    def stem(self) -> str:
        return f"{self.experiment}-{self.spec.name}-seed{self.seed}"

    @property
    def keeps_weights(self) -> bool:
        """The first seed of what is costly to train again: all but the digits."""
        return isinstance(self.spec, Curves) and self.spec.data != "digits" and self.seed == EXPERIMENTS[self.experiment].seeds[0]

    def __str__(self) -> str:
        return f"{self.experiment}/{self.spec.name} seed {self.seed}"

    def described(self) -> dict[str, Any]:
        """All that determines the result, as the record keeps it."""
        return {"kind": type(self.spec).__name__} | asdict(self.spec)


def choose(names: list[str], seeds: list[int] | None = None) -> Iterator[Run]:
    """The runs that names such as "digits" or "digits/plain-56" stand for; no name means all embedded experiments.

    Raises CourseError for an unknown name.
    """
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
    """The network of a run such as "cifar10-short/resnet-20" with the weights that were kept, ready to classify.

    It takes images normalised as `load("cifar10").normalise` does.
    Raises CourseError for an unknown name, or one without weights here.
    """
    runs = [run for run in choose([name]) if run.keeps_weights]
    if len(runs) != 1:
        legal = (run for name in EXPERIMENTS for run in choose([name]) if run.keeps_weights)
        raise CourseError(f"{name!r} is not one network with weights: choose from {', '.join(f'{r.experiment}/{r.spec.name}' for r in legal)}")
    return weights.restore(runs[0].spec.network, runs[0].stem)


def checkpoint_of(run: Run) -> Path:
    return CHECKPOINTS / f"{run.stem}.pt"


def perform(run: Run, device: str, root: str | Path, progress: Progress) -> records.Record:
    """Measure `run`, going on from its checkpoint where there is one, and say where, when and with what."""
    data = load(run.spec.data, root).to(device) if run.spec.data else None
    checkpoint = Checkpoint(checkpoint_of(run), records.plain(run.described()))
    start, failed = time.perf_counter(), ""
    try:
        rows = run.spec.measure(Setting(run.seed, data, device, progress, checkpoint, run.stem if run.keeps_weights else None))
    except Diverged as error:
        rows, failed = [asdict(row) for row in error.history], str(error)
    except torch.OutOfMemoryError:
        raise CourseError(f"the memory of {device} is too small for {run} beside what runs there: run fewer side by side, --jobs 1 at the least") from None
    seconds = checkpoint.earlier + time.perf_counter() - start
    return records.Record(
        experiment=run.experiment,
        run=run.spec.name,
        seed=run.seed,
        spec=run.described(),
        data={"name": data.name, "digest": data.digest, **data.sizes()} if data else {},
        table=records.columns(rows),
        seconds=round(seconds, 2),
        device=describe(device if data else "cpu"),
        versions=records.versions(),
        commit=records.commit(),
        failed=failed,
    )


def check_device(name: str) -> None:
    """Raises CourseError for a name that is no device, or a device that is not there."""
    try:
        kind, number = torch.device(name).type, torch.device(name).index or 0
    except RuntimeError:
        kind, number = None, 0
    if kind not in ("cpu", "cuda"):
        raise CourseError(f"unknown device {name!r}: choose cpu, cuda or cuda:N")
    if kind == "cuda" and number >= torch.cuda.device_count():
        raise CourseError(f"there is no device {name} on this machine, which has {torch.cuda.device_count()} CUDA devices: use --device cpu")


def describe(device: str) -> str:
    """"cpu" and "cuda" in words that tell a reader what the numbers were measured on."""
    if torch.device(device).type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        name = f"CPU ({platform.machine()}, {torch.get_num_threads()} thread{'s'[: torch.get_num_threads() > 1]})"
    return name if parallel.world() == 1 else f"{parallel.world()} × {name}"
