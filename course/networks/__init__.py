"""The networks, and what looks into them: layer by layer, from the block to the whole.

Imports nothing of the course but its errors.
"""

from course.networks.alexnet import ALEXNET, alexnet
from course.networks.chain import KINDS, Chain
from course.networks.families import build
from course.networks.layers import BasicBlock, Block, Bottleneck, shortcut, weight_layers
from course.networks.lengths import gradients_by_length
from course.networks.mlp import ACTIVATIONS, INITIALISATIONS, mlp
from course.networks.probe import probe
from course.networks.resnet import IMAGENET, ResNet, cifar_resnet, imagenet_resnet
from course.networks.successors import (
    Aggregated,
    bottleneck_resnet,
    densenet,
    pre_activation_resnet,
    wide_resnet,
)
from course.networks.surgery import blocks, deepen, without
from course.networks.transformer import RowTransformer
from course.networks.variants import VARIANTS, residual
from course.networks.vgg import VGG, cifar_vgg, vgg
