"""A small transformer from PyTorch's own parts: the rows of an image are its tokens."""

from torch import Tensor, nn


class RowTransformer(nn.Module):
    """Every row of the image becomes a vector of the stream; each block adds to it twice, what its attention
    gives and what its perceptron gives.

    norm_first: normalise what a branch reads (pre-normalisation, and once more at the end of the stream), or
    the stream itself after each addition (post-normalisation, as Vaswani et al. 2017).
    """

    def __init__(
        self,
        blocks: int,
        norm_first: bool,
        width: int = 32,
        heads: int = 4,
        rows: int = 8,
        pixels: int = 8,
        num_classes: int = 10,
    ):
        super().__init__()
        self.embed = nn.Linear(pixels, width)
        self.position = nn.Embedding(rows, width)
        # nn.TransformerEncoder would copy one block: all would start with the same weights.
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 2 * width, dropout=0.0, batch_first=True, norm_first=norm_first
            )
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width) if norm_first else nn.Identity()
        self.fc = nn.Linear(width, num_classes)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)  # as nn.Transformer does

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, rows, pixels) -> logits (N, num_classes)"""
        stream = self.embed(x.squeeze(1)) + self.position.weight  # (N, rows, width)
        for block in self.blocks:
            stream = block(stream)
        return self.fc(self.norm(stream).mean(dim=1))
