"""Any network of the course by its family and depth."""

from torch import nn

from course import CourseError
from course.networks.alexnet import alexnet
from course.networks.resnet import cifar_resnet, imagenet_resnet
from course.networks.vgg import cifar_vgg, vgg

FAMILIES = ("alexnet", "vgg", "vgg-bn", "plain", "resnet")


def build(
    family: str,
    depth: int,
    images: str = "large",
    channels: int = 3,
    classes: int = 1000,
    shortcut: str = "pad",
) -> nn.Module:
    """A network for "large" images (224x224 pixels, as ImageNet's) or for "small" ones (32x32 and below).

    family: "alexnet", "vgg", "vgg-bn" (with batch normalisation), "plain" or "resnet".  channels: of the
    images, 3 where they are large.  shortcut: of "resnet", "pad" (option A) or "project" (option B).
    Raises CourseError (a ValueError) for an unknown family, or a depth that it does not have.
    """
    if family not in FAMILIES or (family, images) == ("alexnet", "small"):
        legal = FAMILIES if images == "large" else FAMILIES[1:]
        raise CourseError(f"unknown family {family!r} for {images} images: choose one of {', '.join(legal)}")
    if family == "alexnet":
        return alexnet(classes)
    if family.startswith("vgg"):
        return (vgg if images == "large" else cifar_vgg)(depth, family == "vgg-bn", classes)
    path = shortcut if family == "resnet" else None
    if images == "large":
        return imagenet_resnet(depth, path, classes)
    return cifar_resnet(depth, path, channels, classes)
