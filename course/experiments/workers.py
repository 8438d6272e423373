"""Worker processes for runs side by side: how they are started, and how they are stopped.

Each has a pool of its own: one pool for several trips over a worker that dies while it starts another.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from course import CourseError

SPAWN = multiprocessing.get_context("spawn")
made: Callable  # in the process of a worker: what it calls


class Worker:
    """A process of one thread, in which `make(*given)` has made what it is to call."""

    def __init__(self, make: Callable[..., Callable], given: tuple):
        self.pool = ProcessPoolExecutor(1, SPAWN, begin, (make, given))

    def call(self, *arguments: Any) -> Future:
        return self.pool.submit(call, *arguments)


@contextmanager
def workers(count: int, advice: str, make: Callable[..., Callable], *given: Any) -> Iterator[list[Worker]]:
    """So many workers.  advice: what to do where one dies.

    Left by an error, or by Ctrl-C, they are killed at once. Raises CourseError where one died by itself.
    """
    with ExitStack() as stack:
        try:
            ready = [Worker(make, given) for _ in range(count)]
            for worker in ready:
                stack.enter_context(worker.pool)
            yield ready
        except BaseException as error:
            for process in multiprocessing.active_children():
                process.kill()
            if isinstance(error, BrokenProcessPool):
                raise CourseError(f"a worker died, as when memory runs out: {advice}") from None
            raise


def begin(make: Callable[..., Callable], given: tuple) -> None:
    """In the process of a worker, once."""
    global made
    threading.Thread(target=leave_with_parent, daemon=True).start()
    torch.set_num_threads(1)  # one thread a run: two cores, two runs, and sums in a fixed order
    made = make(*given)


def call(*arguments: Any) -> Any:
    """In the process of a worker."""
    return made(*arguments)


def leave_with_parent() -> None:
    """A worker whose parent was killed, busy or idle, goes too: nobody is left to write its record."""
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


@contextmanager
def interruption_held() -> Iterator[None]:
    """Ctrl-C is the parent's to answer, and not in the middle: a worker half started would leave with a
    traceback, and a lock that `concurrent.futures.wait` holds would stay closed. `kill` likewise.

    The worker inherits the mask. The parent has threads without it (torch's), so it needs a handler as well.
    """
    pressed = []
    answers = {
        each: signal.signal(each, lambda *_: pressed.append(True)) for each in (signal.SIGINT, signal.SIGTERM)
    }
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for each, answer in answers.items():
            signal.signal(each, answer)
    if pressed:
        raise KeyboardInterrupt
