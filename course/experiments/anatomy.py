"""What is counted or read, not trained: layers, torchvision's weights, activation functions."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course.experiments.spec import Setting
from course.networks import ACTIVATIONS, build, weight_layers
from course.records.statistics import Rows


@dataclass(frozen=True)
class Anatomy:
    """The layers of a network, read off the module itself; one row a layer with weights.

    family: see course.networks.build; with "cifar-" before it, the network for small images.
    Built on the meta device: shapes without numbers, so that 144 million parameters cost nothing.
    """

    name: str
    family: str
    depth: int
    side: int = 224  # pixels of the square input image
    data: None = None
    work: int = 1

    def network(self) -> nn.Module:
        """For large images with option B, as torchvision has it;
        the small ones are the paper's, with option A.
        """
        if self.family.startswith("cifar-"):
            return build(self.family.removeprefix("cifar-"), self.depth, "small", classes=10)
        return build(self.family, self.depth, shortcut="project")

    def measure(self, given: Setting) -> Rows:
        with torch.device("meta"):
            net = self.network().eval()
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
