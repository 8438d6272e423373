"""Trained weights that travel with the repository: safetensors, half precision, under a megabyte each."""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from course import CourseError, paths
from course.data import Images
from course.machine import files, parallel
from course.training.loop import evaluate

LIMIT = 1_000_000  # bytes: what is larger stays out of the repository


def keep(net: nn.Module, data: Images, test_error: float, stem: str) -> None:
    """Write the weights of a trained network: in float16 where its test error stays the same to 0.01 points,
    else in bfloat16 where it does, else in float32.

    test_error: of `net` on the test images of `data`, in percent.
    Raises CourseError if the file cannot be written.
    """
    rounded = deepcopy(net)
    for precision in (torch.float16, torch.bfloat16, torch.float32):
        state = {
            name: value.to(precision) if value.is_floating_point() else value
            for name, value in net.state_dict().items()
        }
        rounded.load_state_dict(state)
        # 0.01, and what floating point makes of it
        if abs(evaluate(rounded, data.testing()) - test_error) < 0.015:
            break
    if parallel.rank() > 0:
        return
    size = sum(value.numel() * value.element_size() for value in state.values())
    path = (paths.WEIGHTS if size < LIMIT else paths.LARGE_WEIGHTS) / f"{stem}.safetensors"
    state = {name: value.cpu().contiguous() for name, value in state.items()}
    about = {"channels": str(data.channels), "classes": str(data.classes), "digest": digest(state)}
    files.write(path, save(state, about))


def digest(state: dict[str, Tensor]) -> str:
    """SHA-256 of the numbers, tensor by tensor in the order of their names."""
    content = hashlib.sha256()
    for name in sorted(state):
        content.update(name.encode() + state[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    return content.hexdigest()


def found(stem: str) -> Path | None:
    """The file of the weights that `keep` wrote under this name, if there is one."""
    places = (folder / f"{stem}.safetensors" for folder in (paths.WEIGHTS, paths.LARGE_WEIGHTS))
    return next((path for path in places if path.exists()), None)


def restore(network: Callable[[int, int], nn.Module], stem: str) -> nn.Module:
    """The network that `network(channels, classes)` builds with what `keep` wrote, in float32,
    ready to classify.

    Raises CourseError where there are no such weights, or they are damaged or another network's.
    """
    path = found(stem)
    if not path:
        raise CourseError(
            f"no weights of {stem}: scripts/train.py keeps them when it trains that run (--fresh, where it "
            "is recorded already)"
        )
    try:
        with safe_open(path, "pt") as file:
            about, names = file.metadata(), file.keys()
            state = {name: file.get_tensor(name) for name in names}
        if about.get("digest", digest(state)) != digest(state):  # the first ones that were kept have none
            raise ValueError("its digest does not match")
        net = network(int(about["channels"]), int(about["classes"]))
        net.load_state_dict(state)
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CourseError(
            f"{path.name} is damaged or another network's ({str(error).splitlines()[0]}): delete it and "
            "train again"
        ) from None
    return net.eval()
