"""Images per second: our training loop, the usual one,
the bound that the device's arithmetic sets, and inference.

    python scripts/benchmark.py                              ResNet-20 on this machine's CPU
    python scripts/benchmark.py --network vgg-16-bn --device cuda

Both loops train the same network on the same images, with the same batch, an epoch of them a turn. They take
turns, so that whatever else the machine does disturbs both alike; what is reported is their ratio. Nothing is
prepared outside its own turn: the usual loop's workers begin with it and are idle after it. The result is
recorded in figures/runs/.

Ours: images and augmentation as tensors on the device, channels last, passes in bfloat16 where the device has
instructions for it (course.train).
Usual: a DataLoader whose --workers transform one image at a time with torchvision, float32, a number read
back each step.
Bound: all multiply-adds at the rate of a large matrix product, in the precision of our passes.
Inference: the test images through `course.train.evaluate`, float32.
"""

import argparse
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import ending

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
from course.devices import check_device, describe, precision
from course.experiments import EXPERIMENTS
from course.measurements import Curves
from course.train import Recipe, begin, evaluate, train_epoch

TURN = {"cpu": 20, "cuda": 390}  # batches; 390 are an epoch of CIFAR-10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--network", default="resnet-20", help="a network of cifar10 or cifar10-vgg (default: resnet-20)"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where CIFAR-10 lies (default: data)")
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

    device = torch.device(args.device)
    spec = choose_network(args.network)
    data = few(load("cifar10", args.root), spec, TURN[device.type])
    kind = precision(spec.recipe.precision, device)
    loops = {
        "ours": our_loop(spec, data, device),
        "usual": usual_loop(spec, data, device, args.workers),
        "inference": inference(spec, data, device),
    }
    rows: list[dict] = []
    with tqdm(total=len(loops) * (args.turns + 1), desc="turns", disable=None) as bar:
        for turn in range(args.turns + 1):
            for name, run in loops.items():
                seconds = timed(run, device)
                if turn > 0:  # the first one warms up
                    images = len(data.test_x if name == "inference" else data.train_x)
                    rate = images / seconds
                    rows.append({"loop": name, "turn": turn, "seconds": seconds, "images_per_second": rate})
                bar.update()
    rows.append(
        {
            "loop": "bound",
            "turn": 0,
            "seconds": None,
            "images_per_second": bound(spec.network(data.channels, data.classes), device, kind),
        }
    )

    record = records.Record(
        experiment="benchmark",
        run=f"{args.network}-{device.type}" + (f"-{kind}" if kind != spec.recipe.precision else ""),
        seed=0,
        spec={"kind": "Benchmark", "turns": args.turns, "batches": TURN[device.type], "workers": args.workers}
        | records.plain(asdict(spec)),
        data={"name": data.name, "digest": data.digest, **data.sizes()},
        table=records.columns(rows),
        seconds=round(sum(row["seconds"] for row in rows if row["turn"]), 2),
        device=describe(args.device),
        precision=kind,
        versions=records.versions(),
        commit=records.commit(),
    )
    records.write(record)
    report(rows, record)


def choose_network(name: str) -> Curves:
    """A network of CIFAR-10 with its recipe at a rate of zero: all the arithmetic,
    and nothing that diverges in the middle.

    Raises CourseError for an unknown name.
    """
    specs = {spec.name: spec for name in ("cifar10", "cifar10-vgg") for spec in EXPERIMENTS[name].specs}
    if name not in specs:
        raise CourseError(f"unknown network {name!r}: choose from {', '.join(specs)}")
    return replace(specs[name], recipe=replace(specs[name].recipe, learning_rate=0.0))


def timed(run, device: torch.device) -> float:
    start = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def few(data: Dataset, spec: Curves, batches: int) -> Dataset:
    """As many images as so many batches have: to train on, and at most as many to test on."""
    count = batches * spec.recipe.batch
    return replace(
        data,
        train_x=data.train_x[:count],
        train_y=data.train_y[:count],
        test_x=data.test_x[:count],
        test_y=data.test_y[:count],
    )


def our_loop(spec, data: Dataset, device: torch.device):
    """A turn is an epoch of `course.train` over all of `data`, see few, with a single image to test on."""
    data = replace(data, test_x=data.test_x[:1], test_y=data.test_y[:1]).to(device)
    state = begin(spec.network(data.channels, data.classes).to(device), data, spec.recipe, seed=0)
    return lambda: train_epoch(state, data, spec.recipe)


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


def report(rows: list[dict], record: records.Record) -> None:
    rates = {
        name: torch.tensor([r["images_per_second"] for r in rows if r["loop"] == name])
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
