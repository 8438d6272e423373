"""Checks your answers in batch_normalisation.py."""
import batch_normalisation as answers
import torch
from teaching import given, holds, same
from torch import nn

pytest_plugins = "progress"


def test_exercise_2_one_mean_and_one_variance_a_channel():
    torch.manual_seed(0)
    x = 3 + 2 * torch.randn(8, 5, 6, 7)
    layer = nn.BatchNorm2d(5)
    look = "the mean over the batch and all positions, dim=(0, 2, 3); the variance with 1/m, correction=0; eps under the root"
    same(answers.batch_norm(x, layer.weight, layer.bias), layer(x), "batch_norm with gamma = 1 and beta = 0", look, 1e-4)


def test_exercise_2_scale_and_shift_belong_to_a_channel():
    torch.manual_seed(0)
    x = torch.randn(8, 5, 6, 7)
    layer = nn.BatchNorm2d(5)
    nn.init.normal_(layer.weight), nn.init.normal_(layer.bias)
    same(answers.batch_norm(x, layer.weight, layer.bias), layer(x), "batch_norm with other gamma and beta", "gamma and beta have the shape (C,): view(-1, 1, 1) lays them along the channels", 1e-4)


def test_exercise_2_a_constant_channel_does_not_divide_by_zero():
    found = answers.batch_norm(torch.full((4, 1, 2, 2), 7.0), torch.ones(1), torch.zeros(1))
    same(found, torch.zeros(4, 1, 2, 2), "batch_norm of a channel that is 7 everywhere", "add eps before you divide", 1e-4)


def test_exercise_2_eps_is_added_to_the_variance():
    torch.manual_seed(0)
    x = 3e-3 * torch.randn(8, 5, 6, 7)  # so small that it matters where eps stands
    layer = nn.BatchNorm2d(5)
    same(answers.batch_norm(x, layer.weight, layer.bias), layer(x), "batch_norm of small numbers", "eps belongs under the root, beside the variance", 1e-4)


def running(momentum: float):
    torch.manual_seed(0)
    layer = nn.BatchNorm1d(3, momentum=momentum)
    mean, variance = layer.running_mean.clone(), layer.running_var.clone()
    for _ in range(4):
        x = 5 + 3 * torch.randn(6, 3)
        found = given(answers.updated(mean, variance, x, momentum), "updated")
        holds(isinstance(found, tuple | list) and len(found) == 2, "updated should return two tensors, the mean and the variance")
        mean, variance = found
        layer(x)
    return mean, variance, layer


def test_exercise_3_the_running_mean():
    mean, _, layer = running(0.1)
    same(mean, layer.running_mean, "the running mean after 4 mini-batches", "0.9 of the old value and 0.1 of the mini-batch's")


def test_exercise_3_the_running_variance():
    _, variance, layer = running(0.1)
    same(variance, layer.running_var, "the running variance after 4 mini-batches of 6", "the unbiased variance, correction=1")


def test_exercise_3_with_another_momentum():
    mean, variance, layer = running(0.5)
    same(mean, layer.running_mean, "the running mean with momentum 0.5", "momentum is the weight of the *new* value, in torch")
    same(variance, layer.running_var, "the running variance with momentum 0.5", "momentum is the weight of the *new* value, in torch")


def backward():
    torch.manual_seed(0)
    x = torch.randn(7, 4, 3, 2, dtype=torch.float64, requires_grad=True)
    layer = nn.BatchNorm2d(4).double()
    nn.init.normal_(layer.weight)
    upstream = torch.randn_like(x)
    layer(x).backward(upstream)
    found = given(answers.batch_norm_backward(upstream, x.detach(), layer.weight.detach()), "batch_norm_backward")
    holds(isinstance(found, tuple | list) and len(found) == 3, "batch_norm_backward should return three tensors: by x, by gamma, by beta")
    return found, x.grad, layer.weight.grad, layer.bias.grad


def test_exercise_4_the_gradients_by_gamma_and_beta():
    (_, dgamma, dbeta), _, gamma, beta = backward()
    same(dbeta, beta, "the gradient by beta", "beta is added at every position of every image: sum over dim=(0, 2, 3)")
    same(dgamma, gamma, "the gradient by gamma", "y = gamma * normalised + beta: the sum of upstream * normalised over dim=(0, 2, 3)")


def test_exercise_4_the_gradient_by_the_input():
    (dx, _, _), x, _, _ = backward()
    same(dx, x, "the gradient by x", "x also moves the mean and the variance of its channel, which all images and positions share: m is N * H * W")


def test_exercise_5_one_convolution_does_the_work_of_both():
    torch.manual_seed(0)
    conv, bn = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6)
    nn.init.normal_(bn.weight), nn.init.normal_(bn.bias)
    for _ in range(20):
        bn(conv(2 + torch.randn(8, 3, 9, 9)))
    bn.eval()
    folded = given(answers.fold(conv, bn), "fold")
    holds(isinstance(folded, nn.Conv2d), f"fold should return a torch.nn.Conv2d, it returned {type(folded).__name__}")
    holds(folded.bias is not None, "the folded convolution needs a bias: where else could beta go?")
    x = torch.randn(2, 3, 9, 9)
    look = "at inference y = factor * z + (beta - factor * running_mean), with factor = gamma / sqrt(running_var + eps)"
    same(folded(x), bn(conv(x)), "the output of the folded convolution", look, 1e-4)


def test_exercise_6_with_batch_normalisation_larger_weights_have_a_smaller_gradient():
    norms = [given(answers.gradient_norm(scale, True), f"gradient_norm({scale}, True)") for scale in (1.0, 4.0)]
    same(norms[0] / norms[1], 4.0, "gradient_norm(1, True) / gradient_norm(4, True)", "multiply the weights of `first` under no_grad, before the forward pass", 0.02)


def test_exercise_6_without_it_they_do_not():
    norms = [given(answers.gradient_norm(scale, False), f"gradient_norm({scale}, False)") for scale in (1.0, 4.0)]
    same(norms[0], 0.61, "gradient_norm(1, False)", "`first` is built before `last`, right after the seed; the norm of first.weight.grad", 0.1)
    holds(
        0.5 < norms[1] / norms[0] < 2,
        f"without batch normalisation the gradient has the norm {norms[0]:.3g} at scale 1 and {norms[1]:.3g} at scale 4, expected about the same.\n"
        "Look at: is the batch normalisation really left out if `normalised` is False?",
    )
