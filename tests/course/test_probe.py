"""The probe against automatic differentiation by hand, and that it leaves no trace."""

from dataclasses import astuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import CourseError
from course.networks import cifar_resnet, mlp, probe
from course.networks.probe import STATISTICS, probe_stack
from course.networks.stack import Stack


@pytest.fixture
def examples():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(16, 12, generator=generator, dtype=torch.float64)
    y = torch.randint(10, (16,), generator=generator)
    torch.manual_seed(0)
    net = mlp(3, width=8, activation="tanh", init="xavier", in_features=12).double()
    return net, x, y


def test_weight_gradients_are_those_of_the_mean_loss(examples):
    net, x, y = examples
    weights = [p for p in net.parameters() if p.ndim == 2]
    by_hand = [
        g.square().sum().sqrt().item() for g in torch.autograd.grad(F.cross_entropy(net(x), y), weights)
    ]
    assert [row.weight_gradient for row in probe(net, x, y)] == pytest.approx(by_hand, rel=1e-12)


def test_the_backpropagated_gradient_is_the_root_mean_square_of_each_examples_own(examples):
    net, x, y = examples
    layers = [m for m in net.modules() if isinstance(m, nn.Linear)]
    squares = torch.zeros(3, dtype=torch.float64)
    for image, label in zip(x, y):
        z1 = layers[0](image)
        z2 = layers[1](z1.tanh())
        z3 = layers[2](z2.tanh())
        gradients = torch.autograd.grad(F.cross_entropy(z3, label), [z1, z2, z3])
        squares += torch.stack([g.square().sum() for g in gradients])
    by_hand = (squares / len(x)).sqrt().tolist()
    assert [row.backpropagated for row in probe(net, x, y)] == pytest.approx(by_hand, rel=1e-12)


def test_mean_and_deviation_are_those_of_the_activations_and_of_the_last_layers_scores(examples):
    net, x, y = examples
    first, *_, last = probe(net, x, y)
    for found, values in ((first, F.linear(x, *list(net.parameters())[:2]).tanh()), (last, net(x))):
        assert found.mean == pytest.approx(values.sum().item() / values.numel(), rel=1e-12)
        assert found.deviation == pytest.approx(
            (values - values.mean()).square().mean().sqrt().item(), rel=1e-12
        )


def test_saturated_is_where_the_slope_is_below_a_tenth_of_its_largest_and_dead_where_it_is_so_for_all(
    examples,
):
    """A sigmoid's slope is below 0.025 outside of ±3.64; a ReLU's is zero left of zero."""
    _, x, y = examples
    for activation, bound in (("sigmoid", 3.6383), ("tanh", 1.8184)):
        net = mlp(2, width=8, activation=activation, init="he", in_features=12).double()
        z = 3 * net[1].linear(x)
        with torch.no_grad():
            net[1].linear.weight *= 3
        assert probe(net, x, y)[0].saturated == pytest.approx(
            (z.abs() > bound).double().mean().item(), rel=1e-12
        )
    net = mlp(2, width=8, activation="relu", in_features=12).double()
    with torch.no_grad():
        net[1].linear.bias[:3] = -100.0
    found = probe(net, x, y)[0]
    assert found.dead == 3 / 8
    assert found.saturated == pytest.approx((net[1].linear(x) <= 0).double().mean().item(), rel=1e-12)
    leaky = mlp(2, width=8, activation="leaky_relu", in_features=12).double()
    assert probe(leaky, x - 100, y)[0].dead == 0


def test_a_net_without_activation_functions_saturates_nowhere(examples):
    _, x, y = examples
    assert all(
        row.saturated == row.dead == 0
        for row in probe(mlp(4, activation="identity", in_features=12).double(), x, y)
    )


def test_a_net_whose_activations_do_not_follow_its_layers_is_refused_in_a_line(examples):
    _, x, y = examples
    net = nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Tanh(), nn.Linear(8, 10)).double()
    with pytest.raises(
        CourseError,
        match="the net has 2 layers and 2 activations: the probe takes one between every two layers",
    ):
        probe(net, x, y)


