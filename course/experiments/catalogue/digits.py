"""Plain and residual networks, and perceptrons that fail in other ways, on the handwritten digits."""

from dataclasses import replace

from course.experiments.catalogue.experiment import Experiment
from course.experiments.curves import Curves
from course.experiments.degradation import Construction, Dissection, Shattering, TrainingGradients
from course.experiments.failures import CHANGES, Failure
from course.experiments.starts import Outset, Trial
from course.training.recipe import Recipe

# He et al. 2016a, section 4.2, scaled to 24 epochs of the 11 batches that 1,437 digits fill.
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


def trials(
    iterations: int, *networks: tuple[str, int, str], rates: tuple[str, ...] = MAPPED
) -> tuple[Trial, ...]:
    """Each of the networks (family, depth, start) at each of the rates;
    drops at 1/2 and 3/4 of the length.
    """
    drops = (iterations // 2, iterations * 3 // 4)
    recipes = {rate: replace(RATES[rate], iterations=iterations, drops=drops) for rate in rates}
    return tuple(
        Trial(f"{family}-{depth}-{start}-{rate}-{iterations}", family, depth, "digits", recipe, start, rate)
        for family, depth, start in networks
        for rate, recipe in recipes.items()
    )


def perceptron_for(epochs: int, images: int) -> Recipe:
    return Recipe(epochs * (images // 50), batch=50, learning_rate=0.05)


ON_DIGITS = (
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
            # The control, without new layers.
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
                ("plain", 56, "he"),
                ("plain", 56, "identity"),
                ("resnet", 56, "he"),
                ("resnet", 56, "zero"),
                ("plain", 56, "shifted"),
                ("plain", 20, "he"),
                ("plain", 20, "shifted"),
                ("resnet", 20, "he"),
            ),
            *trials(264, ("plain", 56, "he"), rates=("warm-up",)),
            # Longer only where the shorter trainings leave a question, or for comparison.
            # Recorded under three of the seeds.
            *trials(792, ("plain", 56, "he")),
            *trials(
                792, ("plain", 56, "identity"), ("resnet", 56, "he"), ("plain", 20, "he"), rates=("0.1",)
            ),
            *trials(2640, ("plain", 56, "he")),
            *trials(2640, ("plain", 20, "he"), rates=("0.1",)),
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
            Dissection(f"{family}-20", family, 20, "digits", digits_for(12)) for family in ("plain", "resnet")
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
            Failure(change, "digits", perceptron_for(*((200, 50) if change == "few" else (40, 1437))))
            for change in CHANGES
        ),
        seeds=(0, 1, 2, 3, 4),
    ),
)
