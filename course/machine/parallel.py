"""Several processes as one training: each takes its share of every batch, and sums are made over all of them.

`torchrun` starts the processes and PyTorch's DistributedDataParallel averages their gradients. A process on
its own is the first of one, and nothing here does anything.
"""

import os

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from course import CourseError


def begin(device: str) -> str:
    """Join the processes that torchrun started, and return the device of this one: of "cuda",
    the GPU of its number.

    Raises CourseError where there are more processes than GPUs.
    """
    if not started_by_torchrun():
        return device
    if device.startswith("cuda"):
        here, gpus = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if here > gpus:
            raise CourseError(
                f"{here} processes need {here} GPUs and this machine has {gpus}: torchrun "
                f"--nproc-per-node={gpus or 1}" + " --device cpu" * (not gpus)
            )
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    return device


def end() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def started_by_torchrun() -> bool:
    return "TORCHELASTIC_RUN_ID" in os.environ


def cores() -> int:
    """The processor cores of this machine that fall to this process."""
    return max(1, (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", 1)))


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def share(batch: Tensor) -> Tensor:
    """This process's part of what all of them have; the parts do not overlap and leave nothing out."""
    return batch[rank() :: world()]


def total(value: Tensor) -> Tensor:
    """The sum over all processes."""
    if dist.is_initialized():
        dist.all_reduce(value)
    return value


def least(value: Tensor) -> Tensor:
    """The smallest over all processes."""
    if dist.is_initialized():
        dist.all_reduce(value, dist.ReduceOp.MIN)
    return value


def align(net: nn.Module) -> None:
    """Give every process the running statistics of the first one; its weights are everywhere the same."""
    if dist.is_initialized():
        for buffer in net.buffers():
            dist.broadcast(buffer, src=0)


def synchronised(net: nn.Module) -> nn.Module:
    """The net to train with: its gradients are the mean over all processes.

    Batch normalisation stays each process's own, over its share, as on the eight GPUs of He et al. 2016a.
    """
    if world() == 1:
        return net
    # What an iteration leaves out has no gradient in it; see course.networks.variants.
    leaves_out = not all(getattr(module, "recordable", True) for module in net.modules())
    return DistributedDataParallel(net, find_unused_parameters=leaves_out)
