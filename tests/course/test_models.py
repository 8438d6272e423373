"""The networks: their sizes, their names, the one addition, and agreement with what others published."""

import ast
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import torchvision.models
from torch import nn

from course.networks import (
    ACTIVATIONS,
    INITIALISATIONS,
    BasicBlock,
    Block,
    Bottleneck,
    alexnet,
    cifar_resnet,
    cifar_vgg,
    imagenet_resnet,
    mlp,
    vgg,
    weight_layers,
)
from course.networks.layers import Dense, Pad

COURSE = Path(__file__).parents[2] / "course"
CIFAR_PARAMETERS = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962, 1202: 19_421_274}
# By torchvision's names; built without their weights being drawn, so that the large ones cost nothing.
TORCHVISION = {f"resnet{d}": (imagenet_resnet, {"depth": d}) for d in (18, 34, 50, 101, 152)}
TORCHVISION |= {f"vgg{d}": (vgg, {"depth": d}) for d in (11, 13, 16, 19)}
TORCHVISION |= {f"vgg{d}_bn": (vgg, {"depth": d, "batch_norm": True}) for d in (11, 13, 16, 19)}


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def on_meta(make, *args, **kwargs) -> nn.Module:
    with torch.device("meta"):
        return make(*args, **kwargs)


def filled_at_random(net: nn.Module) -> nn.Module:
    """Every number of the state at random, batch normalisation's statistics too,
    on a scale that keeps the signal.

    A million random numbers over and over, of a prime length:
    VGG's 138 million would take longer than its logits.
    """
    noise = torch.rand(1_000_003, generator=torch.Generator().manual_seed(1))
    start = 0
    for name, tensor in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            tensor.fill_(1)
            continue
        flat = tensor.view(-1)
        whole = noise.roll(-start).repeat(-(-len(flat) // len(noise)))
        flat.copy_(whole[: len(flat)])
        start += len(flat)
        if name.endswith("running_var") or tensor.ndim == 1 and name.endswith("weight"):
            tensor.add_(0.5)
        else:
            bound = 0.3 if tensor.ndim == 1 else (6 / tensor[0].numel()) ** 0.5
            tensor.sub_(0.5).mul_(2 * bound)
    return net


# --- sizes


@pytest.mark.parametrize("depth, count", CIFAR_PARAMETERS.items())
@pytest.mark.parametrize("shortcut", ("pad", None))
def test_cifar_resnet_has_the_published_parameters(depth, count, shortcut):
    assert parameters(on_meta(cifar_resnet, depth, shortcut)) == count


def test_alexnet_is_the_published_two_gpu_network():
    assert parameters(on_meta(alexnet)) == 60_965_224


def test_plain_34_is_resnet_34_without_its_projections():
    plain, residual = on_meta(imagenet_resnet, 34, shortcut=None), on_meta(imagenet_resnet, 34)
    projections = sum(p.numel() for name, p in residual.named_parameters() if "downsample" in name)
    assert parameters(plain) == 21_623_848 == parameters(residual) - projections


@pytest.mark.parametrize("name", TORCHVISION)
def test_parameter_counts_are_those_that_torchvision_states(name):
    make, arguments = TORCHVISION[name]
    stated = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta["num_params"]
    assert parameters(on_meta(make, **arguments)) == stated


DEPTHS = [
    (lambda depth, s=s: cifar_resnet(depth, s), d) for d in CIFAR_PARAMETERS for s in ("pad", "project", None)
]
DEPTHS += [
    (lambda depth, s=s: imagenet_resnet(depth, s), d)
    for d in (18, 34, 50, 101, 152)
    for s in ("pad", "project", None)
]
DEPTHS += [(lambda depth, b=b: vgg(depth, b), d) for d in (11, 13, 16, 19) for b in (False, True)]
# one fully connected layer, not three
DEPTHS += [
    (lambda depth, b=b: cifar_vgg(depth + 2, b), d - 2) for d in (11, 13, 16, 19) for b in (False, True)
]
DEPTHS += [
    (lambda depth, s=s: mlp(depth, skip=s, batch_norm=s), d) for d in (1, 2, 17, 64) for s in (False, True)
]
DEPTHS += [(lambda depth: alexnet(), 8)]


@pytest.mark.parametrize("make, depth", DEPTHS)
def test_depth_counts_the_layers_with_weights(make, depth):
    assert len(weight_layers(on_meta(make, depth))) == depth


# --- the ecosystem's weights


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_weights_load_strictly_and_give_equal_logits(name):
    make, arguments = TORCHVISION[name]
    theirs = filled_at_random(on_meta(torchvision.models.get_model, name).to_empty(device="cpu")).eval()
    ours = on_meta(make, **arguments)
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, logits = theirs(x), ours.eval()(x)
    assert expected.std() > 1e-3 and (expected[0] - expected[1]).abs().max() > 1e-3 * expected.std()
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4 * expected.std().item())


def published_resnet20(state: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """ResNet-20 for CIFAR-10 as widely used published weights expect it (Y. Idelbayev,
    pytorch_resnet_cifar10).
    """

    def norm(x, name):
        statistics = (state[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *statistics)

    x = F.relu(norm(F.conv2d(x, state["module.conv1.weight"], padding=1), "module.bn1"))
    for stage in (1, 2, 3):
        for block in range(3):
            name = f"module.layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = F.relu(
                norm(F.conv2d(x, state[f"{name}.conv1.weight"], stride=stride, padding=1), f"{name}.bn1")
            )
            y = norm(F.conv2d(y, state[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
            if stride == 2:
                planes = y.shape[1]
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, planes // 4, planes // 4), "constant", 0)
            x = F.relu(x + y)
    x = F.avg_pool2d(x, x.shape[3]).flatten(1)
    return F.linear(x, state["module.linear.weight"], state["module.linear.bias"])


def test_published_cifar_weights_load_after_two_renames_and_give_equal_logits():
    shapes = {"conv1.weight": (16, 3, 3, 3), "linear.weight": (10, 64), "linear.bias": (10,)}
    norms, channels = {"bn1": 16}, 16
    for stage, width in ((1, 16), (2, 32), (3, 64)):
        for block in range(3):
            shapes |= {
                f"layer{stage}.{block}.conv1.weight": (width, channels, 3, 3),
                f"layer{stage}.{block}.conv2.weight": (width, width, 3, 3),
            }
            norms |= {f"layer{stage}.{block}.bn1": width, f"layer{stage}.{block}.bn2": width}
            channels = width
    shapes |= {
        f"{n}.{key}": (width,)
        for n, width in norms.items()
        for key in ("weight", "bias", "running_mean", "running_var")
    }
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in shapes.items():
        noise = torch.randn(shape, generator=generator)
        positive = name.endswith("running_var") or len(shape) == 1 and name.endswith("weight")
        state[f"module.{name}"] = 0.5 + noise.abs() if positive else 0.3 * noise

    ours = cifar_resnet(20, shortcut="pad").eval()
    renamed = {
        name.removeprefix("module.").replace("linear.", "fc."): tensor for name, tensor in state.items()
    }
    # Published before torch counted batches: that counter is the only thing that may be missing,
    # and nothing computes with it.
    missing, unexpected = ours.load_state_dict(renamed, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
    x = torch.randn(4, 3, 32, 32, generator=generator)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), published_resnet20(state, x), rtol=1e-4, atol=1e-4)


# --- plain and residual


@pytest.mark.parametrize(
    "make", (lambda s: cifar_resnet(20, s), lambda s: cifar_resnet(56, s), lambda s: imagenet_resnet(18, s))
)
def test_plain_and_residual_start_from_the_same_weights(make):
    states = []
    for shortcut in ("pad", None):
        torch.manual_seed(0)
        states.append(make(shortcut).state_dict())
    residual, plain = states
    assert residual.keys() == plain.keys()
    assert all(torch.equal(residual[name], plain[name]) for name in plain)


def blocks(kind: str | None) -> list[Block]:
    torch.manual_seed(0)
    made = [
        BasicBlock(8, 8, 1, kind),
        BasicBlock(8, 16, 2, kind),
        Bottleneck(32, 8, 1, kind),
        Bottleneck(32, 16, 2, kind),
    ]
    return [filled_at_random(block).eval() for block in made]


def channels(block: Block) -> int:
    return block.conv1.in_channels


@pytest.mark.parametrize("kind", ("pad", "project"))
@pytest.mark.parametrize("number", range(4))
def test_a_residual_block_is_relu_of_branch_plus_shortcut(kind, number):
    block = blocks(kind)[number]
    x = torch.randn(2, channels(block), 6, 6)
    assert torch.equal(block(x), F.relu(block.branch(x) + block.downsample(x)))


@pytest.mark.parametrize("number", range(4))
def test_a_plain_block_is_relu_of_branch_and_has_no_shortcut(number):
    block = blocks(None)[number]
    x = torch.randn(2, channels(block), 6, 6)
    assert block.downsample is None
    assert torch.equal(block(x), F.relu(block.branch(x)))


@pytest.mark.parametrize("number", (0, 2))
def test_where_shapes_agree_the_shortcut_is_the_identity(number):
    block = blocks("project")[number]
    x = torch.randn(2, channels(block), 6, 6)
    assert torch.equal(block.downsample(x), x)


@pytest.mark.parametrize("kind", ("pad", "project"))
@pytest.mark.parametrize("number", range(4))
def test_one_switch_makes_a_residual_block_plain(kind, number):
    block = blocks(kind)[number]
    x = torch.randn(2, channels(block), 6, 6)
    residual = block(x)
    block.residual = False
    assert torch.equal(block(x), F.relu(block.branch(x)))
    assert not torch.equal(block(x), residual)


def test_the_residual_addition_stands_once_in_the_course():
    lines = [
        line.strip()
        for path in sorted(COURSE.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert [line for line in lines if "downsample(" in line and "+" in line] == ["y = y + self.downsample(x)"]
    # and no forward pass adds tensors in another way but a perceptron's, in which the ReLU comes before
    sums = []
    for name in ("layers", "resnet", "vgg", "alexnet", "mlp"):
        for function in ast.walk(ast.parse((COURSE / f"networks/{name}.py").read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name in ("forward", "branch"):
                added = [
                    n
                    for n in ast.walk(function)
                    if isinstance(n, ast.BinOp | ast.AugAssign) and isinstance(n.op, ast.Add)
                ]
                sums += [ast.unparse(n) for n in added]
    assert sums == ["y + self.downsample(x)", "y + x", "self.stages + 1"]


@pytest.mark.parametrize("before, after, stride", ((16, 32, 2), (3, 8, 1), (64, 64, 2)))
def test_pad_takes_every_other_pixel_and_centres_its_zeros(before, after, stride):
    x = torch.rand(2, before, 6, 6) + 1
    y = Pad(before, after, stride)(x)
    start = (after - before) // 2
    assert y.shape == (2, after, 6 // stride, 6 // stride)
    assert torch.equal(y[:, start : start + before], x[:, :, ::stride, ::stride])
    assert (y == 0).any(dim=(0, 2, 3)).tolist() == [not start <= c < start + before for c in range(after)]


# --- AlexNet and the perceptrons


def test_alexnets_normalisation_is_the_papers_formula():
    """Krizhevsky et al. 2012, section 3.3: k = 2, n = 5, alpha = 10^-4, beta = 0.75."""
    layers = [m for m in on_meta(alexnet).modules() if isinstance(m, nn.LocalResponseNorm)]
    a = 30 * torch.randn(2, 12, 3, 3, generator=torch.Generator().manual_seed(0)).double()
    expected = torch.empty_like(a)
    for i in range(12):
        window = a[:, max(0, i - 2) : min(11, i + 2) + 1]
        expected[:, i] = a[:, i] / (2 + 1e-4 * window.square().sum(dim=1)) ** 0.75
    assert len(layers) == 2
    for layer in layers:
        torch.testing.assert_close(layer(a), expected)


def test_alexnet_starts_as_published():
    torch.manual_seed(0)
    layers = [layer for _, layer in weight_layers(alexnet())]
    assert [layer.bias.unique().tolist() for layer in layers] == [[b] for b in (0, 1, 0, 1, 1, 1, 1, 0)]
    assert all(abs(layer.weight.std().item() - 0.01) < 2e-4 for layer in layers)


@pytest.mark.parametrize("batch_norm", (False, True))
@pytest.mark.parametrize("skip", (False, True))
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_perceptron_is_its_layers_one_after_the_other(activation, skip, batch_norm):
    torch.manual_seed(0)
    net = (
        mlp(3, width=5, activation=activation, batch_norm=batch_norm, skip=skip, in_features=6)
        .double()
        .eval()
    )
    x = torch.randn(4, 6, dtype=torch.float64)
    (w1, b1), (w2, b2), (w3, b3) = [(m.weight, m.bias) for m in net.modules() if isinstance(m, nn.Linear)]
    # an untrained norm divides by sqrt(1 + eps)
    act, scale = ACTIVATIONS[activation](), (1 + 1e-5) ** -0.5 if batch_norm else 1
    first = act(scale * (x @ w1.T + b1))  # from 6 to 5: too narrow for a skip
    second = act(scale * (first @ w2.T + b2)) + (first if skip else 0)
    torch.testing.assert_close(net(x), second @ w3.T + b3)


@pytest.mark.parametrize(
    "init, deviation",
    (
        ("normal", 0.01),
        ("xavier", (2 / 600) ** 0.5),
        ("he", (2 / 400) ** 0.5),
        ("orthogonal", (1 / 400) ** 0.5),
    ),
)
def test_an_initialisation_has_its_deviation_and_zero_biases(init, deviation):
    torch.manual_seed(0)
    first, *_ = [layer for _, layer in weight_layers(mlp(2, width=200, init=init, in_features=400))]
    assert first.weight.std().item() == pytest.approx(deviation, rel=0.03)
    assert not first.bias.any()


@pytest.mark.parametrize("shortcut", ("pad", "project", None))
def test_residual_networks_start_from_he_initialisation(shortcut):
    torch.manual_seed(0)
    for name, module in cifar_resnet(20, shortcut).named_modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 2000:
            assert module.weight.std().item() == pytest.approx(
                (2 / module.weight[0].numel()) ** 0.5, rel=0.06
            ), name


# --- what is refused


@pytest.mark.parametrize("depth", (-4, 0, 2, 7, 18, 21, 34, 57, 1000))
def test_cifar_resnet_refuses_other_depths_and_says_which_there_are(depth):
    with pytest.raises(
        ValueError,
        match=rf"no cifar_resnet has {depth} layers: the depth is 6n \+ 2.*20, 32, 44, 56, 110 and 1202",
    ):
        cifar_resnet(depth)


@pytest.mark.parametrize(
    "make, depth, legal", ((imagenet_resnet, 20, "18, 34, 50, 101, 152"), (vgg, 12, "11, 13, 16, 19"))
)
def test_a_depth_outside_the_table_names_the_table(make, depth, legal):
    with pytest.raises(ValueError, match=f"has {depth} layers: choose one of {legal}"):
        make(depth)


@pytest.mark.parametrize("make", (lambda s: cifar_resnet(20, s), lambda s: imagenet_resnet(18, s)))
@pytest.mark.parametrize("shortcut", ("A", "", True, False))
def test_an_unknown_shortcut_names_the_three(make, shortcut):
    with pytest.raises(ValueError, match=f'unknown shortcut {shortcut!r}: "pad".*"project".*None'):
        make(shortcut)


def test_a_perceptron_names_the_legal_activations_initialisations_and_depths():
    with pytest.raises(
        ValueError, match=re.escape(f"unknown activation 'swish': choose one of {', '.join(ACTIVATIONS)}")
    ):
        mlp(2, activation="swish")
    with pytest.raises(
        ValueError,
        match=re.escape(f"unknown initialisation 'zeros': choose one of {', '.join(INITIALISATIONS)}"),
    ):
        mlp(2, init="zeros")
    with pytest.raises(ValueError, match="mlp of 0 layers.*1 or more"):
        mlp(0)


# --- every network learns at every layer

SMALL = {
    f"cifar_resnet(20, {s!r})": (lambda s=s: cifar_resnet(20, s), (4, 3, 16, 16))
    for s in ("pad", "project", None)
}
SMALL |= {
    f"imagenet_resnet({d}, {s!r})": (lambda d=d, s=s: imagenet_resnet(d, s, num_classes=10), (2, 3, 64, 64))
    for d, s in ((18, "pad"), (18, None), (50, "project"))
}
SMALL |= {"vgg(11)": (lambda: vgg(11, num_classes=10), (2, 3, 32, 32))}
SMALL |= {f"cifar_vgg(11, {b})": (lambda b=b: cifar_vgg(11, b), (4, 3, 32, 32)) for b in (False, True)}
SMALL |= {"alexnet": (lambda: alexnet(10), (2, 3, 224, 224))}
SMALL |= {
    f"mlp({a!r}, skip={s})": (lambda a=a, s=s: mlp(6, activation=a, skip=s), (8, 64))
    for a in ACTIVATIONS
    for s in (False, True)
}
SMALL |= {
    "Dense with batch norm": (
        lambda: nn.Sequential(Dense(12, 10, nn.ReLU(), batch_norm=True, skip=False)),
        (8, 12),
    )
}


@pytest.mark.parametrize("name", SMALL)
def test_every_parameter_gets_a_finite_gradient(name):
    make, shape = SMALL[name]
    net = filled_at_random(on_meta(make).to_empty(device="cpu"))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    logits = net(x)
    F.cross_entropy(logits, torch.arange(len(x)) % 10).backward()
    assert logits.shape == (len(x), 10)
    for parameter, tensor in net.named_parameters():
        assert tensor.grad is not None and tensor.grad.isfinite().all(), parameter
        if parameter.endswith("weight"):
            assert tensor.grad.any(), parameter
