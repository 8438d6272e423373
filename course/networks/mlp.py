"""Deep perceptrons of every activation and initialisation: the smallest networks that are deep."""

from itertools import pairwise

from torch import nn

from course import CourseError
from course.networks.layers import Dense, weight_layers

ACTIVATIONS = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
}
INITIALISATIONS = {
    "normal": lambda w: nn.init.normal_(w, std=0.01),
    "xavier": nn.init.xavier_normal_,
    "he": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
}


def mlp(
    depth: int,
    width: int = 64,
    activation: str = "relu",
    init: str = "he",
    batch_norm: bool = False,
    skip: bool = False,
    in_features: int = 64,
    num_classes: int = 10,
    groups: int | None = None,
) -> nn.Sequential:
    """`depth` fully connected layers; the last gives the logits, the activation follows all the others.

    init: "normal" (deviation 0.01), "xavier" (Glorot and Bengio 2010), "he" (He et al. 2015),
    "orthogonal" (Saxe et al. 2014).
    skip: add each hidden layer's input to its output, where their widths agree.
    groups: group normalisation in place of batch normalisation; 1 is layer normalisation.
    Raises CourseError (a ValueError) for a depth below 1, an unknown activation or an unknown initialisation.
    """
    if depth < 1:
        raise CourseError(f"an mlp of {depth} layers does not exist: the depth is 1 or more")
    for what, name, legal in (
        ("activation", activation, ACTIVATIONS),
        ("initialisation", init, INITIALISATIONS),
    ):
        if name not in legal:
            raise CourseError(f"unknown {what} {name!r}: choose one of {', '.join(legal)}")
    widths = [in_features, *[width] * (depth - 1)]
    hidden = [Dense(a, b, ACTIVATIONS[activation](), batch_norm, skip, groups) for a, b in pairwise(widths)]
    net = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(widths[-1], num_classes))
    for _, layer in weight_layers(net):
        INITIALISATIONS[init](layer.weight)
        nn.init.zeros_(layer.bias)
    return net
