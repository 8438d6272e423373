"""The profile of the loop counts what an iteration starts, and refuses what is no number of iterations."""

import re
import sys

import pytest

from course import CourseError
from scripts import kernels


@pytest.fixture
def script(two_batches, monkeypatch, capsys):
    monkeypatch.setattr(kernels, "load", lambda name, root: two_batches)

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["kernels.py", *arguments])
        kernels.main()
        return capsys.readouterr().out

    return run


def test_it_says_how_long_an_iteration_takes_and_how_much_the_host_starts(script):
    printed = script("--iterations", "2")
    assert "an iteration of 2:" in printed
    assert float(re.search(r"([\d.]+) ms, [\d,]+ images/s", printed)[1]) > 0
    assert (
        float(re.search(r"([\d.]+) operations that the host starts", printed)[1]) > 100
    )  # forward and backward, 20 layers
    assert "convolution" in printed


@pytest.mark.parametrize("iterations", ("0", "391"))
def test_what_is_no_number_of_iterations_is_refused(script, iterations):
    with pytest.raises(
        CourseError,
        match=f"--iterations {iterations} is less than one or more than an epoch: choose from 1 to 390",
    ):
        script("--iterations", iterations)
