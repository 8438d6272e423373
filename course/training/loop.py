"""The training loop, on a CPU or a GPU."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from course import CourseError
from course.data import Images
from course.machine import parallel
from course.training.checkpoints import Checkpoint
from course.training.cuda_graphs import Replay, recordable
from course.training.iteration import Iteration
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
    state = begin(net, data.to(next(net.parameters()).device), recipe, seed)
    if checkpoint:
        checkpoint.resume(state.restore)
    on_step(state.step)
    epochs = recipe.iterations * recipe.batch / data.sizes()["train"]
    while state.step < recipe.iterations:
        row = train_epoch(state, on_step)
        state.history.append(row)
        if checkpoint and parallel.rank() == 0 and row.epoch % max(1, round(epochs / 100)) == 0:
            checkpoint.save(state.snapshot())
        on_epoch(row)
    return state.history


def begin(net: nn.Module, data: Images, recipe: Recipe, seed: int) -> "State":
    """A training of `net`, on the device of `data`, before its first iteration."""
    made: Any = Replay if recordable(net, data) else Iteration
    return State(made(net, data, recipe), torch.Generator().manual_seed(seed))


@dataclass
class State:
    """A training in progress: all that has to be saved to go on as if nothing had happened."""

    iteration: Iteration
    generator: torch.Generator
    step: int = 0
    history: list[Epoch] = field(default_factory=list)

    def snapshot(self) -> dict:
        device = self.iteration.device
        return {
            "net": self.iteration.net.state_dict(),
            "optimiser": self.iteration.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "random": torch.get_rng_state(),  # dropout draws from it
            "random_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
            "step": self.step,
            "history": [asdict(row) for row in self.history],
        }

    def restore(self, saved: dict) -> None:
        device = self.iteration.device
        self.iteration.net.load_state_dict(saved["net"])
        self.iteration.optimiser.load_state_dict(saved["optimiser"])
        for group in self.iteration.optimiser.param_groups:
            group["fused"] = device.type == "cuda"  # as it computes here, not where it was saved
        self.generator.set_state(saved["generator"])
        torch.set_rng_state(saved["random"])
        if device.type == "cuda" and saved["random_cuda"] is not None:
            torch.cuda.set_rng_state(saved["random_cuda"], device)
        self.history = [Epoch(**row) for row in saved["history"]]
        self.step = saved["step"]
        if self.step != self.history[-1].iteration:
            raise ValueError("the curves end elsewhere than the training")


def train_epoch(state: State, on_step: Callable[[int], None] = lambda step: None) -> Epoch:
    """One pass over the training images, or what is left of the iterations, and a look at the test images."""
    iteration, recipe, first = state.iteration, state.iteration.recipe, state.step
    iteration.net.train()
    iteration.sums.zero_()
    for batch in iteration.batches(state.generator):
        iteration.set_rate(learning_rate(recipe, state.step))
        iteration(*batch)
        state.step += 1
        on_step(state.step)
        if state.step == recipe.iterations:
            break
    losses, wrong = parallel.total(iteration.sums[:2]).tolist()
    if not math.isfinite(losses):
        # A sum that has stopped being a number stays so: the finite ones came first.
        finite = int(parallel.least(iteration.sums[2]))
        raise Diverged(
            f"training diverged: the loss of iteration {first + finite} is not finite",
            state.history,
        )
    parallel.align(iteration.net)  # or each process would test a network of its own
    seen = (state.step - first) * recipe.batch
    return Epoch(
        epoch=len(state.history) + 1,
        iteration=state.step,
        learning_rate=learning_rate(recipe, state.step - 1),
        train_loss=losses / seen,
        train_error=100 * wrong / seen,
        test_error=evaluate(iteration.net, iteration.data.testing()),
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
