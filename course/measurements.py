"""The kinds of measurement that an experiment can be made of.

A specification is frozen, says all that determines its result, and knows how to `measure` it: the rows that
its record keeps. `work` says how much there is to do, in the units in which `measure` reports its progress.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course import weights
from course.checkpoints import Checkpoint
from course.data import Images
from course.layers import weight_layers
from course.models import ACTIVATIONS, alexnet, cifar_resnet, cifar_vgg, imagenet_resnet, vgg
from course.train import Epoch, Recipe, fit

Rows = list[dict[str, Any]]
Progress = Callable[[int, str], None]  # (work done since the last call, a word on where it stands)


@dataclass(frozen=True)
class Setting:
    """What a measurement is given.

    data: the data set its `data` names, on `device`.  checkpoint: where a training may go on from.  weights:
    the name under which trained weights are kept, or None.
    """

    seed: int
    data: Images | None
    device: str
    progress: Progress
    checkpoint: Checkpoint | None = None
    weights: str | None = None


class Spec(Protocol):
    """data: the name of the data set to measure on, or None."""

    name: str
    data: str | None
    work: int

    def measure(self, given: Setting) -> Rows: ...


@dataclass(frozen=True)
class Curves:
    """Train a network; one row an epoch.

    family: "plain", "resnet", "vgg" or "vgg-bn" (with batch normalisation).  On "imagenet" they are the
    networks for large images; residual ones have option A, and option B from 50 layers on (He et al.
    2016a, section 4.1).
    """

    name: str
    family: str
    depth: int
    data: str
    recipe: Recipe

    @property
    def work(self) -> int:
        return self.recipe.iterations * self.depth

    def network(self, channels: int, classes: int) -> nn.Module:
        large, residual = self.data == "imagenet", self.family == "resnet"
        if self.family.startswith("vgg"):
            return (vgg if large else cifar_vgg)(
                self.depth, batch_norm=self.family == "vgg-bn", num_classes=classes
            )
        if large:
            return imagenet_resnet(
                self.depth,
                ("pad" if self.depth < 50 else "project") if residual else None,
                num_classes=classes,
            )
        return cifar_resnet(
            self.depth, "pad" if residual else None, in_channels=channels, num_classes=classes
        )

    def measure(self, given: Setting) -> Rows:
        torch.manual_seed(given.seed)
        net = self.network(given.data.channels, given.data.classes).to(given.device)
        history = self.train(net, given)
        if given.weights:
            weights.keep(net, given.data, history[-1].test_error, given.weights)
        return [asdict(row) for row in history]

    def train(self, net: nn.Module, given: Setting) -> list[Epoch]:
        """Train `net` in place, going on from the checkpoint where there is one, and tell how far it is."""
        watch = Watch(given.progress, self.recipe, given.data.sizes()["train"], self.depth)
        return fit(net, given.data, self.recipe, given.seed, watch.epoch, given.checkpoint, watch.step)


class Watch:
    """Turns the iterations of a training into words on its progress: after each epoch,
    and each second of a long one.
    """

    def __init__(self, progress: Progress, recipe: Recipe, images: int, work: int):
        """images: in the training set.  work: of an iteration."""
        self.progress, self.batch, self.work = progress, recipe.batch, work
        self.iterations = max(1, images // recipe.batch)  # in an epoch
        self.epochs = -(-recipe.iterations // self.iterations)
        self.done, self.since, self.errors = 0, None, ""

    def step(self, done: int) -> None:
        if self.since is None:  # from here on there is a rate
            self.progress(done * self.work, "going on" if done else "starting")
            self.done, self.since = done, time.perf_counter()
        elif time.perf_counter() - self.since > 1:
            self.tell(done)

    def epoch(self, row: Epoch) -> None:
        self.errors = f", error {row.train_error:.1f} % training, {row.test_error:.1f} % test"
        self.tell(row.iteration)

    def tell(self, done: int) -> None:
        now = time.perf_counter()
        epoch, rate = -(-done // self.iterations), (done - self.done) * self.batch / (now - self.since)
        self.progress(
            (done - self.done) * self.work,
            f"epoch {epoch} of {self.epochs}{self.errors}, {rate:,.0f} images/s",
        )
        self.done, self.since = done, now


FAMILIES = {
    "alexnet": lambda depth: alexnet(),
    "vgg": vgg,
    "plain": lambda depth: imagenet_resnet(depth, shortcut=None),
    "resnet": imagenet_resnet,
    "cifar-resnet": cifar_resnet,
    "cifar-vgg": lambda depth: cifar_vgg(depth, batch_norm=False),
    "cifar-vgg-bn": cifar_vgg,
}


@dataclass(frozen=True)
class Anatomy:
    """The layers of a network, read off the module itself; one row a layer with weights.

    Built on the meta device: shapes without numbers, so that 144 million parameters cost nothing.
    """

    name: str
    family: str
    depth: int
    side: int = 224  # pixels of the square input image
    data: None = None
    work: int = 1

    def measure(self, given: Setting) -> Rows:
        with torch.device("meta"):
            net = FAMILIES[self.family](self.depth).eval()
            x = torch.zeros(1, 3, self.side, self.side)
        shapes: dict[str, tuple[int, ...]] = {}
        layers = weight_layers(net)
        for name, layer in layers:
            layer.register_forward_hook(
                lambda m, i, out, name=name: shapes.__setitem__(name, tuple(out.shape))
            )
        with FlopCounterMode(display=False) as counter:
            net(x)
        # Everything that is not in a counted layer (batch normalisation, projections)
        # stands in the row "other".
        flops = {name: sum(v.values()) for name, v in counter.get_flop_counts().items()}
        prefix = type(net).__name__
        rows = []
        for name, layer in layers:
            shape = shapes[name]
            rows.append(
                {
                    "layer": name,
                    "kind": "conv" if isinstance(layer, nn.Conv2d) else "fc",
                    "kernel": layer.kernel_size[0] if isinstance(layer, nn.Conv2d) else 0,
                    "stride": layer.stride[0] if isinstance(layer, nn.Conv2d) else 0,
                    "out": shape[1],
                    "side": shape[2] if len(shape) == 4 else 1,
                    "parameters": sum(p.numel() for p in layer.parameters()),
                    "multiply_adds": flops[f"{prefix}.{name}"] // 2,
                }
            )
        counted = {
            "parameters": sum(p.numel() for p in net.parameters()),
            "multiply_adds": flops["Global"] // 2,
        }
        rest = {key: total - sum(row[key] for row in rows) for key, total in counted.items()}
        rows.append({"layer": "other", "kind": "other", "kernel": 0, "stride": 0, "out": 0, "side": 0} | rest)
        given.progress(1, "counted")
        return rows


@dataclass(frozen=True)
class TorchvisionWeights:
    """What torchvision states about its trained ImageNet weights; one row a network.

    models: "resnet50" for the first weights, IMAGENET1K_V1, and "resnet50.IMAGENET1K_V2" for others.
    """

    name: str
    models: tuple[str, ...]
    data: None = None
    work: int = 1

    def measure(self, given: Setting) -> Rows:
        from torchvision.models import get_model_weights

        rows = []
        for model in self.models:
            network, _, weights = model.partition(".")
            meta = get_model_weights(network)[weights or "IMAGENET1K_V1"].meta
            accuracy = meta["_metrics"]["ImageNet-1K"]
            rows.append(
                {
                    "model": model,
                    "top1_error": round(100 - accuracy["acc@1"], 3),
                    "top5_error": round(100 - accuracy["acc@5"], 3),
                    "parameters": meta["num_params"],
                    "billions": meta["_ops"],  # multiply-adds, although torchvision prints them as GFLOPS
                }
            )
        given.progress(1, "read")
        return rows


@dataclass(frozen=True)
class Activation:
    """An activation function and, by automatic differentiation, its derivative; one row a point."""

    name: str
    limit: float = 6.0
    points: int = 241
    data: None = None
    work: int = 1

    def measure(self, given: Setting) -> Rows:
        x = torch.linspace(-self.limit, self.limit, self.points, dtype=torch.float64, requires_grad=True)
        y = ACTIVATIONS[self.name]()(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        given.progress(1, "differentiated")
        return [
            {"x": a, "value": b, "derivative": c} for a, b, c in zip(x.tolist(), y.tolist(), slope.tolist())
        ]
