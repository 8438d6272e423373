"""Every experiment runs where its device says, with nothing left behind on the CPU;
and gives there what it gives here.
"""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course import CourseError, paths
from course.data import load
from course.data.folder import open_folder
from course.experiments import EXPERIMENTS, runs
from course.experiments.batch_normalisation import Averaged
from course.experiments.failures import Failure
from course.experiments.spec import Setting, Spec
from course.machine import devices
from course.networks import mlp
from course.training import Recipe, fit, weights
from tests.course import elsewhere

QUICK = Recipe(iterations=3, drops=(2,), batch=256)
SMALL = {
    "Curves": {"recipe": replace(QUICK, augment=True), "depth": 20},
    "Trial": {"recipe": QUICK, "depth": 26},
    "Outset": {"depth": 26, "images": 32},
    "Perceptrons": {"inits": ("he",), "depths": (2, 4), "steps": (0, 2), "seeds": 2},
    "Convolutions": {"depths": (8,), "steps": (0, 2), "seeds": 2},
    "Averaged": {"recipe": replace(QUICK, augment=True), "depth": 8, "data": "digits"},
    "BatchSizes": {"sizes": (64,), "epochs": 1, "seeds": 2},
    "Distributions": {"depth": 3, "steps": (0, 2), "seeds": 2},
    "Noise": {"depth": 3, "sizes": (64, 256), "steps": (2,), "seeds": 2},
    "Construction": {"further": QUICK, "layers": 8, "depth": 14},
    "TrainingGradients": {"recipe": QUICK, "depth": 8},
    "Dissection": {"recipe": QUICK, "depth": 8},
    "Shattering": {"depths": (8,), "points": 16, "lags": (1, 2)},
    "Failure": {"recipe": Recipe(iterations=3, batch=50)},
    "Reach": {"depths": (10,), "rates": (0.01,), "steps": 2, "seeds": 2},
    "Blocks": {"recipe": QUICK, "depth": 8, "images": 32},
    "Lengths": {"recipe": QUICK, "depth": 8, "images": 16},
    "Surface": {"recipe": QUICK, "depth": 8, "points": 3, "images": 32},
    "Successor": {"recipe": QUICK, "depth": 8},
    "GroupSizes": {"sizes": (64,), "epochs": 1, "seeds": 2},
    "StreamGradients": {"blocks": (2,), "images": 32},
    "StreamTraining": {"blocks": 2, "epochs": 1, "batch": 512},
    "RecipeParts": {"iterations": 3},
}


def small(spec: Spec) -> Spec:
    """The same measurement, over in a second."""
    changes = SMALL[type(spec).__name__]
    if getattr(spec, "first", None):
        changes = changes | {"first": QUICK}
    return replace(spec, **changes)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture
def there(monkeypatch):
    """The other device, for as long as a test runs. (autocast does not know it,
    and nothing here computes in bfloat16.)
    """
    monkeypatch.setattr(torch, "autocast", lambda *arguments, **options: nullcontext())
    with elsewhere.device() as device:
        yield device


def measured(spec: Spec, data, device: str, stem: str | None = None) -> list[dict]:
    return spec.measure(Setting(0, data.to(device), str(device), lambda done, text: None, weights=stem))


SPECS = {
    f"{experiment.name}/{spec.name}": spec
    for experiment in EXPERIMENTS.values()
    for spec in experiment.specs
    if spec.data == "digits" or isinstance(spec, Averaged)
}


def one_of_each_kind() -> list[str]:
    """Of the trainings on altered digits all: each alters them in another way."""
    kinds = {
        (
            type(spec).__name__,
            isinstance(spec, Failure) and spec.name,
        ): name
        for name, spec in SPECS.items()
    }
    return sorted(kinds.values())


@pytest.mark.parametrize("name", one_of_each_kind())
def test_every_kind_of_measurement_gives_the_same_rows_on_another_device(digits, there, name):
    spec = small(SPECS[name])
    here = rounded(measured(spec, digits, "cpu"))
    assert rounded(measured(spec, digits, there)) == here and here


def rounded(rows: list[dict]) -> list[dict]:
    """Attention picks another kernel there, whose sums end in another digit."""
    return [
        {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]


def test_a_folder_of_photographs_streams_to_another_device(there, photographs):
    curves = []
    for device in ("cpu", there):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.AvgPool2d(28), torch.nn.Flatten(), torch.nn.Linear(192, 2)).to(
            device
        )
        curves.append(
            fit(
                net,
                open_folder("imagenet", photographs, workers=0),
                Recipe(iterations=6, batch=4, augment=True),
            )
        )
    assert curves[0] == curves[1]


def test_a_trained_network_is_kept_from_any_device(digits, there, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "WEIGHTS", tmp_path)
    spec = small(SPECS["digits/resnet-20"])
    measured(spec, digits, there, "run")
    assert weights.restore(spec.network, "run").conv1.weight.device.type == "cpu"


def test_a_record_names_the_device_of_its_data_or_the_cpu_without_data(there, monkeypatch):
    monkeypatch.setattr(devices, "describe", lambda device: f"<{device}>")
    for name, device in (("activations/tanh", "<cpu>"), ("shattering/plain", f"<{there}>")):
        (run, *_) = runs.choose([name])
        if run.spec.data:
            run = replace(run, spec=small(run.spec))
        assert runs.perform(run, str(there), "data", lambda done, text: None).device == device


class Kinds(TorchDispatchMode):
    """Collects the kinds of number that operations give."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        self.found |= {value.dtype for value in tree_leaves(result) if isinstance(value, torch.Tensor)}
        return result


@pytest.mark.parametrize("native", (True, False))
@pytest.mark.parametrize("wanted", ("float32", "bfloat16"))
def test_bfloat16_is_never_emulated(digits, monkeypatch, native, wanted):
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: native)
    recipe = replace(QUICK, precision=wanted)
    with Kinds() as kinds:
        fit(mlp(2), digits, recipe)
    assert (torch.bfloat16 in kinds.found) == (native and wanted == "bfloat16")


@pytest.mark.parametrize(
    "name, complaint",
    (
        ("abacus", "unknown device 'abacus': choose cpu, cuda or cuda:N"),
        ("mps", "device 'mps' is not supported.*choose cpu, cuda or cuda:N"),
        ("cpu:0", "device 'cpu:0' is not supported.*choose cpu, cuda or cuda:N"),
        ("cuda:99", "there is no device cuda:99 on this machine, .* use --device cpu"),
    ),
)
def test_a_device_that_is_not_there_is_refused(name, complaint):
    with pytest.raises(CourseError, match=complaint):
        devices.check_device(name)


@pytest.mark.parametrize(
    "mistake",
    (
        lambda there: torch.ones(2) + torch.ones(2, device=there),
        lambda there: torch.nn.Linear(2, 2)(torch.ones(1, 2, device=there)),
        lambda there: torch.ones(3)[torch.tensor([0], device=there)],
        lambda there: torch.stack([torch.ones(2), torch.ones(2, device=there)]),
    ),
)
def test_what_a_gpu_would_refuse_is_refused_there(there, mistake):
    with pytest.raises(RuntimeError, match="same device"):
        mistake(there)


def test_what_a_gpu_takes_from_the_cpu_is_taken_there(there):
    x = torch.arange(3.0, device=there)
    assert (x * torch.tensor(2.0)).tolist() == [0, 2, 4]
    assert x[torch.tensor([2])].tolist() == [2]
    assert x.to("cpu").device.type == "cpu" and x.device == there
