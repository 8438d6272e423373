"""Where the time of our training loop goes: what the host starts in an iteration, what the device runs, and
how long it is busy.

    python scripts/kernels.py --device cuda                      ResNet-20
    python scripts/kernels.py --network vgg-16-bn --iterations 50

The iterations run twice: once as ever, for their time, and once under PyTorch's profiler, which slows the
host down. A device that is busy for less than the time of an iteration waits for the host.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import ending

if __name__ == "__main__":
    ending.before_imports()

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from course import CourseError
from course.data import load
from course.devices import check_device, describe, reason
from scripts.benchmark import choose_network, few, our_loop, timed


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
        "--iterations", type=int, default=200, help="how many to look at, at most an epoch (default: 200)"
    )
    args = parser.parse_args()
    check_device(args.device)
    if not 1 <= args.iterations <= 390:
        raise CourseError(
            f"--iterations {args.iterations} is less than one or more than an epoch: choose from 1 to 390"
        )
    device, spec = torch.device(args.device), choose_network(args.network)
    turn = our_loop(spec, few(load("cifar10", args.root), spec, args.iterations), device)
    turn()  # warms up, and records the graph of the passes
    seconds = timed(turn, device)
    with profile(
        activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
    ) as seen:
        timed(turn, device)

    events = seen.events()
    kernels = [event for event in events if event.device_type == DeviceType.CUDA]
    started = [event for event in events if event.device_type == DeviceType.CPU and event.cpu_parent is None]
    busy = sum(event.time_range.elapsed_us() for event in kernels)
    print(
        f"{args.network} on {describe(args.device)}, {reason(spec.recipe.precision, device)}; an iteration "
        f"of {args.iterations}:"
    )
    print(
        f"{1000 * seconds / args.iterations:10.2f} ms, {spec.recipe.batch * args.iterations / seconds:,.0f} "
        "images/s"
    )
    print(f"{len(started) / args.iterations:10.1f} operations that the host starts")
    if kernels:
        print(f"{len(kernels) / args.iterations:10.1f} kernels and copies that the device runs")
        print(
            f"{busy / 1000 / args.iterations:10.2f} ms in which it is busy, {100 * busy / 1e6 / seconds:.0f} "
            "% of the time"
        )
    print(
        seen.key_averages().table(
            sort_by=f"self_{'device' if kernels else 'cpu'}_time_total",
            row_limit=10,
            max_name_column_width=60,
        )
    )


if __name__ == "__main__":
    ending.run(main, stopped="nothing is recorded here")
