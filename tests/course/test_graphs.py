"""What a GPU needs of the loop, as far as a machine without one can tell; tests/course/test_cuda.py is the rest."""

import gc
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from course.data import load
from course.networks import cifar_resnet, mlp
from course.training import Recipe, cuda_graphs, fit
from course.training.loop import begin, train_epoch


@pytest.fixture(scope="module")
def digits():
    return load("digits")


class Crossings(TorchDispatchMode):
    """Collects the copies between devices for which the host waits."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if (
            function is torch.ops.aten._to_copy.default
            and result.device != args[0].device
            and not (kwargs or {}).get("non_blocking")
        ):
            self.found.append((function, args[0].shape))
        return result


def test_the_host_waits_for_nothing_before_the_end_of_an_epoch(digits, monkeypatch):
    """On the meta device there are no numbers: reading one back raises an error there,
    where a GPU would be waited for.
    """
    monkeypatch.setattr(torch, "autocast", lambda *arguments, **options: nullcontext())
    recipe, data, done = Recipe(iterations=5, batch=64, augment=True), digits.to("meta"), []
    state = begin(cifar_resnet(8, "pad", in_channels=1).to("meta"), data, recipe, seed=0)
    with (
        Crossings() as crossings,
        pytest.raises(NotImplementedError, match="tolist|item|_local_scalar_dense|meta"),
    ):
        train_epoch(state, data, recipe, done.append)
    assert done == [1, 2, 3, 4, 5], "a number was read back inside the epoch"
    assert crossings.found == []


@pytest.mark.parametrize(
    "read_back", (lambda x: x.sum().item(), lambda x: x.to("cpu"), lambda x: torch.zeros(3).to("meta"))
)
def test_waiting_inside_an_epoch_would_be_seen(read_back):
    with Crossings() as crossings:
        try:
            read_back(torch.zeros(2, device="meta"))
        except (RuntimeError, NotImplementedError):
            return
    assert crossings.found


def test_trying_the_passes_leaves_running_statistics_and_random_numbers_as_they_were():
    torch.manual_seed(0)
    net = nn.Sequential(mlp(2, batch_norm=True), nn.Dropout(0.5))
    before, random = {name: value.clone() for name, value in net.state_dict().items()}, torch.get_rng_state()
    with cuda_graphs.undisturbed(net, torch.device("cpu")):
        net(torch.randn(8, 1, 8, 8)).sum().backward()
        assert not torch.equal(net.state_dict()["0.1.norm.running_mean"], before["0.1.norm.running_mean"])
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.parametrize("enabled", (True, False))
def test_no_garbage_is_collected_while_a_graph_is_recorded(monkeypatch, enabled):
    class Knot:
        """Garbage that only a collection finds."""

        def __init__(self, name):
            self.itself, self.name = self, name

        def __del__(self):
            events.append(self.name)

    def record(module, batch):
        events.append("recorded")
        for _ in range(3 * gc.get_threshold()[0]):  # enough for the collector to come by itself
            Knot("garbage of the recording")
        events.append("done")

    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    if not enabled:
        gc.disable()
    try:
        events = []
        Knot("garbage from before")
        cuda_graphs.Replay(nn.Linear(2, 2))(torch.zeros(1, 2))
        assert events[:3] == ["garbage from before", "recorded", "done"]
        assert gc.isenabled() == enabled
    finally:
        gc.enable()


class Recorder:
    """What torch.cuda.make_graphed_callables makes of a module, on a CPU: it tries the passes, and from then
    on a batch, its loss and its gradients lie in the same memory every time."""

    def __init__(self):
        self.recorded = []

    def __call__(self, module, batch):
        forward, parameters = module.forward, list(module.parameters())
        for _ in range(3):
            torch.autograd.grad(module(*batch)[0], parameters)
        outputs, gradients = (
            [torch.empty_like(output) for output in module(*batch)],
            [torch.empty_like(p) for p in parameters],
        )

        class Replayed(torch.autograd.Function):
            @staticmethod
            def forward(context, *given):
                for place, value in zip(batch, given):
                    place.copy_(value)
                with torch.enable_grad():
                    context.loss, wrong = forward(*batch)
                for place, value in zip(outputs, (context.loss, wrong)):
                    place.copy_(value.detach())
                return tuple(output.detach() for output in outputs)

            @staticmethod
            def backward(context, of_loss, of_wrong):
                for place, value in zip(gradients, torch.autograd.grad(context.loss, parameters, of_loss)):
                    place.copy_(value)
                return None, None, *(gradient.detach() for gradient in gradients)

        module.forward = lambda *given: Replayed.apply(*given, *parameters)
        self.recorded.append([tuple(part.shape) for part in batch])


@pytest.mark.parametrize("dropout", (0.0, 0.5))
def test_a_training_from_recorded_passes_is_the_training_itself(digits, monkeypatch, dropout):
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", recorder := Recorder())
    recipe = replace(Recipe(iterations=40, batch=64), augment=True, precision="bfloat16")
    histories, weights = [], []
    for wrap in (lambda passes: passes, cuda_graphs.Replay):
        torch.manual_seed(0)
        net = nn.Sequential(cifar_resnet(8, "pad", in_channels=1), nn.Dropout(dropout))
        state = begin(net, digits, recipe, seed=0)
        state.passes = wrap(state.passes)
        histories.append([train_epoch(state, digits, recipe) for _ in range(2)])
        weights.append(net.state_dict())
    assert recorder.recorded == [[(64, 1, 8, 8), (64,)]], "the first batch, and no other"
    assert histories[0] == histories[1]
    assert all(torch.equal(a, b) for a, b in zip(*(found.values() for found in weights), strict=True))


def test_without_a_gpu_nothing_is_recorded(digits, monkeypatch):
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", None)
    fit(mlp(2), digits, Recipe(iterations=1))
