"""Transformers with the normalisation on the stream or on what its branches read: gradients at the start, and
trainings with and without a warm-up.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR

from course.experiments.spec import Setting
from course.networks.transformer import RowTransformer
from course.records.statistics import Rows
from course.training.loop import evaluate


@dataclass(frozen=True)
class StreamGradients:
    """Gradients of the cross-entropy in untrained transformers; one row a number of blocks and a block.

    gradient: Frobenius norm of dL/dW of the block's last weights, as in Theorem 1 of Xiong et al. 2020.
    """

    name: str
    norm_first: bool
    blocks: tuple[int, ...] = (6, 12, 24, 48)
    images: int = 256
    data: str = "digits"

    @property
    def work(self) -> int:
        return sum(self.blocks)

    def measure(self, given: Setting) -> Rows:
        x = given.data.normalise(given.data.train_x[: self.images])
        y = given.data.train_y[: self.images]
        rows = []
        for blocks in self.blocks:
            torch.manual_seed(given.seed)
            net = RowTransformer(blocks, self.norm_first).to(given.device)
            F.cross_entropy(net(x), y).backward()
            layers: list[Any] = list(net.blocks)
            rows += [
                {"blocks": blocks, "block": number, "gradient": layer.linear2.weight.grad.norm().item()}
                for number, layer in enumerate(layers, start=1)
            ]
            given.progress(blocks, f"{blocks} blocks")
        return rows


@dataclass(frozen=True)
class StreamTraining:
    """Train a transformer with Adam; one row an epoch.

    warm_up: iterations over which the rate rises from 0; after them it is constant.
    """

    name: str
    norm_first: bool
    learning_rate: float
    warm_up: int
    blocks: int = 24
    epochs: int = 8
    batch: int = 64
    data: str = "digits"

    @property
    def work(self) -> int:
        return self.epochs

    def measure(self, given: Setting) -> Rows:
        data, rows = given.data, []
        torch.manual_seed(given.seed)
        net = RowTransformer(self.blocks, self.norm_first).to(given.device)
        optimiser = torch.optim.Adam(net.parameters(), self.learning_rate)
        schedule = LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / max(1, self.warm_up)))
        generator = torch.Generator().manual_seed(given.seed)
        for epoch in range(1, self.epochs + 1):
            net.train()
            loss_sum = wrong = seen = 0.0
            for x, y in data.training(self.batch, False, generator):
                logits = net(x)
                loss = F.cross_entropy(logits, y)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                loss_sum += loss.item() * len(y)
                wrong += (logits.argmax(1) != y).sum().item()
                seen += len(y)
            rows.append(
                {"epoch": epoch, "train_loss": loss_sum / seen, "train_error": 100 * wrong / seen}
                | {"test_error": evaluate(net, data.testing())}
            )
            given.progress(1, f"epoch {epoch}, error {rows[-1]['train_error']:.1f} % training")
        return rows
