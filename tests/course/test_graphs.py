"""What a GPU needs of the loop, as far as a machine without one can tell; tests/course/test_cuda.py is the rest."""

import gc
from contextlib import nullcontext
from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from course.data import load
from course.networks import cifar_resnet, mlp
from course.networks.variants import Sometimes
from course.training import Recipe, cuda_graphs, fit, fusion, iteration
from course.training.checkpoints import Checkpoint
from course.training.iteration import Iteration
from course.training.loop import State, begin, train_epoch


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
        train_epoch(state, done.append)
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


@pytest.mark.parametrize("begun", (False, True))
def test_trying_an_iteration_leaves_everything_as_it_was(digits, begun):
    torch.manual_seed(0)
    net = nn.Sequential(mlp(2, batch_norm=True), nn.Dropout(0.5))
    state = begin(net, digits, Recipe(iterations=20), seed=0)
    if begun:
        train_epoch(state)

    def everything() -> list[torch.Tensor]:
        optimiser = state.iteration.optimiser
        momentum = [optimiser.state.get(weight, {}).get("momentum_buffer") for weight in net.parameters()]
        present = [torch.zeros(()) if tensor is None else tensor.clone() for tensor in momentum]
        return [*(tensor.clone() for tensor in net.state_dict().values()), *present, torch.get_rng_state()]

    net.train()
    before, batch = everything(), next(digits.training(128, False, torch.Generator()))
    with cuda_graphs.undisturbed(net, state.iteration.optimiser, state.iteration.sums):
        state.iteration(*batch)
        changed = [not torch.equal(a, b) for a, b in zip(before, everything(), strict=True)]
        assert sum(changed) > len(changed) / 2 and changed[-1], (
            "weights, statistics, momentum; random numbers"
        )
    after = everything()
    assert all(torch.equal(a, b.expand_as(a)) for a, b in zip(after, before, strict=True))
    assert begun == bool(state.iteration.sums.any())


@pytest.mark.parametrize("enabled", (True, False))
def test_no_garbage_is_collected_while_a_graph_is_recorded(digits, monkeypatch, enabled):
    class Knot:
        """Garbage that only a collection finds."""

        def __init__(self, name):
            self.itself, self.name = self, name

        def __del__(self):
            events.append(self.name)

    def record(work):
        events.append("recorded")
        for _ in range(3 * gc.get_threshold()[0]):  # enough for the collector to come by itself
            Knot("garbage of the recording")
        events.append("done")
        return lambda: None

    monkeypatch.setattr(cuda_graphs, "record", record)
    if not enabled:
        gc.disable()
    try:
        events = []
        replay = cuda_graphs.Replay(mlp(1), digits, Recipe(iterations=1))
        Knot("garbage from before")
        replay()
        assert events[:3] == ["garbage from before", "recorded", "done"]
        assert gc.isenabled() == enabled
    finally:
        gc.enable()


class Recorder:
    """What a GPU does with the work it is to record, on a CPU: it is tried, and from then on begun with nothing
    from outside. What it is given to read must therefore lie where it lay at the first time.
    """

    def __init__(self):
        self.recorded = 0

    def __call__(self, work):
        self.recorded += 1
        for _ in range(3):
            work()
        return work


@pytest.mark.parametrize("batch", (64, 1437))
@pytest.mark.parametrize("dropout", (0.0, 0.5))
def test_a_training_from_a_record_is_the_training_itself(digits, monkeypatch, dropout, batch):
    monkeypatch.setattr(cuda_graphs, "record", recorder := Recorder())
    recipe = Recipe(40, drops=(3, 30), batch=batch, augment=True, clip=1.0, precision="bfloat16")
    histories, weights = [], []
    for kind in (Iteration, cuda_graphs.Replay):
        torch.manual_seed(0)
        net = nn.Sequential(cifar_resnet(8, "pad", in_channels=1), nn.Dropout(dropout))
        state = State(kind(net, digits, recipe), torch.Generator().manual_seed(0))
        histories.append([train_epoch(state) for _ in range(2)])
        weights.append(net.state_dict())
    assert recorder.recorded == 1, "the first batch, and no other"
    assert histories[0] == histories[1]
    assert all(torch.equal(a, b) for a, b in zip(*(found.values() for found in weights), strict=True))


def test_what_a_record_reads_stays_where_it_is(digits):
    """A graph reads the plan, the number and the rate from the places of the first epoch."""
    replay = cuda_graphs.Replay(mlp(1), digits, Recipe(iterations=1, augment=True))
    generator, places = torch.Generator().manual_seed(0), []
    for rate in (0.1, 0.01):
        assert len(list(replay.batches(generator))) == 11
        replay.set_rate(rate)
        assert [group["lr"] is replay.rate for group in replay.optimiser.param_groups] == [True]
        places.append([t.data_ptr() for t in (*replay.plan, replay.number, replay.rate, replay.sums)])
    assert places[0] == places[1]
    assert replay.rate.item() == pytest.approx(0.01)


