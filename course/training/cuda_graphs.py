"""A module's passes as CUDA graphs: what a GPU did for the first batch it does
for every other, without Python.

A small network is hundreds of operations, each shorter on a GPU than Python and PyTorch take to start it. A
recorded graph is started once for all of them. What is computed stays the same.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Replay:
    """Calls a module whose forward and backward pass are recorded at the first batch;
    all must have its shape.
    """

    def __init__(self, module: nn.Module):
        self.module, self.recorded = module, False

    def __call__(self, *batch: Tensor):
        if not self.recorded:
            with undisturbed(self.module, batch[0].device), uncollected():
                torch.cuda.make_graphed_callables(self.module, batch)  # tries the passes, then records them
            self.recorded = True
        return self.module(*batch)


@contextmanager
def undisturbed(module: nn.Module, device: torch.device) -> Iterator[None]:
    """What runs inside leaves no trace: running statistics and random numbers are
    afterwards what they were.
    """
    before = [buffer.clone() for buffer in module.buffers()]
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield
    for buffer, value in zip(module.buffers(), before):
        buffer.copy_(value)


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
