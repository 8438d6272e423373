"""Batch normalisation: forward, backward, running statistics, and the layer folded into a convolution."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data import load


def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """Exercise 2. Batch normalisation of a convolution's output in training, without torch's own.

    x: (N, C, H, W).  gamma, beta: (C,).  Each channel is normalised over the batch and all positions.
    """
    mean = x.mean(dim=(0, 2, 3), keepdim=True)  # (1, C, 1, 1)
    variance = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma.view(-1, 1, 1) * (x - mean) / (variance + eps).sqrt() + beta.view(-1, 1, 1)


def updated(mean: Tensor, variance: Tensor, x: Tensor, momentum: float = 0.1) -> tuple[Tensor, Tensor]:
    """Exercise 3. The running mean and the running variance after one more mini-batch x: (N, features), as torch keeps them.

    The new value is (1 - momentum) times the old one plus momentum times the mini-batch's. The mini-batch's variance is
    the unbiased one here, with N - 1, although it is normalised with N.
    """
    new_mean = (1 - momentum) * mean + momentum * x.mean(dim=0)
    new_variance = (1 - momentum) * variance + momentum * x.var(dim=0, correction=1)
    return new_mean, new_variance


def batch_norm_backward(upstream: Tensor, x: Tensor, gamma: Tensor, eps: float = 1e-5) -> tuple[Tensor, Tensor, Tensor]:
    """Exercise 4. The gradients of the loss with respect to x, gamma and beta in a convolutional network, without autograd.

    upstream: (N, C, H, W), that with respect to y = gamma * (x - mean) / sqrt(variance + eps) + beta.  x: (N, C, H, W).
    gamma: (C,).  Returns the three gradients: (N, C, H, W), (C,) and (C,).
    """
    over = (0, 2, 3)
    deviation = (x.var(dim=over, correction=0, keepdim=True) + eps).sqrt()  # (1, C, 1, 1)
    normalised = (x - x.mean(dim=over, keepdim=True)) / deviation
    g = upstream * gamma.view(-1, 1, 1)  # the gradient with respect to `normalised`
    mean, along = g.mean(dim=over, keepdim=True), (g * normalised).mean(dim=over, keepdim=True)
    return (g - mean - along * normalised) / deviation, (upstream * normalised).sum(dim=over), upstream.sum(dim=over)


def fold(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> nn.Conv2d:
    """Exercise 5. One convolution, with a bias, that computes what `conv` and then `bn` compute at inference.

    conv has no bias and one group.
    """
    folded = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
    factor = bn.weight / (bn.running_var + bn.eps).sqrt()  # (out_channels,)
    with torch.no_grad():
        folded.weight.copy_(conv.weight * factor.view(-1, 1, 1, 1))
        folded.bias.copy_(bn.bias - bn.running_mean * factor)
    return folded


def gradient_norm(scale: float, normalised: bool) -> float:
    """Exercise 6. The norm of the loss's gradient with respect to the weights of a first layer, when these are multiplied by `scale`.

    Under seed 0, build first = Linear(64, 32, bias=False), then last = Linear(32, 10). The scores are
    last(relu(first(x))), with a BatchNorm1d(32) after `first` if `normalised`; x are the first 256 training digits.
    """
    digits = load("digits")
    x, t = digits.normalise(digits.train_x[:256]).flatten(1), digits.train_y[:256]
    torch.manual_seed(0)
    first, last = nn.Linear(64, 32, bias=False), nn.Linear(32, 10)
    middle = nn.BatchNorm1d(32) if normalised else nn.Identity()
    with torch.no_grad():
        first.weight.mul_(scale)
    F.cross_entropy(last(F.relu(middle(first(x)))), t).backward()
    return first.weight.grad.norm().item()
