"""What came after: where the normalisation stands, groups, and a gradient that is not there."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def with_attention(stream: Tensor, layer: nn.TransformerEncoderLayer) -> Tensor:
    """What the layer's attention makes of a stream (N, tokens, width)."""
    return layer.self_attn(stream, stream, stream, need_weights=False)[0]


def with_perceptron(stream: Tensor, layer: nn.TransformerEncoderLayer) -> Tensor:
    """What the layer's perceptron makes of a stream (N, tokens, width)."""
    return layer.linear2(F.relu(layer.linear1(stream)))


def post_normalised(stream: Tensor, layer: nn.TransformerEncoderLayer) -> Tensor:
    """Exercise 2. A block of the original transformer: each of the two sums is normalised, by layer.norm1 and layer.norm2."""
    stream = layer.norm1(stream + with_attention(stream, layer))
    return layer.norm2(stream + with_perceptron(stream, layer))


def pre_normalised(stream: Tensor, layer: nn.TransformerEncoderLayer) -> Tensor:
    """Exercise 2. The same parts with pre-normalisation: what each branch reads is normalised, the stream is only added to."""
    stream = stream + with_attention(layer.norm1(stream), layer)
    return stream + with_perceptron(layer.norm2(stream), layer)


def group_norm(x: Tensor, groups: int, epsilon: float = 1e-5) -> Tensor:
    """Exercise 3. Each example's channels in `groups` groups of neighbours, each group with mean 0 and variance 1.

    x: (N, C, H, W), where `groups` divides C -> (N, C, H, W). Without gamma and beta; epsilon is added to the variance,
    which divides by the number of values.
    """
    grouped = x.reshape(len(x), groups, -1)
    variance, mean = torch.var_mean(grouped, dim=2, correction=0, keepdim=True)
    return ((grouped - mean) / (variance + epsilon).sqrt()).reshape(x.shape)


def last_gradient(blocks: int, norm_first: bool, labels: Tensor | None) -> float:
    """Exercise 4. In an untrained transformer, the norm of the gradient with respect to the last block's linear2.weight.

    The network: torch.manual_seed(0), then `blocks` of nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True,
    norm_first=norm_first) in turn, then, if norm_first, F.layer_norm(stream, (32,)). Then, still under the same seed, its input
    torch.randn(64, 8, 32). With labels (64,), the loss is the cross-entropy of the mean over the 8 tokens, whose 32 numbers
    are taken for scores; with None, the mean square of the output.
    """
    torch.manual_seed(0)
    layers = [
        nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=norm_first) for _ in range(blocks)
    ]
    stream = torch.randn(64, 8, 32)
    for layer in layers:
        stream = layer(stream)
    if norm_first:
        stream = F.layer_norm(stream, (32,))
    loss = stream.square().mean() if labels is None else F.cross_entropy(stream.mean(dim=1), labels)
    (gradient,) = torch.autograd.grad(loss, layers[-1].linear2.weight)
    return gradient.norm().item()
