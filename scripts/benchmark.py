"""Images per second: our training loop, the usual one,
the bound that the device's arithmetic sets, and inference.

    python scripts/benchmark.py                              ResNet-20 on this machine's CPU
    python scripts/benchmark.py --network vgg-16-bn --device cuda

Both loops train the same network on the same images, with the same batch, an epoch of them a turn. They take
turns, so that whatever else the machine does disturbs both alike; what is reported is their ratio. Nothing is
prepared outside its own turn: the usual loop's workers begin with it and are idle after it. The result is
recorded in figures/runs/.

Ours: images and augmentation as tensors on the device, channels last, passes in bfloat16 where the device has
instructions for it (course.training).
Usual: a DataLoader whose --workers transform one image at a time with torchvision, float32, a number read
back each step.
Bound: all multiply-adds at the rate of a large matrix product, in the precision of our passes.
Inference: the test images through `course.training.evaluate`, float32.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode
from torchvision import transforms
from tqdm import tqdm

from course import CourseError, records
from course.data import Dataset, load
from course.experiments import speed
from course.experiments.speed import TURN, choose_network, first_batches, our_loop, timed
from course.machine.devices import check_device, describe, precision
from course.training import Recipe, evaluate


def main() -> None:
    args = arguments()
    device, spec = torch.device(args.device), choose_network(args.network)
    data = first_batches(load("cifar10", args.root), spec, TURN[device.type])
    kind = precision(spec.recipe.precision, device)
    loops = {
        "ours": our_loop(spec, data, device),
        "usual": usual_loop(spec, data, device, args.workers),
        "inference": inference(spec, data, device),
    }
    rows = compare(loops, data, device, args.turns)
    fastest = bound(spec.network(data.channels, data.classes), device, kind)
    rows.append({"loop": "bound", "turn": 0, "seconds": None, "images_per_second": fastest})
    record = records.make(
        "benchmark",
        f"{args.network}-{device.type}" + (f"-{kind}" if kind != spec.recipe.precision else ""),
        {"kind": "Benchmark", "turns": args.turns, "batches": TURN[device.type], "workers": args.workers}
        | records.plain(asdict(spec)),
        rows,
        data=data,
        seconds=sum(row["seconds"] for row in rows if row["turn"]),
        device=describe(args.device),
        precision=kind,
    )
    records.write(record)
    report(record)


def arguments() -> argparse.Namespace:
    parser = speed.parser(__doc__)
    parser.add_argument("--turns", type=int, default=6, help="turns of each that count (default: 6)")
    parser.add_argument(
        "--workers",
        type=int,
        default=4,
        help="processes of the usual loop that transform images (default: 4, as in widely used scripts)",
    )
    args = parser.parse_args()
    check_device(args.device)
    if args.turns < 1:
        raise CourseError(f"--turns {args.turns} measures nothing: choose 1 or more")
    if args.workers < 0:
        raise CourseError(
            f"--workers {args.workers} is no number of processes: choose 0 or more, 0 for none beside the "
            "loop itself"
        )
    return args


def compare(
    loops: dict[str, Callable[[], object]], data: Dataset, device: torch.device, turns: int
) -> list[dict[str, Any]]:
    """A row a loop and turn; the loops take turns, the first of which warms up and does not count."""
    rows: list[dict[str, Any]] = []
    with tqdm(total=len(loops) * (turns + 1), desc="turns", disable=None) as bar:
        for turn in range(turns + 1):
            for name, run in loops.items():
                seconds = timed(run, device)
                rate = len(data.test_x if name == "inference" else data.train_x) / seconds
                rows.append({"loop": name, "turn": turn, "seconds": seconds, "images_per_second": rate})
                bar.update()
    return [row for row in rows if row["turn"] > 0]


def inference(spec, data: Dataset, device: torch.device):
    data = data.to(device)
    net = spec.network(data.channels, data.classes).to(device)
    return lambda: evaluate(net, data.testing())


def usual_loop(spec, data: Dataset, device: torch.device, workers: int):
    """What the common scripts do: PIL images, transforms one by one, workers, float32, `loss.item()`. A turn
    is an epoch."""
    images = transforms.Compose(
        [
            transforms.ToPILImage(),
            transforms.RandomCrop(32, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(data.mean.mean(dim=(1, 2)), [data.std] * 3),
        ]
    )
    # (H, W, C), as torchvision keeps them
    pairs = [(x, int(y)) for x, y in zip(data.train_x.permute(0, 2, 3, 1).numpy(), data.train_y)]
    loader = DataLoader(
        Transformed(pairs, images),
        spec.recipe.batch,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=device.type == "cuda",
    )
    net = spec.network(data.channels, data.classes).to(device)
    recipe: Recipe = spec.recipe
    optimiser = torch.optim.SGD(
        net.parameters(), recipe.learning_rate, recipe.momentum, weight_decay=recipe.weight_decay
    )

    def turn() -> None:
        net.train()
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            loss = F.cross_entropy(net(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()

    return turn


class Transformed(torch.utils.data.Dataset):
    def __init__(self, pairs: list, transform):
        self.pairs, self.transform = pairs, transform

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int):
        x, y = self.pairs[index]
        return self.transform(x), y


def bound(net: nn.Module, device: torch.device, kind: str) -> float:
    """Images per second if all multiply-adds of a training step (three forward passes)
    ran at the rate of a large matrix product.
    """
    with FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, 3, 32, 32))
    size = 8192 if device.type == "cuda" else 2048
    a, b = (torch.randn(size, size, device=device, dtype=getattr(torch, kind)) for _ in range(2))
    fastest = min(timed(lambda: a @ b, device) for _ in range(10))
    return 2 * size**3 / fastest / (3 * counter.get_total_flops())


def report(record: records.Record) -> None:
    rates = {
        name: torch.tensor([row["images_per_second"] for row in record.rows() if row["loop"] == name])
        for name in ("ours", "usual", "bound", "inference")
    }
    ratios, workers = rates["ours"] / rates["usual"], record.spec["workers"]
    print(
        f"{record.device}; ours in {record.precision}; the usual loop in float32 with {workers} "
        f"worker{'s'[: workers != 1]}"
    )
    print(f"{'training':10s}{'images/s':>18s}{'of the bound':>14s}")
    for name in ("ours", "usual", "bound"):
        share = 100 * rates[name].mean() / rates["bound"].mean()
        print(f"{name:10s}{with_spread(rates[name], 0):>18s}{share:12.1f} %")
    print(f"{'inference':10s}{with_spread(rates['inference'], 0):>18s}")
    print(
        f"ours is {with_spread(ratios, 2)} times the usual loop, over {len(ratios)} turns of "
        f"{record.spec['batches']} batches each"
    )


def with_spread(values: torch.Tensor, places: int) -> str:
    return f"{values.mean():,.{places}f}" + (f" ± {values.std():,.{places}f}" if len(values) > 1 else "")


if __name__ == "__main__":
    ending.run(main, stopped="nothing is recorded")
