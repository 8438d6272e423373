"""Why it works: weights that look linear, directions scaled by filter, the gradient by the length of its paths."""
import torch
from torch import Tensor, nn


def looks_linear(w: Tensor) -> Tensor:
    """Exercise 2. The weights (n, 2n) with which a layer behind z -> (relu(z), relu(-z)) multiplies z by w, (n, n)."""
    return torch.cat([w, -w], dim=1)


def filter_normalised(direction: Tensor, weight: Tensor) -> Tensor:
    """Exercise 3. The direction with each filter scaled to the norm of the weight's own filter (Li et al. 2018).

    Both are (out, in, height, width), a filter is one of `out`; 1e-10 is added to each norm that is divided by.
    """
    norms = [tensor.flatten(1).norm(dim=1)[:, None, None, None] for tensor in (direction, weight)]
    return direction * norms[1] / (norms[0] + 1e-10)


def gradients_by_length(x: Tensor, branches: list[nn.Module], upstream: Tensor) -> list[Tensor]:
    """Exercise 4. What arrives at x by all paths through 0, 1, ..., len(branches) branches.

    The chain is x_(l+1) = x_l + F_l(x_l), x is its start, and `upstream` the gradient of the loss with respect to its end. The sum of
    the list is the gradient by x.
    """
    entered = []
    for branch in branches:
        entered.append(x.detach().requires_grad_())
        x = x + branch(x)
    arrived = [upstream]
    for branch, h in zip(reversed(branches), reversed(entered)):
        output = branch(h)
        through = [torch.autograd.grad(output, h, gradient, retain_graph=True)[0] for gradient in arrived]
        zero = torch.zeros_like(upstream)
        arrived = [around + longer for around, longer in zip([*arrived, zero], [zero, *through])]
    return arrived
