"""What a check says when an answer is wrong: what was expected, what came instead, where to look."""
import pytest
import torch


def holds(condition: bool, message: str) -> None:
    """Fail with the message, without a traceback: what went wrong is in your function, not in the check."""
    if not condition:
        pytest.fail(message, pytrace=False)


def given(found, what: str):
    """The answer itself, if there is one."""
    holds(found is not None, f"{what} returned nothing: is there a `return` at the end?")
    return found


def same(found, expected, what: str, look: str, tolerance: float = 1e-6) -> None:
    """Compare an answer with the expected number, list or tensor, and say how they differ.

    what: the call that was made, as a reader would write it.  look: where the mistake may be.
    """
    try:
        answer, truth = (torch.as_tensor(value).detach().to(torch.float64) for value in (given(found, what), expected))
    except (TypeError, ValueError, RuntimeError):
        holds(False, f"{what} returned {kind(found)}, expected {kind(expected)}.\nLook at: {look}")
    holds(
        answer.shape == truth.shape,
        f"{what} has the shape {tuple(answer.shape)}, expected {tuple(truth.shape)}.\nLook at: {look}",
    )
    wrong = ~torch.isclose(answer, truth, rtol=tolerance, atol=tolerance)
    if wrong.any():
        place = tuple(wrong.nonzero()[0].tolist())
        where = f" at {list(place)} ({int(wrong.sum())} of {wrong.numel()} values differ)" if place else ""
        holds(False, f"{what} is {answer[place].item():.7g}{where}, expected {truth[place].item():.7g}.\nLook at: {look}")


def kind(value) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"{value!r} ({type(value).__name__})"
