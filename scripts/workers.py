"""Worker processes for runs side by side: how they are started, and how they are stopped.

Each has a pool of its own: one pool for several trips over a worker that dies while it starts another.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager

import torch

from course import CourseError

SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def workers(count: int, advice: str, begin: Callable, *given) -> Iterator[list[ProcessPoolExecutor]]:
    """Pools of one process of one thread each, in which `begin(*given)` has run.  advice:
    what to do where one dies.

    Left by an error, or by Ctrl-C, they are killed at once. Raises CourseError where one died by itself.
    """
    with ExitStack() as stack:
        try:
            yield [
                stack.enter_context(ProcessPoolExecutor(1, SPAWN, begin_worker, (begin, given)))
                for _ in range(count)
            ]
        except BaseException as error:
            for process in multiprocessing.active_children():
                process.kill()
            if isinstance(error, BrokenProcessPool):
                raise CourseError(f"a worker died, as when memory runs out: {advice}") from None
            raise


def begin_worker(begin: Callable, given: tuple) -> None:
    threading.Thread(target=leave_with_parent, daemon=True).start()
    torch.set_num_threads(1)  # one thread a run: two cores, two runs, and sums in a fixed order
    begin(*given)


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
