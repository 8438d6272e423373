"""A training computes in bfloat16 only where the device has instructions for it,
and says in what it computed.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from course import CourseError, paths
from course.data import load
from course.experiments import runs
from course.experiments.curves import Curves
from course.machine import devices
from course.networks import cifar_resnet
from course.training import Recipe, fit

SHORT = Recipe(iterations=2, batch=64, precision="bfloat16")


def processor(monkeypatch, capability: str, avx512_bf16: bool, amx: bool) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """No run of these tests goes on from a reader's checkpoint, or leaves one."""
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path)


@pytest.mark.parametrize(
    "capability, avx512_bf16, amx, computed",
    (
        ("AVX512", False, True, "bfloat16"),
        ("AVX512", True, False, "bfloat16"),
        ("AVX512", False, False, "float32"),  # the first processors with AVX512
        ("AVX2", False, False, "float32"),
        ("AVX2", True, True, "float32"),  # has the instructions, and ATEN_CPU_CAPABILITY forbids them
        ("DEFAULT", False, False, "float32"),
    ),
)
def test_a_processor_computes_in_bfloat16_only_with_instructions_for_it(
    monkeypatch, capability, avx512_bf16, amx, computed
):
    processor(monkeypatch, capability, avx512_bf16, amx)
    assert devices.precision("bfloat16", "cpu") == computed
    assert devices.precision("float32", "cpu") == "float32"


def test_pytorchs_own_setting_makes_every_processor_one_without():
    code = "from course.machine.devices import precision; print(precision('bfloat16', 'cpu'))"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PATH": "", "ATEN_CPU_CAPABILITY": "avx2"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "float32\n", done.stderr


def test_the_passes_compute_in_what_the_device_has_with_the_channels_last_either_way():
    torch.manual_seed(0)
    net, found = cifar_resnet(8, in_channels=1), []
    net.conv1.register_forward_hook(
        lambda m, inputs, output: (
            found.append((output.dtype, output.is_contiguous(memory_format=torch.channels_last)))
            if m.training
            else None
        )
    )
    fit(net, load("digits"), SHORT)
    # never emulated: that would take minutes
    assert found == [(getattr(torch, devices.precision("bfloat16", "cpu")), True)] * 2


def test_a_record_says_what_was_computed_in_and_not_what_was_wanted(monkeypatch):
    processor(monkeypatch, "AVX2", False, False)
    run = runs.Run("digits", Curves("resnet-8", "resnet", 8, "digits", SHORT), 0)
    record = runs.perform(run, "cpu", "data", lambda done, text: None)
    assert record.spec["recipe"]["precision"] == "bfloat16" and record.precision == "float32"


def test_what_does_not_train_by_one_recipe_has_no_precision():
    (run,) = runs.choose(["activations/tanh"])
    assert runs.perform(run, "cpu", "data", lambda done, text: None).precision == ""


def test_a_checkpoint_in_one_precision_is_not_continued_in_the_other(monkeypatch):
    run = runs.Run("digits", Curves("resnet-8", "resnet", 8, "digits", replace(SHORT, iterations=23)), 0)

    def stop(done: int, text: str) -> None:
        if "epoch 2" in text:
            raise KeyboardInterrupt

    processor(monkeypatch, "AVX2", False, False)
    with pytest.raises(KeyboardInterrupt):
        runs.perform(run, "cpu", "data", stop)
    processor(monkeypatch, "AVX512", True, True)
    with pytest.raises(CourseError, match="of another recipe, network or precision than today's"):
        runs.perform(run, "cpu", "data", stop)
