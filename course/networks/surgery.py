"""Operations on trained networks: put layers in that change nothing, take a block out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from course.networks.layers import shortcut
from course.networks.resnet import ResNet, cifar_resnet


@torch.no_grad()
def deepen(net: ResNet, depth: int, images: Tensor) -> ResNet:
    """A plain network of `depth` layers that computes what the plain `net` computes
    (He et al. 2016a, section 1).

    The trained layers keep their places; each stage goes on with blocks that pass their input on. images: (N,
    C, H, W) normalised, whose statistics the new batch normalisations are given, so that they pass it on in
    training too. Raises CourseError for a depth that is not 6n + 2.
    """
    deep = cifar_resnet(
        depth, shortcut=None, in_channels=net.conv1.in_channels, num_classes=net.fc.out_features
    )
    deep.load_state_dict(net.state_dict(), strict=False)  # what has no counterpart in `net` is new
    for name, x in stage_outputs(net, images).items():
        stage, trained = getattr(deep, name), getattr(net, name)
        for block in stage[len(trained) :]:
            become_identity(block.conv1, block.bn1, x)
            become_identity(block.conv2, block.bn2, x)
    return deep.to(images.device).eval()


def become_identity(conv: nn.Conv2d, norm: Any, x: Tensor) -> None:
    """norm: the nn.BatchNorm2d that follows.  x: (N, C, H, W), what arrives.

    With the deviation of x as scale and its mean as shift, normalising x changes nothing.
    """
    nn.init.dirac_(conv.weight)  # 1 in the middle of a channel's own kernel, 0 elsewhere
    variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(mean)


def stage_outputs(net: ResNet, images: Tensor) -> dict[str, Tensor]:
    """What leaves each stage at inference: "layer1" -> (N, 16, H, W), ..."""
    outputs: dict[str, Tensor] = {}
    names = [f"layer{number}" for number in range(1, net.stages + 1)]
    hooks = [
        net.get_submodule(name).register_forward_hook(
            lambda m, i, out, name=name: outputs.__setitem__(name, out)
        )
        for name in names
    ]
    net.eval()(images)
    for hook in hooks:
        hook.remove()
    return outputs


def blocks(net: ResNet) -> list[str]:
    """The names of the blocks in order: "layer1.0", "layer1.1", ..."""
    return [
        f"layer{number}.{place}"
        for number in range(1, net.stages + 1)
        for place in range(len(getattr(net, f"layer{number}")))
    ]


@contextmanager
def without(net: ResNet, name: str) -> Iterator[None]:
    """The network without one block of two layers: its input goes out, by option A where the shape changes.

    In a residual network the shortcut remains; in a plain one, a shortcut of that kind is put in
    (Veit et al. 2016).
    """
    layer, place = name.split(".")
    stage, index = getattr(net, layer), int(place)
    block = stage[index]
    first, last = block.conv1, block.conv2
    stage[index] = shortcut("pad", first.in_channels, last.out_channels, first.stride[0])
    try:
        yield
    finally:
        stage[index] = block
