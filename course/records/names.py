"""How figures and pages write the names of networks."""

LABELS = {
    "alexnet": "AlexNet",
    "vgg": "VGG-{}",
    "vgg-bn": "VGG-{} with BN",
    "plain": "plain-{}",
    "resnet": "ResNet-{}",
}


def label(family: str, depth: int) -> str:
    """("resnet", 56) -> "ResNet-56"."""
    return LABELS[family].format(depth)
