"""What only a GPU can show: it computes what the CPU computes,
its recorded passes are those of the loop, nothing waits.

python -m pytest tests/course/test_cuda.py
"""

from dataclasses import replace

import pytest
import torch

from course.data import load
from course.networks import cifar_resnet, cifar_vgg, probe
from course.networks.variants import Sometimes
from course.training import Recipe, cuda_graphs, evaluate, fit
from course.training.checkpoints import Checkpoint
from course.training.cuda_graphs import Replay
from course.training.iteration import Iteration
from course.training.loop import State, begin, train_epoch
from tests.course.test_devices import SPECS, measured, one_of_each_kind, small

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

RECIPE = Recipe(iterations=22, drops=(11,), augment=True)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def network(device: str, shortcut: str | None = "pad"):
    torch.manual_seed(0)
    return cifar_resnet(20, shortcut, in_channels=1).to(device)


@pytest.fixture
def exact():
    """float32 without the short mantissa (TF32) that GPUs take for convolutions,
    and the same sums every time.
    """
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        yield


@pytest.mark.parametrize("shortcut", ("pad", "project", None))
def test_logits_are_those_of_the_cpu(digits, exact, shortcut):
    x = digits.normalise(digits.test_x[:50])
    with torch.inference_mode():
        here, there = (network(device, shortcut).eval()(x.to(device)).cpu() for device in ("cpu", "cuda"))
    assert torch.allclose(here, there, rtol=1e-4, atol=1e-4)


def test_gradients_are_those_of_the_cpu(digits, exact):
    x, y = digits.normalise(digits.train_x[:50]).double(), digits.train_y[:50]
    here, there = (probe(network(device).double(), x.to(device), y.to(device)) for device in ("cpu", "cuda"))
    assert [row.weight_gradient for row in there] == pytest.approx(
        [row.weight_gradient for row in here], rel=1e-6
    )


def test_a_training_begins_as_on_the_cpu(digits, exact):
    recipe = replace(RECIPE, iterations=3, learning_rate=0.01)
    here, there = (fit(network(device), digits, recipe) for device in ("cpu", "cuda"))
    assert there[-1].train_loss == pytest.approx(here[-1].train_loss, rel=1e-3)


def train(kind: type[Iteration], data, recipe: Recipe, net: torch.nn.Module, epochs: int = 2) -> State:
    state = State(kind(net, data, recipe), torch.Generator().manual_seed(0))
    for _ in range(epochs):
        state.history.append(train_epoch(state))
    return state


@pytest.mark.parametrize("precision", ("float32", "bfloat16"))
@pytest.mark.parametrize("clip", (None, 0.5))
def test_a_recorded_iteration_trains_as_the_loop_does(digits, exact, precision, clip):
    """Its numbers need not be the same to the last bit: a short training at a low rate keeps them near."""
    recipe = replace(RECIPE, precision=precision, clip=clip, learning_rate=0.01)
    data = digits.to("cuda")
    recorded, loop = (train(kind, data, recipe, network("cuda")) for kind in (Replay, Iteration))
    for here, there in zip(recorded.history, loop.history, strict=True):
        assert here.train_loss == pytest.approx(
            there.train_loss, rel=1e-3 if precision == "float32" else 2e-2
        )
        assert here.learning_rate == there.learning_rate
    here, there = (state.iteration.net.state_dict() for state in (recorded, loop))
    assert here["bn1.num_batches_tracked"] == there["bn1.num_batches_tracked"] == 22
    assert torch.allclose(here["bn1.running_mean"], there["bn1.running_mean"], rtol=1e-2, atol=1e-3)
    assert torch.allclose(here["fc.weight"], there["fc.weight"], rtol=1e-2, atol=1e-2)


def test_compiled_blocks_train_as_the_loop_does(digits, exact, monkeypatch):
    monkeypatch.setattr(cuda_graphs, "LONG", 1)
    recipe, data = replace(RECIPE, learning_rate=0.01, precision="bfloat16"), digits.to("cuda")
    compiled, loop = (train(kind, data, recipe, network("cuda")) for kind in (Replay, Iteration))
    assert compiled.iteration.passes is not compiled.iteration.net
    for here, there in zip(compiled.history, loop.history, strict=True):
        assert here.train_loss == pytest.approx(there.train_loss, rel=2e-2)
        assert here.test_error == pytest.approx(there.test_error, abs=5)


