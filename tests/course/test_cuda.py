"""What only a GPU can show: it computes what the CPU computes,
its recorded passes are those of the loop, nothing waits.

python -m pytest tests/course/test_cuda.py
"""

from dataclasses import replace

import pytest
import torch

from course.data import load
from course.networks import cifar_resnet, cifar_vgg, probe
from course.training import Recipe, evaluate, fit
from course.training.checkpoints import Checkpoint
from course.training.cuda_graphs import Replay
from course.training.loop import begin, train_epoch
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


@pytest.mark.parametrize("precision", ("float32", "bfloat16"))
def test_recorded_passes_train_as_the_loop_does(digits, exact, precision):
    recipe = replace(RECIPE, precision=precision)
    losses = []
    for recorded in (True, False):
        net = network("cuda")
        data = digits.to("cuda")
        state = begin(net, data, recipe, seed=0)
        assert isinstance(state.passes, Replay)
        if not recorded:
            state.passes = state.passes.module
        losses += [(train_epoch(state, data, recipe).train_loss, net.state_dict()["bn1.running_mean"])]
    assert losses[0][0] == pytest.approx(losses[1][0], rel=1e-4)
    assert torch.allclose(losses[0][1], losses[1][1], rtol=1e-3, atol=1e-5)


def test_recorded_dropout_draws_anew_for_every_batch():
    torch.manual_seed(0)
    replay = Replay(torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Dropout(0.5)).cuda())
    x = torch.randn(8, 64, device="cuda")
    first, second = (replay(x) != 0 for _ in range(2))
    assert not torch.equal(first.clone(), second)


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