@pytest.mark.parametrize(
    "module, function",
    (
        (nn.ReLU, Tensor.relu),
        (nn.LeakyReLU, F.leaky_relu),
        (nn.SiLU, F.silu),
        (nn.ELU, F.elu),
        (nn.ReLU6, F.relu6),
        (nn.Hardtanh, F.hardtanh),
    ),
)
def test_an_activation_is_seen_as_a_module_in_place_or_not_and_as_a_function(examples, module, function):
    _, x, y = examples
    layers = nn.Linear(12, 8).double(), nn.Linear(8, 10).double()

    class Called(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(layers)

        def forward(self, x):
            return self.layers[1](function(self.layers[0](x)))

    usual = probe(nn.Sequential(layers[0], module(), layers[1]), x, y)
    inplace = probe(nn.Sequential(layers[0], module(inplace=True), layers[1]), x, y)
    for mine, own in zip(usual, inplace):
        assert astuple(mine)[2:] == pytest.approx(astuple(own)[2:], rel=1e-12)
    assert usual[0].mean != pytest.approx(layers[0](x).mean().item())
    for mine, own in zip(usual, probe(Called(), x, y)):
        assert astuple(mine)[2:] == pytest.approx(astuple(own)[2:], rel=1e-12)


@pytest.mark.parametrize("skip", (False, True))
@pytest.mark.parametrize("batch_norm", (False, True))
@pytest.mark.parametrize("activation", ("sigmoid", "tanh", "relu", "leaky_relu", "gelu"))
def test_a_stack_finds_what_the_probe_finds_of_each_of_its_networks(activation, batch_norm, skip):
    x = torch.randn(32, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = torch.arange(32) % 10
    nets = [
        mlp(5, activation=activation, init=init, batch_norm=batch_norm, skip=skip).double()
        for init in ("xavier", "he", "orthogonal")
    ]
    for net in nets:  # as training leaves them
        for p in net.parameters():
            p.data += 0.01 * torch.randn_like(p)
    alone = torch.tensor(
        [[[getattr(row, key) for key in STATISTICS] for row in probe(net, x, y)] for net in nets],
        dtype=torch.float64,
    )
    torch.testing.assert_close(probe_stack(Stack(nets), x, y), alone.permute(1, 2, 0), rtol=1e-9, atol=1e-12)


def test_the_gradient_does_not_depend_on_how_often_the_batch_is_repeated(examples):
    net, x, y = examples
    once, twice = probe(net, x, y), probe(net, torch.cat([x, x]), torch.cat([y, y]))
    for a, b in zip(once, twice, strict=True):
        assert (b.weight_gradient, b.backpropagated) == pytest.approx(
            (a.weight_gradient, a.backpropagated), rel=1e-12
        )


def test_the_probe_leaves_weights_gradients_and_hooks_as_they_were(examples):
    net, x, y = examples
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    probe(net, x, y)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert all(p.grad is None for p in net.parameters())
    assert not any(m._forward_hooks for m in net.modules())


def test_the_hooks_go_even_when_the_net_cannot_take_the_batch(examples):
    net, _, y = examples
    with pytest.raises(RuntimeError, match="shapes"):
        probe(net, torch.zeros(16, 13, dtype=torch.float64), y)
    assert not any(m._forward_hooks for m in net.modules())


@pytest.mark.parametrize("shortcut", ("pad", "project", None))
def test_a_residual_network_has_one_row_a_layer_with_weights(shortcut):
    torch.manual_seed(0)
    net = cifar_resnet(8, shortcut, in_channels=1)
    rows = probe(net, torch.randn(4, 1, 8, 8), torch.arange(4))
    assert [row.layer for row in rows] == list(range(1, 9))
    assert [row.name for row in rows] == [
        "conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2", "layer3.0.conv1", "layer3.0.conv2", "fc"
    ]  # fmt: skip
    assert all(row.weight_gradient > 0 and row.backpropagated > 0 and row.deviation > 0 for row in rows)
