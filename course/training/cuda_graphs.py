"""An iteration as a CUDA graph: what a GPU did for the first batch it does for every other, without Python.

A small network is hundreds of operations, each shorter on a GPU than Python and PyTorch take to start it. A
recorded graph is started once for all of them. What is computed stays the same.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat

import torch
from torch import Tensor, nn

from course.data import Dataset, Images
from course.machine import parallel
from course.machine.devices import precision
from course.training.fusion import compiled, rounded
from course.training.iteration import Iteration, compare
from course.training.recipe import Recipe

LONG = 30_000  # iterations for which compiling pays, which takes some twenty seconds


def recordable(net: nn.Module, data: Images) -> bool:
    """Whether a training of `net` can be recorded: by one process with one GPU, on images that lie there.

    Large images are left out: the threads that load them may not run while a graph is recorded, and large
    networks gain little. A module that decides something anew for each batch, on the host, is not
    `recordable`: its first decision would be its last.
    """
    on_a_gpu = next(net.parameters()).is_cuda and parallel.world() == 1 and isinstance(data, Dataset)
    return on_a_gpu and all(getattr(module, "recordable", True) for module in net.modules())


class Replay(Iteration):
    """The first call records the iteration, all others start it again.

    It is called with nothing: it finds its batch by itself, by its number in the plan of the epoch. Plan,
    number and learning rate lie on the device, where a graph reads and writes the same places every time.
    """

    data: Dataset

    def __init__(self, net: nn.Module, data: Dataset, recipe: Recipe):
        super().__init__(net, data, recipe)
        self.batch, self.follow = data.batch, lambda: None
        if recipe.iterations >= LONG:
            twin = compiled(net)
            if precision(recipe.precision, self.device) == "bfloat16" and not recipe.clip:
                self.follow = rounded(twin, self.optimiser)
            self.passes = twin
            self.batch, self.compare = (torch.compile(part, dynamic=False) for part in (data.batch, compare))
        self.rate = torch.zeros((), device=self.device)
        self.number = torch.zeros(1, dtype=torch.int64, device=self.device)
        self.plan: tuple[Tensor, ...] = ()
        self.start: Callable[[], None] | None = None

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, ...]]:
        plan = self.data.plan(self.recipe.batch, self.recipe.augment, generator)
        self.plan = self.plan or plan
        for place, drawn in zip(self.plan, plan):
            place.copy_(drawn)
        self.number.zero_()
        return repeat((), len(plan[0]))

    def set_rate(self, rate: float) -> None:
        super().set_rate(self.rate.fill_(rate))

    def __call__(self, *batch: Tensor) -> None:
        if self.start is None:
            with undisturbed(self.net, self.optimiser, self.sums, self.number), uncollected():
                self.start = record(self.next)
            self.follow()
        self.start()

    def next(self) -> None:
        """The iteration of the next batch; after the last of an epoch comes the first."""
        x, y = self.batch(*(part.index_select(0, self.number)[0] for part in self.plan))
        super().__call__(x, y)
        self.number.add_(1).remainder_(len(self.plan[0]))


def record(work: Callable[[], None]) -> Callable[[], None]:
    """Do `work` a few times, so that all that it makes once is made, then record it; what comes back starts
    the record.
    """
    stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
    stream.wait_stream(torch.cuda.current_stream())
    with fastest_convolutions():
        with torch.cuda.stream(stream):
            for _ in range(3):
                work()
        with torch.cuda.graph(graph, stream=stream):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    return graph.replay


@contextmanager
def fastest_convolutions() -> Iterator[None]:
    """Inside, cuDNN times its algorithms for every shape that is new to it, and keeps the fastest."""
    cudnn = torch.backends.cudnn
    before, cudnn.benchmark = cudnn.benchmark, True
    try:
        yield
    finally:
        cudnn.benchmark = before


@contextmanager
def undisturbed(net: nn.Module, optimiser: torch.optim.Optimizer, *others: Tensor) -> Iterator[None]:
    """What runs inside leaves no trace: weights, running statistics, momentum, `others` and random numbers
    are afterwards what they were.

    Where there was no momentum it is zero afterwards, from which the next step computes the same.
    """
    tensors = [*net.parameters(), *net.buffers(), *others]
    before = [tensor.detach().clone() for tensor in tensors]
    momentum = {weight: state["momentum_buffer"].clone() for weight, state in optimiser.state.items()}
    device = tensors[0].device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield
    with torch.no_grad():
        for tensor, value in zip(tensors, before):
            tensor.copy_(value)
        for weight, state in optimiser.state.items():
            state["momentum_buffer"].copy_(momentum.get(weight, torch.zeros_like(weight)))


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is collected inside: memory of a GPU freed while a graph is recorded breaks it."""
    gc.collect()  # so that little comes together meanwhile
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
