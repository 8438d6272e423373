"""Activations, and gradients and batch normalisation in perceptrons: seconds to minutes each."""

from course.experiments.anatomy import Activation
from course.experiments.batch_normalisation import BatchSizes, Distributions, GroupSizes, Noise
from course.experiments.catalogue.experiment import Experiment
from course.experiments.gradients import Convolutions, Perceptrons
from course.networks.mlp import ACTIVATIONS

# Glorot and Bengio 2010, Equation 1: uniform with variance 1 / 3n, where Xavier's is 1 / n. Ours are normal.
STANDARD = 3**-0.5
THROUGH_TRAINING = (
    0,
    20,
    50,
    100,
    200,
    400,
    700,
    1000,
    1500,
    *range(2000, 6000, 1000),
    *range(6000, 16001, 2000),
)
SCALES = (0.25, 0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 2.0, 4.0)
PERCEPTRONS = (
    Experiment(
        "activations",
        "activation functions and their derivatives",
        tuple(Activation(name) for name in ("sigmoid", "tanh", "relu")),
    ),
    Experiment(
        "gradients",
        "gradients and activations by layer of 576 perceptrons, untrained and after 1, 10 and 100 steps",
        tuple(
            Perceptrons(activation.replace("_", "-") + "-bn" * batch_norm, activation, batch_norm)
            for batch_norm in (True, False)
            for activation in ACTIVATIONS
        ),
    ),
    Experiment(
        "gradients-cifar",
        "the same of plain and residual networks of 20, 56 and 110 layers",
        (Convolutions("plain", shortcut=None), Convolutions("resnet", shortcut="pad")),
    ),
    Experiment(
        "glorot",
        "sigmoid perceptrons through training, tanh untrained, with the weights that were standard "
        "before Glorot and Bengio 2010",
        (
            Perceptrons(
                "sigmoid",
                "sigmoid",
                inits=("xavier",),
                scales=(STANDARD,),
                skips=(False,),
                depths=(3, 4, 5, 6),
                steps=THROUGH_TRAINING,
            ),
            Perceptrons(
                "tanh",
                "tanh",
                inits=("xavier",),
                scales=(STANDARD, 1.0),
                skips=(False,),
                depths=(6, 32),
                steps=(0,),
            ),
        ),
    ),
    Experiment(
        "trainability",
        "ReLU perceptrons of 2 to 64 layers after 200 steps, from weights of a quarter to four times He's",
        tuple(
            Perceptrons(
                name,
                "relu",
                batch_norm,
                inits=("he",),
                scales=SCALES,
                skips=(skip,),
                steps=(0, 200),
                seeds=3,
            )
            for name, batch_norm, skip in (
                ("residual", True, True),
                ("bn", True, False),
                ("plain", False, False),
            )
        ),
    ),
    Experiment(
        "batch-norm",
        "what enters and leaves batch normalisation, the noise of a mini-batch, and how small it may be",
        (
            BatchSizes("sizes"),
            GroupSizes("sizes-layer", groups=1),
            GroupSizes("sizes-group", groups=8),
            *(
                Distributions(f"{activation}-bn" if bn else activation, activation, init, bn)
                for activation, init in (("sigmoid", "xavier"), ("relu", "he"))
                for bn in (True, False)
            ),
            Noise("noise"),
        ),
    ),
)
