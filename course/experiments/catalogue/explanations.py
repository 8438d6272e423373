"""Accounts of why residual networks work, each put to a test: minutes each on a processor."""

from dataclasses import replace

from course.experiments.catalogue.digits import digits_for
from course.experiments.catalogue.experiment import Experiment
from course.experiments.reach import Likeness, Reach
from course.experiments.surfaces import Surface
from course.experiments.targets import Turned
from course.experiments.variants import Blocks, Lengths
from course.networks.chain import KINDS
from course.training.recipe import Recipe

RECIPE = digits_for(12)
CAREFUL = replace(digits_for(8), learning_rate=0.01)  # plain-56 learns by it, from identity layers
EXPLANATIONS = (
    Experiment(
        "reach",
        "perceptrons of 10 to 200 layers, with and without skips, from several starts",
        (
            *(Reach(kind, kind) for kind in KINDS),
            *(
                Reach(f"{kind}-even", kind, even=True, rates=(0.03, 0.01, 0.003))
                for kind in ("bn", "skip-bn", "skip-bn-halved")
            ),
            # What learns with 100 layers at a rate a few times as large.
            Reach("looks-linear-200", "looks-linear", depths=(200,), rates=(0.003, 0.001)),
            Reach("identity-200", "identity", depths=(200,), rates=(0.01, 0.003)),
            Reach("skipinit-200", "skipinit", depths=(200,), rates=(0.03, 0.01)),
        ),
    ),
    Experiment(
        "likeness",
        "gradients at random inputs of wide untrained perceptrons of 1 to 64 layers",
        tuple(Likeness(kind, kind) for kind in ("he", "bn", "skip-bn", "skip-bn-halved", "looks-linear")),
    ),
    Experiment(
        "blocks",
        "what each block of untrained networks adds and passes back, at three depths",
        tuple(
            Blocks(f"{family}-{depth}", variant, depth, "digits", Recipe(0))
            for family, variant in (("resnet", "usual"), ("plain", "plain"))
            for depth in (20, 56, 110)
        ),
        seeds=(0, 1, 2),
    ),
    # These two look at the same trained networks: measured in one process, they are trained once.
    Experiment(
        "variants",
        "ResNet-56 with one thing changed: its start, its normalisation, the way of its gradient",
        (
            *(
                Blocks(variant, variant, 56, "digits", RECIPE)
                for variant in ("usual", "around", "through", "skipinit", "sometimes")
            ),
            *(
                Blocks(f"{variant}-0.03", variant, 56, "digits", replace(RECIPE, learning_rate=0.03))
                for variant in ("skipinit", "fixup")
            ),
        ),
        seeds=(0, 1, 2),
    ),
    Experiment(
        "lengths",
        "the gradient of ResNet-56 by the number of branches that its paths cross",
        (Lengths("resnet-56", 56, "digits", RECIPE),),
        seeds=(0, 1, 2),
    ),
    Experiment(
        "surfaces",
        "the loss around plain-56 and ResNet-56 along random directions",
        (
            Surface("resnet-56", "usual", 56, "digits", CAREFUL),
            Surface("plain-56", "plain-identity", 56, "digits", CAREFUL),
        ),
        seeds=(0, 1, 2),
    ),
    Experiment(
        "turned",
        "one block and eight blocks, plain and residual, learn to turn vectors by an angle",
        tuple(
            Turned(
                f"{name}-{blocks}{'' if rate == 0.02 else f'-{rate}'}",
                name == "residual",
                blocks,
                learning_rate=rate,
            )
            for blocks, rate in ((1, 0.02), (8, 0.02), (1, 0.2))
            for name in ("residual", "plain")
        ),
    ),
)
