"""The training loop, on a CPU or a GPU."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.data import Images
from course.data.dataset import Dataset
from course.machine import parallel
from course.machine.devices import precision
from course.training.checkpoints import Checkpoint
from course.training.cuda_graphs import Replay
from course.training.recipe import Recipe, learning_rate


@dataclass(frozen=True)
class Epoch:
    """One row of the curves. Errors are percentages of wrong answers.

    train_loss, train_error: over the batches of the epoch as they were trained on.
    test_error: of the network at the end of the epoch, with running statistics, over the whole test set.
    """

    epoch: int
    iteration: int
    learning_rate: float
    train_loss: float
    train_error: float
    test_error: float


class Diverged(CourseError):
    """The loss stopped being a number. history: the epochs before."""

    def __init__(self, message: str, history: list[Epoch]):
        super().__init__(message)
        self.history = history


def fit(
    net: nn.Module,
    data: Images,
    recipe: Recipe,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] = lambda row: None,
    checkpoint: Checkpoint | None = None,
    on_step: Callable[[int], None] = lambda step: None,
) -> list[Epoch]:
    """Train `net` in place, on the device it lies on, and return its curves;
    `seed` fixes the order and the augmentation.

    on_step is told how many iterations are done: at the start, and after each.
    With a checkpoint, go on from it where it exists, and renew it about a hundred times.
    Several processes (course.machine.parallel) train one net together: each takes its share of every batch.
    Raises Diverged when the loss stops being a number,
    CourseError when the images do not fill a batch or a batch cannot be shared.
    """
    if data.sizes()["train"] < recipe.batch:
        raise CourseError(
            f"{data.sizes()['train']} training images do not fill a batch of {recipe.batch}: choose a "
            "smaller batch"
        )
    if recipe.batch % parallel.world():
        raise CourseError(
            f"a batch of {recipe.batch} cannot be shared by {parallel.world()} processes: start a number "
            "that divides it"
        )
    state = begin(net, data, recipe, seed)
    data = data.to(state.device)
    if checkpoint:
        checkpoint.resume(state.restore)
    on_step(state.step)
    epochs = recipe.iterations * recipe.batch / data.sizes()["train"]
    while state.step < recipe.iterations:
        row = train_epoch(state, data, recipe, on_step)
        state.history.append(row)
        if checkpoint and parallel.rank() == 0 and row.epoch % max(1, round(epochs / 100)) == 0:
            checkpoint.save(state.snapshot())
        on_epoch(row)
    return state.history


def begin(net: nn.Module, data: Images, recipe: Recipe, seed: int) -> "State":
    """A training of `net` before its first iteration."""
    device = next(net.parameters()).device
    net.to(memory_format=recipe.layout)
    passes: Any = Passes(parallel.synchronised(net), recipe)
    # Large images are left out: the threads that load them may not run while a graph is recorded,
    # and large networks gain little.
    if device.type == "cuda" and parallel.world() == 1 and isinstance(data, Dataset):
        passes = Replay(passes)
    optimiser = torch.optim.SGD(
        net.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=device.type == "cuda",
    )
    return State(net, passes, optimiser, torch.Generator().manual_seed(seed), device)


class Passes(nn.Module):
    """A batch through the net in the recipe's precision: images (N, C, H, W), labels (N,) -> mean loss (),
    wrong answers ().
    """

    def __init__(self, net: nn.Module, recipe: Recipe):
        super().__init__()
        self.net, self.recipe = net, recipe

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast(
            x.device.type, torch.bfloat16, enabled=precision(self.recipe.precision, x.device) == "bfloat16"
        ):
            logits = self.net(x.contiguous(memory_format=self.recipe.layout))
        return F.cross_entropy(logits.float(), y), (logits.argmax(1) != y).sum()


@dataclass
class State:
    """A training in progress: all that has to be saved to go on as if nothing had happened.

    passes: called with a batch, the loss and the number of wrong answers; see Passes.
    """

    net: nn.Module
    passes: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    optimiser: torch.optim.Optimizer
    generator: torch.Generator
    device: torch.device
    step: int = 0
    history: list[Epoch] = field(default_factory=list)

    def snapshot(self) -> dict:
        return {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "random": torch.get_rng_state(),  # dropout draws from it
            "random_cuda": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
            "step": self.step,
            "history": [asdict(row) for row in self.history],
        }

    def restore(self, saved: dict) -> None:
        self.net.load_state_dict(saved["net"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.generator.set_state(saved["generator"])
        torch.set_rng_state(saved["random"])
        if self.device.type == "cuda" and saved["random_cuda"] is not None:
            torch.cuda.set_rng_state(saved["random_cuda"], self.device)
        self.history = [Epoch(**row) for row in saved["history"]]
        self.step = saved["step"]
        if self.step != self.history[-1].iteration:
            raise ValueError("the curves end elsewhere than the training")


def train_epoch(
    state: State, data: Images, recipe: Recipe, on_step: Callable[[int], None] = lambda step: None
) -> Epoch:
    """One pass over the training images, or what is left of the iterations, and a look at the test images."""
    net, optimiser, device = state.net, state.optimiser, state.device
    net.train()
    # Summed on the device: reading a number back would make a GPU wait in every iteration.
    loss_sum, wrong, finite_steps = torch.zeros(3, device=device)
    first = state.step
    for x, y in data.training(recipe.batch, recipe.augment, state.generator):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, state.step)
        loss, errors = state.passes(x, y)
        optimiser.zero_grad()
        loss.backward()
        if recipe.clip:
            nn.utils.clip_grad_norm_(net.parameters(), recipe.clip)
        optimiser.step()
        loss_sum += loss.detach() * len(y)
        finite_steps += torch.isfinite(loss_sum)
        wrong += errors
        state.step += 1
        on_step(state.step)
        if state.step == recipe.iterations:
            break
    loss_sum, wrong = parallel.total(torch.stack([loss_sum, wrong])).tolist()
    if not math.isfinite(loss_sum):
        # A sum that has stopped being a number stays so: the finite ones came first.
        raise Diverged(
            f"training diverged: the loss of iteration {first + int(finite_steps)} is not finite",
            state.history,
        )
    parallel.align(net)  # or each process would test a network of its own
    seen = (state.step - first) * recipe.batch
    return Epoch(
        epoch=len(state.history) + 1,
        iteration=state.step,
        learning_rate=learning_rate(recipe, state.step - 1),
        train_loss=loss_sum / seen,
        train_error=100 * wrong / seen,
        test_error=evaluate(net, data.testing()),
    )


@torch.inference_mode()
def evaluate(net: nn.Module, images: Iterable[tuple[Tensor, Tensor]]) -> float:
    """The error in percent over batches of normalised images (N, C, H, W) and labels (N,), in inference mode.

    Several processes, each with its share of the images, get the error over all of them.
    """
    net.eval()
    wrong, seen = torch.zeros(2, dtype=torch.float64, device=next(net.parameters()).device)
    for x, y in images:
        wrong += (net(x).argmax(1) != y).sum()
        seen += len(y)
    wrong, seen = parallel.total(torch.stack([wrong, seen])).tolist()
    return 100 * wrong / seen
