"""How many runs side by side train the most images per second? What --jobs of scripts/train.py is best here?

    python scripts/side_by_side.py                           ResNet-20, one run, two, ... up to one for each
    core python scripts/side_by_side.py --device cuda --jobs 1 2 4 8 16

Each run is a process of one thread, as scripts/train.py starts it, with the loop of course.train on images of
its own. All begin together. Recorded in figures/runs/.
"""

import argparse
import os
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import ending

if __name__ == "__main__":
    ending.before_imports()

import torch
from tqdm import tqdm

from course import CourseError, records
from course.data import Dataset, load
from course.devices import check_device, describe, precision
from course.measurements import Curves
from scripts.benchmark import TURN, choose_network, few, our_loop, timed
from scripts.workers import SPAWN, interruption_held, workers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--network", default="resnet-20", help="a network of cifar10 or cifar10-vgg (default: resnet-20)"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where CIFAR-10 lies (default: data)")
    parser.add_argument(
        "--jobs",
        type=int,
        nargs="+",
        default=range(1, (os.cpu_count() or 1) + 1),
        help="how many runs to try (default: 1 to the number of cores)",
    )
    parser.add_argument("--turns", type=int, default=6, help="turns of each (default: 6)")
    args = parser.parse_args()
    check_device(args.device)
    if min(*args.jobs, args.turns, 2) < 1:
        raise CourseError("--jobs and --turns of less than 1 measure nothing: choose 1 or more")
    torch.set_num_threads(1)
    spec = choose_network(args.network)
    some = few(load("cifar10", args.root), spec, TURN[torch.device(args.device).type])
    images = len(some.train_x)
    most = max(args.jobs)
    barriers = {jobs: SPAWN.Barrier(jobs) for jobs in range(1, most + 1)}

    start, rows = time.perf_counter(), []
    with (
        workers(most, f"try fewer than --jobs {most}", begin_run, spec, some, args.device, barriers) as ready,
        tqdm(total=args.turns * len(args.jobs), desc="turns", disable=None) as bar,
    ):
        rate(ready, images)  # all warm up
        for turn in range(1, args.turns + 1):
            for jobs in args.jobs:  # in turn, so that whatever else the machine does disturbs all alike
                rows.append({"jobs": jobs, "turn": turn, "images_per_second": rate(ready[:jobs], images)})
                bar.update()
    record = records.Record(
        experiment="side-by-side",
        run=f"{args.network}-{torch.device(args.device).type}",
        seed=0,
        spec={"kind": "SideBySide", "turns": args.turns} | records.plain(asdict(spec)),
        data={"name": some.name, "digest": some.digest, **some.sizes()},
        table=records.columns(rows),
        seconds=round(time.perf_counter() - start, 2),
        device=describe(args.device),
        precision=precision(spec.recipe.precision, args.device),
        versions=records.versions(),
        commit=records.commit(),
    )
    records.write(record)
    report(rows)


def rate(pools: list[ProcessPoolExecutor], images: int) -> float:
    """Images per second of a turn of `images` images in each of the pools: all of them,
    over the time of the slowest.
    """
    with interruption_held():
        started = [pool.submit(seconds_of_a_turn, len(pools)) for pool in pools]
    turns: set[Future] = set()
    while len(turns) < len(pools):
        with interruption_held():
            turns, _ = wait(started, timeout=0.2)
            slowest = max((turn.result() for turn in turns), default=0.0)
    return len(pools) * images / slowest


def begin_run(spec: Curves, data: Dataset, device: str, barriers: dict) -> None:
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
    rates = {
        jobs: [row["images_per_second"] for row in rows if row["jobs"] == jobs]
        for jobs in dict.fromkeys(row["jobs"] for row in rows)
    }
    mean = {jobs: sum(values) / len(values) for jobs, values in rates.items()}
    print(f"{'side by side':>12s}{'images/s':>12s}{f'times that of {min(mean)}':>18s}")
    for jobs, rate in mean.items():
        print(f"{jobs:12d}{rate:12,.0f}{rate / mean[min(mean)]:18.2f}")
    print(f"the most images per second: --jobs {max(mean, key=lambda jobs: mean[jobs])}")


if __name__ == "__main__":
    ending.run(main, stopped="nothing is recorded")
