"""Images per second: our training loop, the usual one, the bound that the device's arithmetic sets, and inference.

    python scripts/benchmark.py                              ResNet-20 on this machine's CPU
    python scripts/benchmark.py --network vgg-16-bn --device cuda

Both loops train the same network on the same images, with the same batch. They take turns, so that whatever else the
machine does disturbs both alike; what is reported is their ratio. The result is recorded in figures/runs/.

Ours: images and augmentation as tensors on the device, bfloat16 passes, channels last (course.train).
Usual: a DataLoader whose workers transform one image at a time with torchvision, float32, a number read back each step.
Inference: the test images through `course.train.evaluate`, float32.
"""
import argparse
import os
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
from course.experiments import EXPERIMENTS
from course.measurements import Curves
from course.devices import check_device, describe
from course.train import Recipe, begin, evaluate, train_epoch

TURN = 20  # batches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet-20", help="a network of cifar10 or cifar10-vgg (default: resnet-20)")
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    parser.add_argument("--root", default="data", help="where CIFAR-10 lies (default: data)")
    parser.add_argument("--turns", type=int, default=6, help=f"turns of {TURN} batches for each (default: 6)")
    args = parser.parse_args()
    check_device(args.device)
    if args.turns < 1:
        raise CourseError(f"--turns {args.turns} measures nothing: choose 1 or more")

    device = torch.device(args.device)
    spec = choose_network(args.network)
    data = load("cifar10", args.root)
    loops = {"ours": our_loop(spec, few(data, spec), device), "usual": usual_loop(spec, data, device), "inference": inference(spec, data, device)}
    rows = []
    with tqdm(total=len(loops) * (args.turns + 1), desc="turns", disable=None) as bar:
        for turn in range(args.turns + 1):
            for name, run in loops.items():
                seconds = timed(run, device)
                if turn > 0:  # the first one warms up
                    rows.append({"loop": name, "turn": turn, "images_per_second": TURN * spec.recipe.batch / seconds})
                bar.update()
    rows.append({"loop": "bound", "turn": 0, "images_per_second": bound(spec.network(data.channels, data.classes), device)})

    record = records.Record(
        experiment="benchmark",
        run=f"{args.network}-{device.type}",
        seed=0,
        spec={"kind": "Benchmark", "turns": args.turns} | records.plain(asdict(spec)),
        data={"name": data.name, "digest": data.digest, **data.sizes()},
        table=records.columns(rows),
        seconds=round(sum(TURN * spec.recipe.batch / r["images_per_second"] for r in rows if r["turn"]), 2),
        device=describe(args.device),
        versions=records.versions(),
        commit=records.commit(),
    )
    records.write(record)
    report(rows, record.device)


def choose_network(name: str) -> Curves:
    """A network of CIFAR-10 with its recipe at a rate of zero: all the arithmetic, and nothing that diverges in the middle.

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


def few(data: Dataset, spec: Curves) -> Dataset:
    """As many training images as a turn has, and one to test on."""
    count = TURN * spec.recipe.batch
    return replace(data, train_x=data.train_x[:count], train_y=data.train_y[:count], test_x=data.test_x[:1], test_y=data.test_y[:1])


def our_loop(spec, data: Dataset, device: torch.device):
    """A turn is an epoch of `course.train` over all of `data`, see few."""
    data = data.to(device)
    state = begin(spec.network(data.channels, data.classes).to(device), data, spec.recipe, seed=0)
    return lambda: train_epoch(state, data, spec.recipe)


def inference(spec, data: Dataset, device: torch.device):
    count = TURN * spec.recipe.batch
    data = replace(data, test_x=data.test_x[:count], test_y=data.test_y[:count]).to(device)
    net = spec.network(data.channels, data.classes).to(device)
    return lambda: evaluate(net, data.testing())


def usual_loop(spec, data: Dataset, device: torch.device):
    """What the common scripts do: PIL images, transforms one by one, workers, float32, `loss.item()`."""
    images = transforms.Compose(
        [
            transforms.ToPILImage(),
            transforms.RandomCrop(32, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(data.mean.mean(dim=(1, 2)), [data.std] * 3),
        ]
    )
    pairs = [(x, int(y)) for x, y in zip(data.train_x.permute(0, 2, 3, 1).numpy(), data.train_y)]  # (H, W, C), as torchvision keeps them
    loader = DataLoader(
        Transformed(pairs, images), spec.recipe.batch, shuffle=True, drop_last=True, num_workers=os.cpu_count(), persistent_workers=True, pin_memory=device.type == "cuda"
    )
    net = spec.network(data.channels, data.classes).to(device)
    recipe: Recipe = spec.recipe
    optimiser = torch.optim.SGD(net.parameters(), recipe.learning_rate, recipe.momentum, weight_decay=recipe.weight_decay)
    stream = endless(loader)

    def turn() -> None:
        net.train()
        for _ in range(TURN):
            x, y = (part.to(device) for part in next(stream))
            loss = F.cross_entropy(net(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()

    return turn


def endless(loader: DataLoader):
    while True:
        yield from loader


class Transformed(torch.utils.data.Dataset):
    def __init__(self, pairs: list, transform):
        self.pairs, self.transform = pairs, transform

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int):
        x, y = self.pairs[index]
        return self.transform(x), y


def bound(net: nn.Module, device: torch.device) -> float:
    """Images per second if all multiply-adds of a training step (three forward passes) ran at the rate of a large matrix product."""
    with FlopCounterMode(display=False) as counter:
        net.eval()(torch.zeros(1, 3, 32, 32))
    size = 8192 if device.type == "cuda" else 2048
    a, b = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    fastest = min(timed(lambda: a @ b, device) for _ in range(10))
    return 2 * size**3 / fastest / (3 * counter.get_total_flops())


def report(rows: list[dict], device: str) -> None:
    rates = {name: [r["images_per_second"] for r in rows if r["loop"] == name] for name in ("ours", "usual", "bound", "inference")}
    ratios = torch.tensor(rates["ours"]) / torch.tensor(rates["usual"])
    mean = {name: sum(values) / len(values) for name, values in rates.items()}
    print(f"{device}\n{'training':10s}{'images/s':>12s}{'of the bound':>14s}")
    for name in ("ours", "usual", "bound"):
        print(f"{name:10s}{mean[name]:12,.0f}{100 * mean[name] / mean['bound']:12.1f} %")
    print(f"{'inference':10s}{mean['inference']:12,.0f}")
    spread = f" ± {ratios.std():.2f}" if len(ratios) > 1 else ""
    print(f"ours is {ratios.mean():.2f}{spread} times the usual loop, over {len(ratios)} turns each")


if __name__ == "__main__":
    ending.run(main, stopped="nothing is recorded")