def test_a_recorded_training_goes_on_from_its_checkpoint(digits, monkeypatch, tmp_path):
    monkeypatch.setattr(cuda_graphs, "record", Recorder())
    recipe = Recipe(iterations=44, drops=(15, 30), augment=True)

    def training(epochs: int, saved: dict | None = None) -> State:
        torch.manual_seed(0)
        net = cifar_resnet(8, "pad", in_channels=1)
        state = State(cuda_graphs.Replay(net, digits, recipe), torch.Generator().manual_seed(0))
        if saved:
            Checkpoint(tmp_path / "run.pt", {}).resume(state.restore)
        for _ in range(epochs):
            state.history.append(train_epoch(state))
        return state

    whole, half = training(4), training(2)
    Checkpoint(tmp_path / "run.pt", {}).save(half.snapshot())
    assert training(2, half.snapshot()).history == whole.history


def test_a_network_that_decides_on_the_host_is_not_recorded(digits, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "is_cuda", True)
    recorded, sometimes = cifar_resnet(8, in_channels=1), cifar_resnet(8, in_channels=1)
    sometimes.layer1[0].__class__ = Sometimes
    assert cuda_graphs.recordable(recorded, digits)
    assert not cuda_graphs.recordable(sometimes, digits)


def test_a_compiled_twin_has_the_weights_of_the_net_itself_and_compiles_its_blocks(monkeypatch):
    found: list = []
    monkeypatch.setattr(nn.Module, "compile", lambda self, **options: found.append(self))
    net = cifar_resnet(20, "pad", in_channels=1).eval()
    twin = fusion.compiled(net)
    assert found == [block for stage in (twin.layer1, twin.layer2, twin.layer3) for block in stage]
    assert twin.training and not net.training
    for own, shared in ((net.parameters(), twin.parameters()), (net.buffers(), twin.buffers())):
        assert all(a is b for a, b in zip(own, shared, strict=True))


@pytest.fixture
def fused(monkeypatch):
    """Every training is long, and nothing is compiled: what is left is how the parts are put together."""
    monkeypatch.setattr(cuda_graphs, "LONG", 1)
    monkeypatch.setattr(cuda_graphs, "record", Recorder())
    monkeypatch.setattr(torch, "compile", lambda function, **options: function)
    monkeypatch.setattr(nn.Module, "compile", lambda self, **options: None)
    for module in (cuda_graphs, iteration):  # of bfloat16 on a processor that may have to emulate it
        monkeypatch.setattr(module, "precision", lambda wanted, device: wanted)


def test_weights_rounded_all_at_once_train_as_those_that_autocast_rounds(digits, fused, tmp_path):
    recipe = Recipe(iterations=4, drops=(2,), batch=718, augment=True, precision="bfloat16")
    histories = []
    for kind in (Iteration, cuda_graphs.Replay):
        torch.manual_seed(0)
        state = State(kind(mlp(3, batch_norm=True), digits, recipe), torch.Generator().manual_seed(0))
        histories.append([train_epoch(state) for _ in range(2)])
    own = [layer.weight for layer in state.iteration.passes.modules() if isinstance(layer, nn.Linear)]
    assert {weight.dtype for weight in own} == {torch.bfloat16}
    assert {weight.dtype for weight in state.iteration.net.parameters()} == {torch.float32}
    assert histories[0] == histories[1]


def test_rounded_weights_follow_a_checkpoint(digits, fused, tmp_path):
    recipe = Recipe(iterations=4, batch=718, precision="bfloat16")
    states = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        net = mlp(3, batch_norm=True)
        states.append(State(cuda_graphs.Replay(net, digits, recipe), torch.Generator().manual_seed(0)))
    first, second = states
    first.history.append(train_epoch(first))
    second.restore(deepcopy(first.snapshot()))
    assert train_epoch(first) == train_epoch(second)


def test_a_gradient_that_is_to_be_shortened_is_not_taken_in_bfloat16(digits, fused):
    replay = cuda_graphs.Replay(mlp(1), digits, Recipe(iterations=1, clip=1.0, precision="bfloat16"))
    assert all(weight.dtype == torch.float32 for weight in replay.passes.parameters())


@pytest.mark.parametrize("iterations", (cuda_graphs.LONG - 1, cuda_graphs.LONG))
def test_only_a_long_training_is_compiled(digits, monkeypatch, iterations):
    net = mlp(1)
    monkeypatch.setattr(cuda_graphs, "compiled", lambda net: "a twin")
    replay = cuda_graphs.Replay(net, digits, Recipe(iterations))
    assert replay.passes == ("a twin" if iterations == cuda_graphs.LONG else net)


def test_cudnn_looks_for_the_fastest_convolutions_in_a_recording_alone():
    cudnn = torch.backends.cudnn
    before = cudnn.benchmark
    with cuda_graphs.fastest_convolutions():
        assert cudnn.benchmark
    assert cudnn.benchmark == before


def test_without_a_gpu_nothing_is_recorded(digits, monkeypatch):
    monkeypatch.setattr(cuda_graphs, "record", None)
    fit(mlp(2), digits, Recipe(iterations=1))
