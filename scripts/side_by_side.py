"""How many runs side by side train the most images per second? What --jobs of scripts/train.py is best here?

    python scripts/side_by_side.py                           ResNet-20, one run, two, ... up to one for each core
    python scripts/side_by_side.py --device cuda --jobs 1 2 4 8 16

Each run is a process of one thread, as scripts/train.py starts it, with the loop of course.train on images of its own. All
begin together. Recorded in figures/runs/.
"""
import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from tqdm import tqdm

from course import CourseError, records
from course.data import Dataset, load
from course.measurements import Curves
from course.runs import check_device, describe
from scripts.benchmark import TURN, choose_network, few, our_loop, timed
from scripts.train import interruption_held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet-20", help="a network of cifar10 or cifar10-vgg (default: resnet-20)")
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where CIFAR-10 lies (default: data)")
    parser.add_argument("--jobs", type=int, nargs="+", default=range(1, os.cpu_count() + 1), help="how many runs to try (default: 1 to the number of cores)")
    parser.add_argument("--turns", type=int, default=6, help=f"turns of {TURN} batches for each (default: 6)")
    args = parser.parse_args()
    check_device(args.device)
    if min(*args.jobs, args.turns, 2) < 1:
        raise CourseError("--jobs and --turns of less than 1 measure nothing: choose 1 or more")
    torch.set_num_threads(1)
    spec = choose_network(args.network)
    data = load("cifar10", args.root)

    start, rows = time.perf_counter(), []
    with Runs(spec, few(data, spec), args.device, max(args.jobs)) as runs, tqdm(total=args.turns * len(args.jobs), desc="turns", disable=None) as bar:
        for turn in range(1, args.turns + 1):
            for jobs in args.jobs:  # in turn, so that whatever else the machine does disturbs all alike
                rows.append({"jobs": jobs, "turn": turn, "images_per_second": runs.rate(jobs)})
                bar.update()
    record = records.Record(
        experiment="side-by-side",
        run=f"{args.network}-{torch.device(args.device).type}",
        seed=0,
        spec={"kind": "SideBySide", "turns": args.turns} | records.plain(asdict(spec)),
        data={"name": data.name, "digest": data.digest, **data.sizes()},
        table=records.columns(rows),
        seconds=round(time.perf_counter() - start, 2),
        device=describe(args.device),
        versions=records.versions(),
        commit=records.commit(),
    )
    records.write(record)
    report(rows)


class Runs:
    """As many processes as may train side by side, each with a network of its own, ready to begin."""

    def __init__(self, spec: Curves, data: Dataset, device: str, most: int):
        context = multiprocessing.get_context("spawn")
        self.images = len(data.train_x) // spec.recipe.batch * spec.recipe.batch
        self.barriers = {jobs: context.Barrier(jobs) for jobs in range(1, most + 1)}
        # A pool for each, as in scripts/train.py.
        self.pools = [ProcessPoolExecutor(1, context, begin_run, (spec, data, device, self.barriers)) for _ in range(most)]
        self.rate(most)  # all warm up

    def rate(self, jobs: int) -> float:
        """Images per second of `jobs` runs together: all of their images, over the time of the slowest."""
        try:
            with interruption_held():
                started = [pool.submit(seconds_of_a_turn, jobs) for pool in self.pools[:jobs]]
            turns, _ = wait(started, return_when=FIRST_EXCEPTION)
            return jobs * self.images / max(turn.result() for turn in turns)
        except BaseException as error:
            for process in multiprocessing.active_children():
                process.kill()
            if isinstance(error, BrokenProcessPool):
                raise CourseError(f"a run died, as when memory runs out: try fewer than --jobs {len(self.pools)}") from None
            raise

    def __enter__(self) -> "Runs":
        return self

    def __exit__(self, *error) -> None:
        for pool in self.pools:
            pool.shutdown()


def begin_run(spec: Curves, data: Dataset, device: str, barriers: dict) -> None:
    torch.set_num_threads(1)  # as a worker of scripts/train.py
    try:
        turn = our_loop(spec, data, torch.device(device))
        turn()
    except torch.OutOfMemoryError:
        os._exit(1)
    seconds_of_a_turn.given = turn, torch.device(device), barriers


def seconds_of_a_turn(jobs: int) -> float:
    """Waits for the others: all begin together."""
    turn, device, barriers = seconds_of_a_turn.given
    barriers[jobs].wait()
    return timed(turn, device)


def report(rows: list[dict]) -> None:
    rates = {jobs: [row["images_per_second"] for row in rows if row["jobs"] == jobs] for jobs in dict.fromkeys(row["jobs"] for row in rows)}
    mean = {jobs: sum(values) / len(values) for jobs, values in rates.items()}
    print(f"{'side by side':>12s}{'images/s':>12s}{f'times that of {min(mean)}':>18s}")
    for jobs, rate in mean.items():
        print(f"{jobs:12d}{rate:12,.0f}{rate / mean[min(mean)]:18.2f}")
    print(f"the most images per second: --jobs {max(mean, key=mean.get)}")


if __name__ == "__main__":
    try:
        main()
    except CourseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: nothing is recorded")
