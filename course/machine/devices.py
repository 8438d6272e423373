"""Which device computes, what it is in words, and in which precision it computes natively."""

import platform

import torch

from course import CourseError
from course.machine import parallel


def check_device(name: str) -> None:
    """Raises CourseError for a name that is no device, or one that is not there or not supported."""
    try:
        kind, number = torch.device(name).type, torch.device(name).index or 0
    except RuntimeError:
        raise CourseError(f"unknown device {name!r}: choose cpu, cuda or cuda:N") from None
    if kind not in ("cpu", "cuda") or (kind == "cpu" and name != "cpu"):
        raise CourseError(
            f"device {name!r} is not supported, nothing here was tried on it: choose cpu, cuda or cuda:N"
        )
    if kind == "cuda" and number >= torch.cuda.device_count():
        raise CourseError(
            f"there is no device {name} on this machine, which has {torch.cuda.device_count()} CUDA devices: "
            "use --device cpu"
        )


def describe(device: str) -> str:
    """A device such as "cpu" in words that tell a reader what the numbers were measured on."""
    if torch.device(device).type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        threads = torch.get_num_threads()
        name = f"CPU ({platform.machine()}, {threads} thread{'s'[: threads > 1]})"
    return name if parallel.world() == 1 else f"{parallel.world()} × {name}"


def precision(wanted: str, device: str | torch.device) -> str:
    """What a recipe that wants "float32" or "bfloat16" computes in:
    bfloat16 only where the device has instructions for it.

    A processor without them emulates bfloat16, ten times slower than it computes in float32.
    ATEN_CPU_CAPABILITY=avx2, PyTorch's own setting, makes a processor that has them one that has not.
    """
    return "bfloat16" if wanted == "bfloat16" and has_bfloat16(torch.device(device)) else "float32"


def reason(wanted: str, device: str | torch.device) -> str:
    """In words, what `precision` decides and why."""
    if wanted == precision(wanted, device):
        return f"in {wanted}, as the recipe asks"
    kind = "GPU" if torch.device(device).type == "cuda" else "processor"
    return f"in float32: the recipe asks for {wanted}, for which this {kind} has no instructions"


def has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    allowed = torch.backends.cpu.get_cpu_capability() not in ("DEFAULT", "AVX2")
    return allowed and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
