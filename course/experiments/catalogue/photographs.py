"""Trainings on CIFAR-10 and ImageNet: hours of a processor, or a GPU."""

from dataclasses import replace

from course.experiments.batch_normalisation import Averaged
from course.experiments.catalogue.experiment import Experiment
from course.experiments.curves import Curves
from course.experiments.degradation import Responses
from course.training.recipe import Recipe


def he_2016(iterations: int, warm_up: int = 0) -> Recipe:
    """He et al. 2016a, section 4.2: drops at 1/2 and 3/4 of (there) 64,000 iterations,
    crops and mirror images.

    Two deviations: bfloat16 in the passes, and a warm-up of fixed length, where the paper waits for 80 %
    training error.
    """
    drops = (iterations // 2, iterations * 3 // 4)
    return Recipe(iterations, drops, warm_up=warm_up, augment=True, precision="bfloat16")


def figure_6(iterations: int) -> tuple[Curves, ...]:
    """The nine networks of He et al. 2016a, Figure 6; the longest first,
    so that the last runs to end are short.
    """
    # 110 layers begin at a tenth of the rate: some 400 of the paper's 64,000 iterations.
    careful = he_2016(iterations, warm_up=iterations // 160)
    return (
        Curves("resnet-110", "resnet", 110, "cifar10", careful),
        *(
            Curves(f"{family}-{depth}", family, depth, "cifar10", he_2016(iterations))
            for depth in (56, 44, 32, 20)
            for family in ("plain", "resnet")
        ),
    )


# He et al. 2016a, section 3.4: a batch of 256, and the drops that Figure 4 shows, of 600,000 iterations (120
# epochs). Deviations: bfloat16 in the passes; the mean colour is subtracted, not the mean of each pixel.
IMAGENET = Recipe(600_000, (150_000, 300_000), batch=256, augment=True, precision="bfloat16")
PHOTOGRAPHS = (
    Experiment(
        "cifar10",
        "He et al. 2016a, Figure 6: nine networks on CIFAR-10, 64,000 iterations each",
        figure_6(64_000),
        seeds=(0, 1, 2, 3, 4),
        embedded=False,
    ),
    Experiment(
        "cifar10-statistics",
        "the networks of 20 layers before the rate drops, tested with running and with averaged statistics",
        tuple(
            Averaged(f"{family}-20", family, 20, "cifar10", replace(he_2016(64_000), iterations=8_000))
            for family in ("plain", "resnet")
        ),
        seeds=(0, 1),
        embedded=False,
    ),
    Experiment(
        "responses",
        "the responses of the layers of the networks of 20 layers, from the weights that cifar10 kept",
        tuple(Responses(f"{family}-20", family, 20, "cifar10", "cifar10") for family in ("plain", "resnet")),
        embedded=False,
    ),
    Experiment(
        "cifar10-vgg",
        "VGG-16 with and without batch normalisation on the same images, by the same recipe",
        (
            Curves("vgg-16-bn", "vgg-bn", 16, "cifar10", he_2016(64_000)),
            Curves("vgg-16", "vgg", 16, "cifar10", he_2016(64_000)),  # diverges at once, at this rate
            Curves("vgg-16-0.01", "vgg", 16, "cifar10", replace(he_2016(64_000), learning_rate=0.01)),
        ),
        seeds=(0, 1, 2),
        embedded=False,
    ),
    Experiment(
        "cifar10-short",
        "the networks of both for a sixteenth of the length, for a machine without a GPU",
        (*figure_6(4_000), Curves("vgg-16-bn", "vgg-bn", 16, "cifar10", he_2016(4_000))),
        embedded=False,
    ),
    Experiment(
        "imagenet",
        "He et al. 2016a, section 4.1: plain and residual networks on ImageNet, 600,000 iterations each",
        (
            *(
                Curves(f"{family}-{depth}", family, depth, "imagenet", IMAGENET)
                for family in ("plain", "resnet")
                for depth in (18, 34)
            ),
            Curves("resnet-50", "resnet", 50, "imagenet", IMAGENET),
            Curves("vgg-16-bn", "vgg-bn", 16, "imagenet", IMAGENET),
        ),
        embedded=False,
        alone=True,
    ),
)
