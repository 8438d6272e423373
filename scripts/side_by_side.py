"""How many runs side by side train the most images per second? What --jobs of scripts/train.py is best here?

    python scripts/side_by_side.py                           ResNet-20, one run, two, ... up to one for each core
    python scripts/side_by_side.py --device cuda --jobs 1 2 4 8 16

Each run is a process of one thread, as scripts/train.py starts it, with the loop of course.train on images of its own. All
begin together. A small network leaves a large GPU mostly idle; how many fill it depends on both. Recorded in figures/runs/.
"""
import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from threading import BrokenBarrierError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from tqdm import tqdm

from course import CourseError, records
from course.data import Dataset, load
from course.measurements import Curves
from course.runs import check_device, describe
from scripts.benchmark import TURN, choose_network, our_loop, timed


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
    count = TURN * spec.recipe.batch
    few = replace(data, train_x=data.train_x[:count], train_y=data.train_y[:count], test_x=data.test_x[:1], test_y=data.test_y[:1])

    start, rows = time.perf_counter(), []
    for jobs in tqdm(args.jobs, desc="side by side", disable=None):
        for turn, rate in enumerate(train_together(spec, few, args.device, jobs, args.turns), start=1):
            rows.append({"jobs": jobs, "turn": turn, "images_per_second": rate})
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


def train_together(spec: Curves, data: Dataset, device: str, jobs: int, turns: int) -> list[float]:
    """Images per second of `jobs` runs together, for each turn: all of its images over the time of the slowest run."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, begin_run, (context.Barrier(jobs),)) as pool:
        try:
            runs = list(pool.map(seconds_of_turns, *zip(*[(spec, data, device, turns)] * jobs)))
        except (torch.OutOfMemoryError, BrokenBarrierError):
            raise CourseError(f"the memory of {device} is too small for {jobs} runs: choose fewer, --jobs 1 at the least") from None
    images = jobs * (len(data.train_x) // spec.recipe.batch) * spec.recipe.batch
    return [images / max(turn) for turn in zip(*runs)]


def begin_run(barrier) -> None:
    torch.set_num_threads(1)  # as a worker of scripts/train.py
    seconds_of_turns.barrier = barrier


def seconds_of_turns(spec: Curves, data: Dataset, device: str, turns: int) -> list[float]:
    """One run: a turn to warm up, then `turns` more, each begun together with the others'."""
    barrier, device = seconds_of_turns.barrier, torch.device(device)
    try:
        turn = our_loop(spec, data, device)
        turn()
    except BaseException:
        barrier.abort()  # or the others would wait for ever
        raise
    seconds = []
    for _ in range(turns):
        barrier.wait()
        seconds.append(timed(turn, device))
    return seconds


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
