"""Run experiments by name and record them in figures/runs/.

    python scripts/train.py                        every experiment that needs no download
    python scripts/train.py digits                 one experiment
    python scripts/train.py digits/plain-56        one network of it
    python scripts/train.py --list                 what there is, and what is recorded
    torchrun --nproc-per-node=8 scripts/train.py imagenet --root /data/imagenet --device cuda

What is recorded already is skipped; a run that was cut off goes on from its checkpoint. --fresh measures everything anew.
Small runs go side by side, --jobs of them. Under torchrun they go one after the other, each on all GPUs together.
"""
import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from course import CourseError, parallel, records
from course.devices import check_device
from course.experiments import EXPERIMENTS
from course.runs import Run, checkpoint_of, choose, perform
from scripts.progress import Bars
from scripts.workers import SPAWN, interruption_held, workers


def main() -> None:
    args = arguments()
    if args.list:
        print("\n".join(listed()))  # in one piece, for a reader that leaves early, such as head
        return
    device = parallel.begin(args.device)
    check_device(device)
    if args.jobs < 1:
        raise CourseError(f"--jobs {args.jobs} runs nothing: choose 1 or more")
    chosen = list(choose(args.names, args.seeds))
    stale = [] if args.fresh else [run for run in chosen if is_stale(run)]
    todo = chosen if args.fresh else [run for run in chosen if run in stale or not path_of(run).exists()]
    if parallel.rank() == 0:
        if len(todo) < len(chosen):
            print(f"{len(chosen) - len(todo)} of {len(chosen)} runs are recorded already (--fresh measures them anew)")
        if stale:
            print(f"recorded with another recipe or network than today's, measured anew: {', '.join(map(str, stale))}")
    if args.fresh:
        for run in todo:
            checkpoint_of(run).unlink(missing_ok=True)
    alone = [run for run in todo if parallel.started_by_torchrun() or EXPERIMENTS[run.experiment].alone]
    beside = [run for run in todo if run not in alone]
    if beside:
        run_side_by_side(beside, device, args.root, min(args.jobs, len(beside)))
    if alone:
        run_in_turn(alone, device, args.root)
    parallel.end()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiment, or experiment/run")
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of the experiment's own")
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where downloaded data sets lie (default: data)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs side by side, a thread each (default: the number of cores)")
    parser.add_argument("--fresh", action="store_true", help="measure anew what is recorded")
    parser.add_argument("--list", action="store_true", help="list the experiments and leave")
    return parser.parse_args()


def listed() -> Iterator[str]:
    for experiment in EXPERIMENTS.values():
        yield f"{experiment.name}: {experiment.title}"
        for spec in experiment.specs:
            runs = list(choose([f"{experiment.name}/{spec.name}"]))
            done = sum(path_of(run).exists() and not is_stale(run) for run in runs)
            length = f"{spec.recipe.iterations:,} iterations" if hasattr(spec, "recipe") else ""
            yield f"    {experiment.name + '/' + spec.name:28s} {spec.data or '':10s} {length:19s} {done} of {len(runs)} recorded"


def path_of(run: Run) -> Path:
    return records.RUNS / f"{run.stem}.json"


def is_stale(run: Run) -> bool:
    """Whether a whole record stands there that is of another specification. Raises CourseError where it is not whole."""
    return path_of(run).exists() and records.read(path_of(run)).spec != records.plain(run.described())


def run_in_turn(runs: list[Run], device: str, root: str) -> None:
    """One run after the other, on all cores, or on all GPUs of all the processes that torchrun started."""
    torch.set_num_threads(parallel.cores())
    with closing(Bars(runs, silent=parallel.rank() > 0)) as bars:
        for number, run in enumerate(runs, start=1):
            record = perform(run, device, root, partial(bars.show, str(run)))
            if parallel.rank() == 0:
                finish(run, record, f"{number} of {len(runs)}", bars)


def run_side_by_side(runs: list[Run], device: str, root: str, jobs: int) -> None:
    """Several processes of one thread each; the parent writes each record as soon as its run ends.

    Left early, what is recorded stays, and what is running has its checkpoint.
    """
    events = SPAWN.Queue()
    waiting = list(reversed(runs))
    advice = "run the same command again, perhaps with a smaller --jobs"
    with closing(Bars(runs)) as bars, workers(jobs, advice, tell, events) as free:
        running = {}
        while waiting or running:
            with interruption_held():
                while waiting and free:
                    run, pool = waiting.pop(), free.pop()
                    running[pool.submit(work, run, device, root)] = run, pool
                done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                while not events.empty():
                    bars.show(*events.get())
                for future in done:
                    run, pool = running.pop(future)
                    free.append(pool)
                    finish(run, future.result(), f"{len(runs) - len(waiting) - len(running)} of {len(runs)}", bars)


def finish(run: Run, record: records.Record, count: str, bars: Bars) -> None:
    records.write(record)
    checkpoint_of(run).unlink(missing_ok=True)
    bars.finish(str(run), f"{record.failed or f'{record.seconds:.1f} s'}, {count}")


def tell(events: multiprocessing.Queue) -> None:
    """In a worker: where it says how far it is."""
    work.events = events


def work(run: Run, device: str, root: str) -> records.Record:
    return perform(run, device, root, lambda done, text: work.events.put((str(run), done, text)))


if __name__ == "__main__":
    try:
        main()
    except CourseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: what is finished is recorded, run the same command to go on")
