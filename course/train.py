"""Run experiments by name and record them in figures/runs/, or in a folder of yours.

    python scripts/train.py                        every experiment that needs no download
    python scripts/train.py digits                 one experiment
    python scripts/train.py digits/plain-56        one network of it
    python scripts/train.py --list                 what there is, and what is recorded
    torchrun --nproc-per-node=8 scripts/train.py imagenet --root /data/imagenet --device cuda
    python -m course.train digits --to mine        where the course is installed: into the folder mine/

What is recorded already is skipped; a run that was cut off goes on from its checkpoint. --fresh measures
everything anew. Small runs go side by side, --jobs of them; one that fails does not end the others. Under
torchrun they go one after the other, each on all GPUs together.
"""

import argparse
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

import torch

from course import CourseError, paths, records
from course.experiments import EXPERIMENTS, Run, choose, perform
from course.experiments.curves import Curves
from course.experiments.progress import Bars
from course.experiments.runs import claimed
from course.experiments.workers import SPAWN, Worker, interruption_held, workers
from course.machine import devices, parallel

SMALLER = "run the same command again, perhaps with a smaller --jobs"


def main() -> None:
    args = arguments()
    if args.to:
        paths.keep_in(args.to)
    if args.list:
        print("\n".join(listed()))
        return
    if paths.INSTALLED and not args.to:
        raise CourseError("an installed course keeps its own records: name a folder for yours, --to FOLDER")
    device = parallel.begin(args.device)
    devices.check_device(device)
    jobs = jobs_on(device) if args.jobs is None else args.jobs
    if jobs < 1:
        raise CourseError(f"--jobs {jobs} runs nothing: choose 1 or more")
    chosen = list(choose(args.names, args.seeds))
    todo = [run for run in chosen if args.fresh or not is_recorded(run)]
    if parallel.world() > 1 and (single := [run for run in todo if not isinstance(run.spec, Curves)]):
        raise CourseError(
            f"torchrun shares the training of a network among processes, and {single[0]} measures something "
            "else: run it without torchrun"
        )
    if parallel.rank() == 0:
        announce(chosen, todo, device)
    alone = [run for run in todo if parallel.started_by_torchrun() or EXPERIMENTS[run.experiment].alone]
    beside = [run for run in todo if run not in alone]
    failed: dict[Run, Exception] = {}
    if beside:
        if args.jobs is None and jobs < len(beside) and device != "cpu":
            print(
                f"one run at a time: scripts/side_by_side.py --device {device} says how many --jobs are "
                "fastest on this GPU"
            )
        failed |= run_side_by_side(beside, device, args, min(jobs, len(beside)))
    if alone:
        failed |= run_in_turn(alone, device, args)
    parallel.end()
    conclude(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiment, or experiment/run")
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of the experiment's own")
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where downloaded data sets lie (default: data)")
    parser.add_argument(
        "--jobs",
        type=int,
        help="runs side by side, a thread each (default: on a CPU the number of cores, on a GPU 1)",
    )
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where records are kept (default: figures/runs in a clone)"
    )
    parser.add_argument("--fresh", action="store_true", help="measure anew what is recorded")
    parser.add_argument("--list", action="store_true", help="list the experiments and leave")
    return parser.parse_args()


def jobs_on(device: str) -> int:
    """Processes that share a GPU take turns on it, unless NVIDIA's MPS runs: side by side may be no faster
    than in turn."""
    return os.cpu_count() or 1 if device == "cpu" else 1


def announce(chosen: list[Run], todo: list[Run], device: str) -> None:
    if len(todo) < len(chosen):
        done = len(chosen) - len(todo)
        print(f"{done} of {len(chosen)} runs are recorded already (--fresh measures them anew)")
    stale = [run for run in todo if run.record.exists() and not is_recorded(run)]
    if stale:
        named = ", ".join(map(str, stale))
        print(f"recorded with another recipe or network than today's, measured anew: {named}")
    for wanted in sorted({run.spec.recipe.precision for run in todo if hasattr(run.spec, "recipe")}):
        print(f"trains {devices.reason(wanted, device)}")


def listed() -> Iterator[str]:
    for experiment in EXPERIMENTS.values():
        yield f"{experiment.name}: {experiment.title}"
        for spec in experiment.specs:
            runs = list(choose([f"{experiment.name}/{spec.name}"]))
            found = [records.read(run.record) for run in runs if is_recorded(run)]
            length = f"{spec.recipe.iterations:,} iterations" if hasattr(spec, "recipe") else ""
            name = f"{experiment.name}/{spec.name}"
            done = f"{len(found)} of {len(runs)} recorded{summary(found)}"
            yield f"    {name:28s} {spec.data or '':10s} {length:19s} {done}"


def summary(found: list[records.Record]) -> str:
    """On what, in which precision, in how many seconds and from which commits a run was measured."""
    if not found:
        return ""
    seconds = sorted(record.seconds for record in found)
    times = f"{seconds[0]:.1f} s" if len(found) == 1 else f"{seconds[0]:.1f} to {seconds[-1]:.1f} s"
    devices, precisions, commits = (
        sorted({getattr(record, key) or "" for record in found} - {""})
        for key in ("device", "precision", "commit")
    )
    at = f"commit{'s'[: len(commits) > 1]} {', '.join(commits)}" if commits else "no commit"
    return ": " + "; ".join(
        [" and ".join(devices), *([" and ".join(precisions)] if precisions else []), times, at]
    )


