"""How many runs side by side train the most images per second? What --jobs of scripts/train.py is best here?

    python scripts/side_by_side.py                           ResNet-20, one run, two, ... one for each core
    python scripts/side_by_side.py --device cuda --jobs 1 2 4 8 16

Each run is a process of one thread, as scripts/train.py starts it, with the loop of course.training on images
of its own. All begin together. Recorded in figures/runs/.
"""

import os
import sys
import time
from concurrent.futures import Future, wait
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

import torch
from tqdm import tqdm

from course import CourseError, records
from course.data import Dataset, load
from course.experiments import speed
from course.experiments.curves import Curves
from course.experiments.speed import TURN, choose_network, first_batches, our_loop, timed
from course.experiments.workers import SPAWN, Worker, interruption_held, workers
from course.machine.devices import check_device, describe, precision


def main() -> None:
    parser = speed.parser(__doc__)
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
    if min(*args.jobs, args.turns) < 1:
        raise CourseError("--jobs and --turns of less than 1 measure nothing: choose 1 or more")
    torch.set_num_threads(1)
    spec = choose_network(args.network)
    some = first_batches(load("cifar10", args.root), spec, TURN[torch.device(args.device).type])
    start = time.perf_counter()
    with workers(
        max(args.jobs), "try fewer --jobs", Turns, spec, some, args.device, barriers(max(args.jobs))
    ) as ready:
        rows = measure(ready, args.jobs, args.turns, len(some.train_x))
    record = records.make(
        "side-by-side",
        f"{args.network}-{torch.device(args.device).type}",
        {"kind": "SideBySide", "turns": args.turns} | records.plain(asdict(spec)),
        rows,
        data=some,
        seconds=time.perf_counter() - start,
        device=describe(args.device),
        precision=precision(spec.recipe.precision, args.device),
    )
    records.write(record)
    report(rows)


def barriers(most: int) -> dict:
    """For so many workers or fewer, where they wait for one another."""
    return {jobs: SPAWN.Barrier(jobs) for jobs in range(1, most + 1)}


def measure(ready: list[Worker], jobs: list[int], turns: int, images: int) -> list[dict]:
    """A row a turn of each number of jobs; they take turns: what else the machine does disturbs all alike."""
    rows = []
    rate(ready, images)  # all warm up
    with tqdm(total=turns * len(jobs), desc="turns", disable=None) as bar:
        for turn in range(1, turns + 1):
            for count in jobs:
                rows.append({"jobs": count, "turn": turn, "images_per_second": rate(ready[:count], images)})
                bar.update()
    return rows


def rate(ready: list[Worker], images: int) -> float:
    """Images per second of a turn of `images` images in each worker: all of them, over the slowest's time."""
    with interruption_held():
        started = [worker.call(len(ready)) for worker in ready]
    turns: set[Future] = set()
    while len(turns) < len(ready):
        with interruption_held():
            turns, _ = wait(started, timeout=0.2)
            slowest = max((turn.result() for turn in turns), default=0.0)
    return len(ready) * images / slowest


class Turns:
    """In a worker: the seconds of a turn, which begins when so many others are ready, too."""

    def __init__(self, spec: Curves, data: Dataset, device: str, barriers: dict):
        self.device, self.barriers = torch.device(device), barriers
        try:
            self.turn = our_loop(spec, data, self.device)
            self.turn()
        except torch.OutOfMemoryError:
            os._exit(1)

    def __call__(self, jobs: int) -> float:
        self.barriers[jobs].wait()
        return timed(self.turn, self.device)


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
