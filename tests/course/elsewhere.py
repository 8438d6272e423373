"""A device that is not the CPU, made of the CPU: what a GPU would refuse,
tensors of two places in one operation, is refused here too.

`with device():` makes "meta" that device. Its tensors keep their numbers on the CPU, each in `held`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = torch.device("meta")
aten = torch.ops.aten


class There(Tensor):
    """A tensor of that device."""

    @staticmethod
    def __new__(cls, held: Tensor):
        tensor = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=NAME,
        )
        tensor.held = held
        return tensor

    def tolist(self):
        return self.held.tolist()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        raise NotImplementedError(f"{function} after the device was left")


class Device(TorchDispatchMode):
    """Every operation: are its tensors in one place? Then it is done on the CPU,
    and what it gives is there again.
    """

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        given = [value for value in tree_leaves((args, kwargs)) if isinstance(value, Tensor)]
        there = [value for value in given if isinstance(value, There)]
        if any(value.device == NAME and not isinstance(value, There) for value in given):
            raise NotImplementedError(f"{function} got a tensor that was made without its numbers")
        if there and not self.may_meet(function, args, given):
            places = ", ".join(
                f"{tuple(value.shape)} {'there' if isinstance(value, There) else 'here'}" for value in given
            )
            raise RuntimeError(f"Expected all tensors to be on the same device: {function} got {places}")
        if kwargs.get("device"):
            arrives, kwargs["device"] = kwargs["device"] == NAME, torch.device("cpu")
        else:
            arrives = isinstance(args[0], There) if function is aten.copy_.default else bool(there)
        if not there and not arrives:
            return function(*args, **kwargs)
        with torch.inference_mode(False), torch.no_grad():  # tensors of inference mode cannot be wrapped
            result = function(*tree_map(held, args), **tree_map(held, kwargs))
        known = {id(value.held): value for value in there}  # an operation in place gives what it was given
        return tree_map(lambda value: wrapped(value, known), result) if arrives else result

    @staticmethod
    def may_meet(function, args: tuple, given: list[Tensor]) -> bool:
        """As on a GPU: copies cross; the CPU may give single numbers to any operation,
        and the places for an index.
        """
        if function in (aten._to_copy.default, aten.copy_.default):
            return True
        if function in (aten.index.Tensor, aten._index_put_impl_.default) and isinstance(args[0], There):
            return True
        return all(isinstance(value, There) or value.dim() == 0 for value in given)


def held(value):
    return value.held if isinstance(value, There) else value


def wrapped(value, known: dict[int, There]):
    if not isinstance(value, Tensor):
        return value
    with torch.inference_mode(False):
        return known[id(value)] if id(value) in known else There(value)


class Literals(TorchFunctionMode):
    """Numbers written in Python become tensors without asking a mode:
    here they do so on the CPU, and are moved.
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function is torch.tensor and kwargs.get("device") == NAME:
            del kwargs["device"]
            return torch.tensor(*args, **kwargs).to(NAME)
        if function is Tensor.__getitem__ and isinstance(args[1], list):
            return args[0][torch.tensor(args[1])]
        return function(*args, **kwargs)


@contextmanager
def device() -> Iterator[torch.device]:
    # A module moved or converted gets new parameters:
    # in place of the old ones PyTorch would not exchange what they hold.
    before = torch.__future__.get_overwrite_module_params_on_conversion()
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        with Device(), Literals():
            yield NAME
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(before)
