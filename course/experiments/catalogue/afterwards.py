"""What came after the residual network of 2015, in small on the digits; in full for who has a GPU."""

from course.experiments.catalogue.experiment import Experiment
from course.experiments.catalogue.photographs import he_2016
from course.experiments.recipe_parts import PARTS, RecipeParts
from course.experiments.residual_stream import StreamGradients, StreamTraining
from course.experiments.successors import Successor
from course.training.recipe import Recipe

# (family, layers): all do the same work, within three per cent.
EQUAL_WORK = (
    ("original", 20),
    ("stochastic-depth", 20),
    ("wide", 8),
    ("bottleneck", 20),
    ("resnext", 20),
    ("densenet", 16),
)
CONTROL = ("original", 8)  # as few layers as the wide one and as narrow as ResNet-20: a quarter of the work
SHORT = 160  # iterations: 20 epochs of the 8 batches that 256 digits fill
ORDERS = ("original", "pre-activation", "pre-activation-unnormalised")
AFTERWARDS = (
    Experiment(
        "pre-activation",
        "110 layers on the digits, in the original order and with pre-activation, at two rates",
        tuple(
            Successor(f"{family}-{rate}", family, 110, "digits", Recipe(44, (22, 33), learning_rate=rate))
            for family in ORDERS
            for rate in (0.1, 0.01)
        ),
        seeds=(0, 1, 2),
    ),
    Experiment(
        "equal-work",
        "residual networks and five successors of equal work, trained on 256 digits",
        tuple(
            Successor(
                "shallow" if (family, depth) == CONTROL else family,
                family,
                depth,
                "digits",
                Recipe(80, (40, 60), batch=64),
                images=256,
            )
            for family, depth in (*EQUAL_WORK, CONTROL)
        ),
        seeds=(0, 1, 2, 3, 4),
    ),
    Experiment(
        "equal-work-longer",
        "ResNet-20 with stochastic depth and without, on 256 digits, four times as long",
        tuple(
            Successor(family, family, 20, "digits", Recipe(320, (160, 240), batch=64), images=256)
            for family in ("original", "stochastic-depth")
        ),
        seeds=(0, 1, 2, 3, 4),
    ),
    Experiment(
        "stream",
        "transformers on the rows of the digits, with pre- and post-normalisation",
        (
            StreamGradients("gradients-pre", True),
            StreamGradients("gradients-post", False),
            *(
                StreamTraining(
                    f"{'pre' if norm_first else 'post'}-{rate}{'-warm-up' * bool(warm_up)}",
                    norm_first,
                    rate,
                    warm_up,
                )
                for norm_first in (True, False)
                for rate, warm_up in ((0.001, 0), (0.001, 44), (0.0003, 0))
            ),
        ),
        seeds=(0, 1, 2),
    ),
    Experiment(
        "recipe-parts",
        "a small residual network on 256 digits by an old recipe, with parts of a new one, and longer",
        (
            RecipeParts("old", (), SHORT),
            *(RecipeParts(part, (part,), SHORT) for part in PARTS),
            RecipeParts("new", PARTS, SHORT),
            RecipeParts("old-long", (), 5 * SHORT),
            RecipeParts("new-long", PARTS, 5 * SHORT),
        ),
        seeds=(0, 1, 2, 3, 4),
    ),
    Experiment(
        "cifar10-afterwards",
        "the networks of pre-activation and of equal work on CIFAR-10, 64,000 iterations each",
        (
            *(
                Successor(f"{family}-110", family, 110, "cifar10", he_2016(64_000, warm_up=400))
                for family in ORDERS
            ),
            *(
                Successor(f"{family}-{depth}", family, depth, "cifar10", he_2016(64_000))
                for family, depth in EQUAL_WORK
            ),
        ),
        seeds=(0, 1, 2, 3, 4),
        embedded=False,
    ),
)
