"""AlexNet: sizes, parameters, work, normalisation across channels, dropout, and two activations compared."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data import load
from course.networks import mlp


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Exercise 2. The height of what a convolution or a max-pool makes of a map of height `size`."""
    return (size + 2 * padding - kernel) // stride + 1


def parameters(kernel: int, channels: int, out: int, groups: int = 1) -> int:
    """Exercise 3. The weights and biases of a convolution with square kernels."""
    return kernel**2 * channels // groups * out + out


def multiply_adds(kernel: int, channels: int, out: int, groups: int, height: int, width: int) -> int:
    """Exercise 3. The multiply-adds of that convolution for one image, with an *output* of height x width; biases not counted."""
    return kernel**2 * channels // groups * out * height * width


def local_response_norm(a: Tensor, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> Tensor:
    """Exercise 4. AlexNet's normalisation (section 3.3), without torch's own: a / (k + alpha * sum of squares) ** beta.

    a: (N, C, H, W).  The sum runs over the n channels around each one, n odd; at both ends over those that there are.
    """
    squares = F.pad(a.square(), (0, 0, 0, 0, n // 2, n // 2))  # zeros before the first and after the last channel
    total = sum(squares[:, shift : shift + a.shape[1]] for shift in range(n))
    return a / (k + alpha * total) ** beta


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    """Exercise 5. Zero each number with probability p in training and divide the others by 1 - p; change nothing at inference."""
    if not training:
        return x
    return x * (torch.rand_like(x) >= p) / (1 - p)


def steps_until(activation: str, init: str, seed: int = 0, error: float = 25.0) -> int:
    """Exercise 6. How many steps of gradient descent bring the training error on the digits to `error` percent or below.

    Under this seed, build mlp(5, activation=activation, init=init); each step uses all training digits, plain SGD with
    learning rate 0.1. Look at the error before each step, and give up after 300.
    """
    digits = load("digits")
    x, t = digits.normalise(digits.train_x), digits.train_y
    torch.manual_seed(seed)
    net = mlp(5, activation=activation, init=init)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(300):
        scores = net(x)
        if 100 * (scores.argmax(dim=1) != t).float().mean() <= error:
            return step
        optimiser.zero_grad()
        F.cross_entropy(scores, t).backward()
        optimiser.step()
    return 300
