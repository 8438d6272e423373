"""Worker processes: none that dies leaves another waiting, and Ctrl-C does not cut what must be whole."""

import os
import signal
from concurrent.futures import wait

import pytest

from course import CourseError
from course.experiments.workers import SPAWN, interruption_held, workers


class Meeting:
    """Returns when two have come, and says who did."""

    def __init__(self, barrier):
        self.barrier = barrier

    def __call__(self) -> int:
        self.barrier.wait()
        return os.getpid()


@pytest.mark.slow
@pytest.mark.parametrize("number", (0, 1))
def test_a_worker_that_dies_leaves_no_other_waiting(number):
    with (
        pytest.raises(CourseError, match="a worker died, as when memory runs out: take a rest"),
        workers(2, "take a rest", Meeting, SPAWN.Barrier(2)) as both,
    ):
        numbers = [future.result(timeout=60) for future in [worker.call() for worker in both]]
        os.kill(numbers[number], signal.SIGKILL)
        done, _ = wait([worker.call() for worker in both], timeout=60, return_when="FIRST_COMPLETED")
        for future in done:
            future.result()


@pytest.fixture
def heard():
    """Control-C, also where the tests run in the background of a shell, which has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_control_c_waits_for_the_end_of_what_must_be_whole(heard):
    done = False
    with pytest.raises(KeyboardInterrupt), interruption_held():
        os.kill(os.getpid(), signal.SIGINT)
        done = True
    assert done
    assert signal.getsignal(
        signal.SIGINT
    ) is signal.default_int_handler and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
