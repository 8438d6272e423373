"""What is counted from the networks, or stated with their weights."""

from course.experiments.anatomy import Anatomy, TorchvisionWeights
from course.experiments.catalogue.experiment import Experiment

NETWORKS = [("alexnet", 8), *(("vgg", depth) for depth in (11, 13, 16, 19)), ("plain", 18), ("plain", 34)]
NETWORKS += [("resnet", depth) for depth in (18, 34, 50, 101, 152)]
TORCHVISION = ("alexnet", *(f"vgg{depth}" for depth in (11, 13, 16, 19)))
TORCHVISION += tuple(f"resnet{depth}" for depth in (18, 34, 50, 101, 152))
ARCHITECTURES = (
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
)
