"""The experiments as data: importing this file runs nothing; `scripts/train.py` runs what it names."""

from dataclasses import dataclass, replace

from course.dissections import Construction, Dissection, Shattering, TrainingGradients
from course.failures import CHANGES, Failure
from course.gradients import Convolutions, Perceptrons
from course.measurements import Activation, Anatomy, Curves, Spec, TorchvisionWeights
from course.models import ACTIVATIONS
from course.normalisation import BatchSizes, Distributions, Noise
from course.starts import Outset, Trial
from course.train import Recipe


@dataclass(frozen=True)
class Experiment:
    """specs: what is measured, each under every one of `seeds`.

    embedded: needs no download and no GPU.  alone: a run fills the machine, so they go one after the other.
    """

    name: str
    title: str
    specs: tuple[Spec, ...]
    seeds: tuple[int, ...] = (0,)
    embedded: bool = True
    alone: bool = False


def he_2015(iterations: int, warm_up: int = 0) -> Recipe:
    """He et al. 2016a, section 4.2: drops at 1/2 and 3/4, crops and mirror images.
    The paper trains 64,000 iterations.

    Two deviations: bfloat16 in the passes, and a warm-up of fixed length,
    where the paper waits for 80 % training error.
    """
    drops = (iterations // 2, iterations * 3 // 4)
    return Recipe(iterations, drops, warm_up=warm_up, augment=True, precision="bfloat16")


def figure_6(iterations: int) -> tuple[Curves, ...]:
    """The nine networks of He et al. 2016a, Figure 6; the longest first,
    so that the last runs to end are short.
    """
    plain = [("plain", depth) for depth in (56, 44, 32, 20)]
    residual = [("resnet", depth) for depth in (56, 44, 32, 20)]
    pairs = [pair for two in zip(plain, residual) for pair in two]
    specs = [
        Curves(f"{family}-{depth}", family, depth, "cifar10", he_2015(iterations)) for family, depth in pairs
    ]
    # 110 layers begin at a tenth of the rate: some 400 of the paper's 64,000 iterations.
    return Curves(
        "resnet-110", "resnet", 110, "cifar10", he_2015(iterations, warm_up=iterations // 160)
    ), *specs


# He et al. 2016a, section 3.4: a batch of 256, and the drops that Figure 4 shows, of 600,000 iterations (120
# epochs). Deviations: bfloat16 in the passes; the mean colour is subtracted, not the mean of each pixel.
IMAGENET = Recipe(600_000, (150_000, 300_000), batch=256, augment=True, precision="bfloat16")
IMAGENET_NETWORKS = [
    ("plain-18", "plain", 18),
    ("plain-34", "plain", 34),
    ("resnet-18", "resnet", 18),
    ("resnet-34", "resnet", 34),
]
IMAGENET_NETWORKS += [("resnet-50", "resnet", 50), ("vgg-16-bn", "vgg-bn", 16)]

# He et al. 2016a, section 4.2, scaled to 24 epochs of the 11 batches that 1,437 digits fill:
# drops at 1/2 and 3/4.
DIGITS = Recipe(iterations=24 * 11, drops=(12 * 11, 18 * 11))


def digits_for(epochs: int) -> Recipe:
    """A shorter training on the digits, with drops at 1/2 and 3/4 of it."""
    return Recipe(epochs * 11, (epochs * 11 // 2, epochs * 11 * 3 // 4))


RATES = {
    "0.1": Recipe(0),
    "0.01": Recipe(0, learning_rate=0.01),
    "clipped": Recipe(0, clip=1.0),
    "warm-up": Recipe(0, warm_up=66),
}
MAPPED = ("0.1", "0.01", "clipped")


def trials(iterations: int, *networks: str, rates: tuple[str, ...] = MAPPED) -> tuple[Trial, ...]:
    """Each of the networks, such as "plain-56-he", at each of the rates; drops at 1/2 and 3/4,
    as in the recipe of the digits.
    """
    found = []
    for network in networks:
        family, depth, start = network.split("-")
        for rate in rates:
            recipe = replace(RATES[rate], iterations=iterations, drops=(iterations // 2, iterations * 3 // 4))
            found.append(
                Trial(f"{network}-{rate}-{iterations}", family, int(depth), "digits", recipe, start, rate)
            )
    return tuple(found)


def perceptron_for(epochs: int, images: int) -> Recipe:
    return Recipe(epochs * (images // 50), batch=50, learning_rate=0.05)


NETWORKS = [("alexnet", 8), *[("vgg", d) for d in (11, 13, 16, 19)], ("plain", 18), ("plain", 34)]
NETWORKS += [("resnet", d) for d in (18, 34, 50, 101, 152)]
TORCHVISION = (
    "alexnet",
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
)

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
    2000,
    3000,
    4000,
    5000,
    6000,
    8000,
    10000,
    12000,
    14000,
    16000,
)
SCALES = (0.25, 0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 2.0, 4.0)

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
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
            "ReLU perceptrons of 2 to 64 layers after 200 steps, from weights of a quarter to four times "
            "He's",
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
                *(
                    Distributions(f"{activation}-bn" if bn else activation, activation, init, bn)
                    for activation, init in (("sigmoid", "xavier"), ("relu", "he"))
                    for bn in (True, False)
                ),
                Noise("noise"),
            ),
        ),
        Experiment(
            "networks",
            "layers, parameters and multiply-adds of the ImageNet networks",
            (
                *(Anatomy(f"{family}-{depth}", family, depth) for family, depth in NETWORKS),
                TorchvisionWeights("torchvision", TORCHVISION),
            ),
        ),
        Experiment(
            "recipes",
            "the same networks with torchvision's first and second weights",
            (
                TorchvisionWeights(
                    "torchvision",
                    tuple(
                        f"resnet{depth}{weights}"
                        for depth in (50, 101, 152)
                        for weights in ("", ".IMAGENET1K_V2")
                    ),
                ),
            ),
        ),
        Experiment(
            "cifar-networks",
            "layers, parameters and multiply-adds of the CIFAR-10 networks",
            (
                *(
                    Anatomy(f"resnet-{depth}", "cifar-resnet", depth, side=32)
                    for depth in (20, 32, 44, 56, 110, 1202)
                ),
                Anatomy("vgg-16", "cifar-vgg", 16, side=32),
                Anatomy("vgg-16-bn", "cifar-vgg-bn", 16, side=32),
            ),
        ),
        Experiment(
            "digits",
            "plain and residual networks of 20 to 56 layers on handwritten digits",
            tuple(
                Curves(f"{family}-{depth}", family, depth, "digits", DIGITS)
                for depth in (56, 44, 32, 20)  # the longest first, so that the last runs to end are short
                for family in ("plain", "resnet")
            ),
            seeds=(0, 1, 2, 3, 4),
        ),
        Experiment(
            "construction",
            "plain-56 from a trained plain-20 and identity layers, trained on at two rates",
            (
                Construction("trained-0.1", "digits", digits_for(12), Recipe(6 * 11)),
                Construction("trained-0.01", "digits", digits_for(12), Recipe(6 * 11, learning_rate=0.01)),
                # no new layers: the control
                Construction("shallow-0.1", "digits", digits_for(12), Recipe(6 * 11), depth=20),
            ),
            seeds=(0, 1, 2),
        ),
        Experiment(
            "care",
            "plain and residual networks from several starts, at several rates, for 264 to 2,640 iterations",
            (
                *trials(
                    264,
                    "plain-56-he",
                    "plain-56-identity",
                    "resnet-56-he",
                    "resnet-56-zero",
                    "plain-56-shifted",
                    "plain-20-he",
                    "plain-20-shifted",
                    "resnet-20-he",
                ),
                *trials(264, "plain-56-he", rates=("warm-up",)),
                # Longer only where the shorter trainings leave a question, or for comparison.
                # Recorded under three of the seeds.
                *trials(792, "plain-56-he"),
                *trials(792, "plain-56-identity", "resnet-56-he", "plain-20-he", rates=("0.1",)),
                *trials(2640, "plain-56-he"),
                *trials(2640, "plain-20-he", rates=("0.1",)),
            ),
            seeds=(0, 1, 2, 3, 4),
            embedded=False,
        ),
        Experiment(
            "outset",
            "first gradients, and their likeness at neighbouring inputs, from each of the starts",
            (
                Outset("plain-56", "plain", 56, ("he", "identity", "shifted"), "digits"),
                Outset("resnet-56", "resnet", 56, ("he", "zero"), "digits"),
                Outset("plain-20", "plain", 20, ("he", "shifted"), "digits"),
            ),
            seeds=(0, 1, 2, 3, 4),
        ),
        Experiment(
            "training-gradients",
            "gradients by layer of plain and residual networks over the first four epochs",
            tuple(
                TrainingGradients(f"{family}-{depth}", family, depth, "digits", Recipe(4 * 11))
                for family, depth in (("plain", 56), ("resnet", 56), ("plain", 20))
            ),
            seeds=(0, 1, 2),
        ),
        Experiment(
            "dissection",
            "responses of the layers of trained networks, and their errors without each block",
            tuple(
                Dissection(f"{family}-20", family, 20, "digits", digits_for(12))
                for family in ("plain", "resnet")
            ),
            seeds=(0, 1, 2),
        ),
        Experiment(
            "shattering",
            "gradients at neighbouring inputs of untrained plain and residual networks",
            (Shattering("plain", "digits"), Shattering("resnet", "digits")),
            seeds=(0, 1, 2, 3, 4),
        ),
        Experiment(
            "failures",
            "perceptrons on few digits, on wrong labels, on a colour that tells the class",
            tuple(
                Failure(
                    change, "digits", perceptron_for(200, 50) if change == "few" else perceptron_for(40, 1437)
                )
                for change in CHANGES
            ),
            seeds=(0, 1, 2, 3, 4),
        ),
        Experiment(
            "cifar10",
            "He et al. 2016a, Figure 6: nine networks on CIFAR-10, 64,000 iterations each",
            figure_6(64_000),
            seeds=(0, 1, 2, 3, 4),
            embedded=False,
        ),
        Experiment(
            "cifar10-quarter",
            "plain and residual networks of 20 and 56 layers for a quarter of the length, for a processor",
            tuple(
                Curves(f"{family}-{depth}", family, depth, "cifar10", he_2015(16_000))
                for depth in (20, 56)
                for family in ("plain", "resnet")
            ),
            embedded=False,
        ),
        Experiment(
            "cifar10-vgg",
            "VGG-16 with and without batch normalisation on the same images, by the same recipe",
            (
                Curves("vgg-16-bn", "vgg-bn", 16, "cifar10", he_2015(64_000)),
                # this rate is too high for it: it diverges at once
                Curves("vgg-16", "vgg", 16, "cifar10", he_2015(64_000)),
                Curves("vgg-16-0.01", "vgg", 16, "cifar10", replace(he_2015(64_000), learning_rate=0.01)),
            ),
            seeds=(0, 1, 2),
            embedded=False,
        ),
        Experiment(
            "cifar10-short",
            "the networks of both for a sixteenth of the length, for a machine without a GPU",
            (*figure_6(4_000), Curves("vgg-16-bn", "vgg-bn", 16, "cifar10", he_2015(4_000))),
            embedded=False,
        ),
        Experiment(
            "imagenet",
            "He et al. 2016a, section 4.1: plain and residual networks on ImageNet, 600,000 iterations each",
            tuple(
                Curves(name, family, depth, "imagenet", IMAGENET) for name, family, depth in IMAGENET_NETWORKS
            ),
            embedded=False,
            alone=True,
        ),
    )
}