def is_recorded(run: Run) -> bool:
    """Whether a record of today's specification stands there. Raises CourseError where one stands that is not
    whole."""
    return run.record.exists() and records.read(run.record).spec == records.plain(run.described())


class Tally:
    """What becomes of the runs: each is held while it is measured, so that no other process measures it too,
    and ends recorded or failed. One that fails does not end the others."""

    def __init__(self, runs: list[Run], fresh: bool, bars: Bars):
        self.count, self.fresh, self.bars = len(runs), fresh, bars
        self.held: dict[Run, ExitStack] = {}
        self.ended = 0
        self.failed: dict[Run, Exception] = {}

    def begin(self, run: Run) -> bool:
        """Hold it, and say whether it is still to be measured."""
        self.held[run] = ExitStack()
        try:
            self.held[run].enter_context(claimed(run))
            if not self.fresh and is_recorded(run):
                self.end(run, "recorded by another process meanwhile")
                return False
            if self.fresh:
                run.checkpoint.unlink(missing_ok=True)
        except CourseError as error:
            self.fail(run, error)
            return False
        return True

    def finish(self, run: Run, measured: Callable[[], records.Record]) -> None:
        try:
            record = measured()
            records.write(record)
            run.checkpoint.unlink(missing_ok=True)
        except BrokenProcessPool:
            self.fail(run, CourseError(f"a worker died, as when memory runs out: {SMALLER}"))
        except Exception as error:
            self.fail(run, error)
        else:
            self.end(run, record.failed or f"{record.seconds:.1f} s")

    def fail(self, run: Run, error: Exception) -> None:
        if parallel.world() > 1:
            raise error  # the other processes wait for this one, and torchrun ends them
        self.failed[run] = error
        self.end(run, f"failed: {error}")

    def end(self, run: Run, words: str) -> None:
        self.held.pop(run).close()
        self.ended += 1
        self.bars.finish(str(run), f"{words}, {self.ended} of {self.count}")


def run_in_turn(runs: list[Run], device: str, args: argparse.Namespace) -> dict[Run, Exception]:
    """One run after the other, on all cores, or on all GPUs of all the processes that torchrun started.
    Returns what failed."""
    torch.set_num_threads(parallel.cores())
    with closing(Bars(runs, silent=parallel.rank() > 0)) as bars:
        tally = Tally(runs, args.fresh, bars)
        for run in runs:
            measure = partial(perform, run, device, args.root, partial(bars.show, str(run)))
            if parallel.rank() > 0:
                measure()  # the first process records it
            elif tally.begin(run):
                tally.finish(run, measure)
    return tally.failed


def run_side_by_side(
    runs: list[Run], device: str, args: argparse.Namespace, jobs: int
) -> dict[Run, Exception]:
    """Several processes of one thread each; the parent writes each record as soon as its run ends. Returns
    what failed.

    Left early, what is recorded stays, and what is running has its checkpoint.
    """
    events = SPAWN.Queue()
    waiting = list(reversed(runs))
    with closing(Bars(runs)) as bars, workers(jobs, SMALLER, Measuring, device, args, events) as free:
        tally = Tally(runs, args.fresh, bars)
        running: dict[Future, tuple[Run, Worker]] = {}
        while running or (waiting and free):
            with interruption_held():
                while waiting and free:
                    run = waiting.pop()
                    if tally.begin(run):
                        worker = free.pop()
                        running[worker.call(run)] = run, worker
                done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                while not events.empty():
                    bars.show(*events.get())
                for future in done:
                    run, worker = running.pop(future)
                    if not isinstance(future.exception(), BrokenProcessPool):
                        free.append(worker)
                    tally.finish(run, future.result)
        for run in waiting:
            tally.failed[run] = CourseError(f"{run} was not begun, no worker is left: {SMALLER}")
    return tally.failed


def conclude(failed: dict[Run, Exception]) -> None:
    """Raises what went wrong, once all the others are through: what nobody expected as it is, else one
    CourseError."""
    for error in failed.values():
        if not isinstance(error, CourseError):
            raise error
    if len(failed) == 1:
        raise CourseError("".join(f"{run}: {error}" for run, error in failed.items()))
    if failed:
        raise CourseError(f"{len(failed)} runs failed, for the reasons above: {', '.join(map(str, failed))}")


class Measuring:
    """In a worker: it measures a run when it is called with one, and says through `events` how far it is."""

    def __init__(self, device: str, args: argparse.Namespace, events: multiprocessing.Queue):
        self.device, self.root, self.events = device, args.root, events
        if args.to:
            paths.keep_in(args.to)

    def __call__(self, run: Run) -> records.Record:
        return perform(
            run, self.device, self.root, lambda done, text: self.events.put((str(run), done, text))
        )


def command() -> None:
    ending.run(main, stopped="what is finished is recorded, run the same command to go on")


if __name__ == "__main__":
    command()
