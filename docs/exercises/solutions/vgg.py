"""VGG: receptive fields, parameters, and a fully connected layer that is a convolution."""
import torch
from torch import Tensor, nn


def receptive_field(layers: list[tuple[int, int]]) -> int:
    """Exercise 2. How many pixels across one unit on top of the layers can see.

    layers: (kernel, stride) of each convolution or pooling, the first layer first.
    """
    field, step = 1, 1  # pixels seen; pixels between two neighbouring units
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


def vgg_parameters(table: list[int | str]) -> int:
    """Exercise 3. Count the weights and biases of a VGG network from its table, without building it.

    table: a number is a 3x3 convolution with so many output channels, "M" a max-pool; the image has 3 channels. Three
    fully connected layers follow, from 7 * 7 positions to 4,096, to 4,096 and to 1,000.
    """
    channels, total = 3, 0
    for row in table:
        if row != "M":
            total += 3 * 3 * channels * row + row
            channels = row
    features = channels * 7 * 7
    for out in (4096, 4096, 1000):
        total += features * out + out
        features = out
    return total


def as_convolution(linear: nn.Linear, channels: int, size: int) -> nn.Conv2d:
    """Exercise 4. The convolution that computes what `linear` computes on a flattened map of channels x size x size.

    On a larger image it gives one answer for each position: the dense evaluation of the VGG paper, section 3.2.
    """
    conv = nn.Conv2d(channels, linear.out_features, size)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.view(-1, channels, size, size))
        conv.bias.copy_(linear.bias)
    return conv


def deviations(depth: int, weight_deviation: float | None) -> list[float]:
    """Exercise 5. The standard deviation of the output of each of `depth` 3x3 convolutions with 64 channels, before its ReLU.

    The weights are drawn from N(0, weight_deviation^2), or with He's variance 2 / fan_in if it is None; there are no
    biases. The input is a batch of 4 random images with 64 channels of 16 x 16 pixels, from N(0, 1).
    """
    torch.manual_seed(0)
    x, found = torch.randn(4, 64, 16, 16), []
    for _ in range(depth):
        conv = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        nn.init.normal_(conv.weight, std=weight_deviation or (2 / (64 * 9)) ** 0.5)
        z = conv(x)
        found.append(z.std().item())
        x = z.relu()
    return found
