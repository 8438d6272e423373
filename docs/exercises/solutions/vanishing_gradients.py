"""Vanishing gradients: slopes, backpropagation by hand, and the gain of a layer."""
import torch
import torch.nn.functional as F
from torch import Tensor

from course.data import load
from course.networks import mlp, probe


def sigmoid_derivative(x: Tensor) -> Tensor:
    """Exercise 2. The derivative of the sigmoid at each number of x, without autograd."""
    y = torch.sigmoid(x)
    return y * (1 - y)


def tanh_derivative(x: Tensor) -> Tensor:
    """Exercise 2. The derivative of tanh at each number of x, without autograd."""
    return 1 - torch.tanh(x) ** 2


def gradients(x: Tensor, t: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Exercise 3. dL/dw1, dL/db1, dL/dw2, dL/db2 of a perceptron with one hidden layer, without autograd.

    h = tanh(x w1^T + b1) are the activations, h w2^T + b2 the scores; L is their cross-entropy, the mean over the batch.
    x: (N, inputs).  t: (N,) labels.  w1: (units, inputs), b1: (units,).  w2: (classes, units), b2: (classes,).
    """
    h = torch.tanh(x @ w1.T + b1)  # (N, units)
    scores = h @ w2.T + b2  # (N, classes)
    delta2 = (torch.softmax(scores, dim=1) - F.one_hot(t, scores.shape[1])) / len(x)
    delta1 = delta2 @ w2 * (1 - h**2)
    return delta1.T @ x, delta1.sum(dim=0), delta2.T @ h, delta2.sum(dim=0)


def back_propagated(weights: list[Tensor], slopes: list[Tensor], last: Tensor) -> list[Tensor]:
    """Exercise 4. The back-propagated gradients delta_1, ..., delta_L of one example, the first layer's first.

    weights: W_2, ..., W_L, each (outputs, inputs).  slopes: phi'(z_1), ..., phi'(z_(L-1)), each (units,).  last: delta_L.
    """
    deltas = [last]
    for weight, slope in zip(reversed(weights), reversed(slopes)):
        deltas.append(slope * (weight.T @ deltas[-1]))
    return deltas[::-1]


def gain(activation: str, scale: float, depth: int = 24) -> float:
    """Exercise 5. The factor by which a layer multiplies the back-propagated gradient, the geometric mean over the layers.

    Under seed 0, build mlp(depth, activation=activation, init="xavier").double() and multiply all its weights by `scale`.
    Let `probe` look at it, with the first 256 training digits. Between the last layer and the first there are depth - 1 factors.
    """
    digits = load("digits")
    torch.manual_seed(0)
    net = mlp(depth, activation=activation, init="xavier").double()
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(scale)
    layers = probe(net, digits.normalise(digits.train_x[:256]).double(), digits.train_y[:256])
    return (layers[0].backpropagated / layers[-1].backpropagated) ** (1 / (depth - 1))
