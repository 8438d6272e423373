"""Results: what blocks and networks cost, and what a difference between two errors is worth."""
import torch
from torch import Tensor

from course.networks import IMAGENET


def basic_weights(width: int) -> int:
    """Exercise 2. The weights of a basic block's convolutions: two of 3x3, from `width` channels to `width`."""
    return 2 * 9 * width**2


def bottleneck_weights(width: int) -> int:
    """Exercise 2. The weights of a bottleneck's convolutions: 1x1 from 4 width to width, 3x3, 1x1 back to 4 width."""
    return 4 * width * width + 9 * width**2 + width * 4 * width


def resnet_multiply_adds(depth: int) -> int:
    """Exercise 3. The multiply-adds of a plain or residual network of IMAGENET[depth] for one image of 224 x 224; shortcuts not counted.

    The first convolution is 7x7, from 3 channels to 64, at 112 x 112. The stages have 64, 128, 256 and 512 channels at 56,
    28, 14 and 7 pixels. The first block of each stage but the first halves the size: in a basic block the first
    convolution has the stride, in a bottleneck the 3x3 (so the 1x1 before it still works on the larger map).
    At the end, after global average pooling, stands one fully connected layer to 1,000 classes.
    IMAGENET[depth] is the kind of block, whose `expansion` is 1 or 4, and the number of blocks of each stage.
    """
    block, counts = IMAGENET[depth]
    total, channels = 7 * 7 * 3 * 64 * 112**2, 64
    for stage, (width, count) in enumerate(zip((64, 128, 256, 512), counts)):
        size = 56 // 2**stage
        for number in range(count):
            before = size * 2 if stage and number == 0 else size
            out = width * block.expansion
            if block.expansion == 1:
                total += 9 * channels * width * size**2 + 9 * width * width * size**2
            else:
                total += channels * width * before**2 + 9 * width * width * size**2 + width * out * size**2
            channels = out
    return total + channels * 1000


def difference(wrong_a: Tensor, wrong_b: Tensor) -> tuple[float, float]:
    """Exercise 4. By how many points network a's error is above network b's on the same images, and the standard error of that.

    wrong_a, wrong_b: (N,) booleans, whether the network is wrong on the image. The standard error is the deviation of the
    N single differences (with N - 1), divided by the root of N.
    """
    differences = 100 * (wrong_a.double() - wrong_b.double())
    return differences.mean().item(), (differences.std() / len(differences) ** 0.5).item()


def best_of(runs: int, mean: float, deviation: float, repetitions: int = 20_000) -> float:
    """Exercise 5. The error that is reported on average if only the best of so many runs is.

    Under seed 0, draw a table (repetitions, runs) of errors from a normal distribution with this mean and deviation.
    """
    torch.manual_seed(0)
    errors = mean + deviation * torch.randn(repetitions, runs)
    return errors.min(dim=1).values.mean().item()
