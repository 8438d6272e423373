"""How figures and pages write the names of networks."""

LABELS = {
    "alexnet": "AlexNet",
    "vgg": "VGG-{}",
    "vgg-bn": "VGG-{} with BN",
    "plain": "plain-{}",
    "resnet": "ResNet-{}",
}

# The networks of equal work, in the order of the lecture on what came after; and a control.
SUCCESSORS = {
    "original": "ResNet-20",
    "stochastic-depth": "with stochastic depth",
    "wide": "wide, 8 layers",
    "bottleneck": "bottlenecks, 20 layers",
    "resnext": "ResNeXt-20",
    "densenet": "DenseNet-16",
    "shallow": "control: ResNet-8",
}


def label(family: str, depth: int) -> str:
    """("resnet", 56) -> "ResNet-56"."""
    return LABELS[family].format(depth)