def test_stochastic_depth_is_not_recorded(digits):
    net = network("cuda")
    net.layer1[0].__class__ = Sometimes
    assert type(begin(net, digits.to("cuda"), RECIPE, seed=0).iteration) is Iteration
    assert type(begin(network("cuda"), digits.to("cuda"), RECIPE, seed=0).iteration) is Replay


def test_a_recorded_iteration_computes_with_the_rate_of_the_moment(digits):
    """At a rate of zero from the second iteration on, the weights are those of the first."""
    recipe = replace(RECIPE, iterations=11)
    replay = Replay(network("cuda"), digits.to("cuda"), recipe)
    batches = replay.batches(torch.Generator().manual_seed(0))
    replay.net.train()
    found = []
    for rate, batch in zip((0.1, 0.0, 0.0, 0.1), batches):
        replay.set_rate(rate)
        replay(*batch)
        found.append(replay.net.fc.weight.detach().clone())
    assert torch.equal(found[0], found[1]) and torch.equal(found[1], found[2])
    assert not torch.equal(found[2], found[3])


def test_recorded_dropout_draws_anew_for_every_batch(digits):
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10), torch.nn.Dropout(0.5)).cuda()
    recipe = replace(RECIPE, learning_rate=0.0, batch=1437, augment=False)
    state = train(Replay, digits.to("cuda"), recipe, net, epochs=3)
    assert len({row.train_loss for row in state.history}) == 3, "the images and the weights are the same"


def test_a_recorded_net_of_another_mode_or_batch_is_evaluated_as_ever(digits, exact):
    net = network("cuda")
    fit(net, digits, RECIPE)
    assert evaluate(net, digits.to("cuda").testing(7)) == pytest.approx(
        evaluate(net.cpu(), digits.testing(250)), abs=0.6
    )


def test_the_host_waits_for_nothing_before_the_end_of_an_epoch(digits):
    """PyTorch's own alarm, from the second iteration of the second epoch (the
    first one records) to its last.
    """
    recipe = replace(RECIPE, precision="bfloat16")

    def alarm(step: int) -> None:
        torch.cuda.set_sync_debug_mode("error" if 12 <= step < 21 else "default")

    try:
        fit(network("cuda"), digits, recipe, on_step=alarm)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_resumed_training_ends_where_an_undisturbed_one_does(digits, exact, tmp_path):
    dropping = lambda: cifar_vgg(11, batch_norm=True).cuda()  # noqa: E731
    photographs = replace(
        digits, train_x=images(digits.train_x), test_x=images(digits.test_x), mean=torch.zeros(3, 32, 32)
    )

    class Killed(Exception):
        pass

    def kill(row) -> None:
        raise Killed

    recipe = replace(RECIPE, learning_rate=0.01)
    checkpoint = lambda: Checkpoint(tmp_path / "run.pt", {})  # noqa: E731
    torch.manual_seed(0)
    undisturbed = fit(dropping(), photographs, recipe)
    torch.manual_seed(0)
    with pytest.raises(Killed):
        fit(dropping(), photographs, recipe, on_epoch=kill, checkpoint=checkpoint())
    torch.manual_seed(1)
    resumed = fit(dropping(), photographs, recipe, checkpoint=checkpoint())
    assert [row.train_loss for row in resumed] == pytest.approx(
        [row.train_loss for row in undisturbed], rel=1e-2
    )


@pytest.mark.parametrize("name", one_of_each_kind())
def test_every_kind_of_measurement_runs_on_a_gpu(digits, name):
    """tests/course/test_devices.py shows on any machine that the numbers are the same."""
    spec = small(SPECS[name])
    here, there = (measured(spec, digits, device) for device in ("cpu", "cuda"))
    assert [row.keys() for row in there] == [row.keys() for row in here]


def images(x: torch.Tensor) -> torch.Tensor:
    """Digits as photographs: three colours, 32x32 pixels."""
    return x.repeat(1, 3, 1, 1).repeat_interleave(4, 2).repeat_interleave(4, 3)
