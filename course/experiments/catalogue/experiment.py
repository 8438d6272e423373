"""An experiment is a name and what is measured under it."""

from dataclasses import dataclass

from course.experiments.spec import Spec


@dataclass(frozen=True)
class Experiment:
    """specs: what is measured, each under every one of `seeds`.

    embedded: needs no download and no GPU.  alone: a run fills the machine, so they go one after the other.
    """

    name: str
    title: str
    specs: tuple[Spec, ...]
    seeds: tuple[int, ...] = (0,)
    embedded: bool = True
    alone: bool = False
