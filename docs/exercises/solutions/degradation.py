"""The degradation problem: a schedule, the identity as a layer, a deeper network that is the shallower one, and training."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data import load
from course.networks import cifar_resnet
from course.training import Recipe, fit


def learning_rate(iteration: int, warm_up: int = 0) -> float:
    """Exercise 2. The rate of He et al. 2016a, section 4.2, at an iteration counted from 0.

    0.1, divided by ten at iteration 32,000 and again at 48,000; the first `warm_up` iterations run at 0.01.
    """
    if iteration < warm_up:
        return 0.01
    return 0.1 / 10 ** ((iteration >= 32_000) + (iteration >= 48_000))


def epochs(iterations: int, batch: int = 128, images: int = 50_000) -> float:
    """Exercise 2. How many times so many mini-batches show each training image, on average."""
    return iterations * batch / images


def identity_kernel(channels: int, size: int) -> Tensor:
    """Exercise 3. The weights (channels, channels, size, size) of the convolution that returns its input; size is odd.

    Without nn.init.dirac_, which would do it for you.
    """
    weight = torch.zeros(channels, channels, size, size)
    for channel in range(channels):
        weight[channel, channel, size // 2, size // 2] = 1
    return weight


def deepen(net: nn.Sequential, layers: int) -> nn.Sequential:
    """Exercise 4. A network with `layers` more pairs of Linear and ReLU that computes exactly what `net` computes.

    net: Linear, ReLU, ..., Linear, ReLU, Linear, with hidden layers of one width. `net` itself is not changed.
    """
    *hidden, last = net
    width = last.in_features
    added = []
    for _ in range(layers):
        linear = nn.Linear(width, width)
        nn.init.eye_(linear.weight)
        nn.init.zeros_(linear.bias)
        added += [linear, nn.ReLU()]
    return nn.Sequential(*hidden, *added, last)


def training_error(depth: int, iterations: int = 22, shortcut: str | None = None) -> float:
    """Exercise 5. The training error, in percent, in the last epoch of a short training on the digits.

    Under seed 0, build cifar_resnet(depth, shortcut, in_channels=1), plain or with "pad", and `fit` it to the digits with
    Recipe(iterations) and seed 0; `fit` returns one row an epoch.
    """
    torch.manual_seed(0)
    net = cifar_resnet(depth, shortcut, in_channels=1)
    return fit(net, load("digits"), Recipe(iterations), seed=0)[-1].train_error
