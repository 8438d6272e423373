"""Where the time of our training loop goes: what the host starts in an iteration, what the device runs, and
how long it is busy.

    python scripts/kernels.py --device cuda                      ResNet-20
    python scripts/kernels.py --network vgg-16-bn --iterations 50

The iterations run twice: once as ever, for their time, and once under PyTorch's profiler, which slows the
host down. A device that is busy for less than the time of an iteration waits for the host.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from course import CourseError
from course.data import load
from course.experiments import speed
from course.experiments.speed import choose_network, first_batches, our_loop, timed
from course.machine.devices import check_device, describe, reason


def main() -> None:
    parser = speed.parser(__doc__)
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
    turn = our_loop(spec, first_batches(load("cifar10", args.root), spec, args.iterations), device)
    turn()  # warms up, and records the graph of the passes
    seconds = timed(turn, device)
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
    with profile(activities=activities) as seen:
        timed(turn, device)
    print(f"{args.network} on {describe(args.device)}, {reason(spec.recipe.precision, device)}")
    report(seen, seconds, args.iterations, spec.recipe.batch)


def report(seen: profile, seconds: float, iterations: int, batch: int) -> None:
    """seconds: of the iterations without the profiler."""
    events = seen.events()
    kernels = [event for event in events if event.device_type == DeviceType.CUDA]
    started = [event for event in events if event.device_type == DeviceType.CPU and event.cpu_parent is None]
    print(f"an iteration of {iterations}:")
    print(f"{1000 * seconds / iterations:10.2f} ms, {batch * iterations / seconds:,.0f} images/s")
    print(f"{len(started) / iterations:10.1f} operations that the host starts")
    if kernels:
        busy = sum(event.time_range.elapsed_us() for event in kernels) / 1e6
        print(f"{len(kernels) / iterations:10.1f} kernels and copies that the device runs")
        share = f"{100 * busy / seconds:.0f} % of the time"
        print(f"{1000 * busy / iterations:10.2f} ms in which it is busy, {share}")
    time = f"self_{'device' if kernels else 'cpu'}_time_total"
    print(seen.key_averages().table(sort_by=time, row_limit=10, max_name_column_width=60))


if __name__ == "__main__":
    ending.run(main, stopped="nothing is recorded here")
