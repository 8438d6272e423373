# %% [markdown]
# # Batch normalisation by hand
#
# You write batch normalisation forwards and backwards, and check it against PyTorch. You train a network with it, break it
# with batches of two, and mend that. It takes half a minute on one processor core.
#
# The background is in the lecture on [batch normalisation](../lectures/batch-normalisation.md).
#
# ## Forwards
#
# For each feature: subtract the mean of the batch, divide by its deviation, then scale and shift.

# %%
import torch
from torch import nn

torch.set_num_threads(1)  # networks this small gain nothing from more

def forward(x, gamma, beta, eps=1e-5):
    """x: (N, features) -> y, and what the backward pass needs."""
    deviation = (x.var(dim=0, correction=0) + eps).sqrt()
    x_hat = (x - x.mean(dim=0)) / deviation
    return gamma * x_hat + beta, x_hat, deviation

torch.manual_seed(0)
x = 5 + 3 * torch.randn(32, 4, dtype=torch.float64)
layer = nn.BatchNorm1d(4).double()
nn.init.normal_(layer.weight)  # not 1 and 0, or a mistake there would not show
nn.init.normal_(layer.bias)
gamma, beta = layer.weight.detach(), layer.bias.detach()
y, x_hat, deviation = forward(x, gamma, beta)
print("same as nn.BatchNorm1d:", torch.allclose(y, layer(x)))

# %% [markdown]
# ## Backwards
#
# The mean and the deviation depend on every example, so the gradient goes back through them, too. The lecture
# [derives](../lectures/batch-normalisation.md#backwards) what comes out.

# %%
def backward(dy, x_hat, deviation, gamma):
    """dL/dy -> dL/dx, dL/dgamma, dL/dbeta"""
    d_gamma, d_beta = (dy * x_hat).sum(dim=0), dy.sum(dim=0)
    d_x = gamma / deviation * (dy - (d_beta + x_hat * d_gamma) / len(dy))
    return d_x, d_gamma, d_beta

x.requires_grad_()
dy = torch.randn(32, 4, dtype=torch.float64)
by_hand = backward(dy, x_hat, deviation, gamma)
automatic = torch.autograd.grad(layer(x), (x, layer.weight, layer.bias), dy)
for name, a, b in zip(("x", "gamma", "beta"), by_hand, automatic):
    print(f"gradient by {name:5s} same as autograd's:", torch.allclose(a, b))

# %% [markdown]
# A usual mistake is to take mean and deviation for constants. Then only $\gamma / \sigma$ remains. How far off is that?

# %%
wrong = gamma / deviation * dy
error = (wrong - automatic[0]).norm() / automatic[0].norm()
print(f"without the way through mean and deviation: {100 * error:.0f} % off")

# %% [markdown]
# ## A layer
#
# At inference there may be no batch. So the layer keeps running averages while it trains and uses those afterwards.
# PyTorch's convention: each new batch counts for a tenth, and its variance is divided by $m - 1$.

# %%
class ByHand(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("variance", torch.ones(features))

    def forward(self, x):
        if self.training:
            self.mean.lerp_(x.detach().mean(dim=0), 0.1)
            self.variance.lerp_(x.detach().var(dim=0), 0.1)
            return forward(x, self.weight, self.bias)[0]
        x_hat = (x - self.mean) / (self.variance + 1e-5).sqrt()
        return self.weight * x_hat + self.bias

# %% [markdown]
# Put it into a perceptron of four layers and train it on the digits, beside the same network with PyTorch's layer.

# %%
import torch.nn.functional as F

from course.data import load
from course.networks import mlp
from course.training import evaluate

digits = load("digits")
images, labels = digits.normalise(digits.train_x), digits.train_y

def network(norm):
    torch.manual_seed(0)
    net = mlp(4)
    for layer in net[1:-1]:
        layer.norm = norm(64)
    return net

def train(net, batch, epochs=4, rate=0.1 / 32, company=0):
    """rate: for each example of a batch. company: see below."""
    order = torch.Generator().manual_seed(0)
    optimiser = torch.optim.SGD(net.parameters(), lr=rate * batch)
    net.train()
    for _ in range(epochs):
        shuffled = torch.randperm(len(images), generator=order)
        for chosen in shuffled[: len(images) // batch * batch].split(batch):
            others = torch.randint(len(images), (company,), generator=order)
            scores = net(images[torch.cat([chosen, others])])[:batch]
            optimiser.zero_grad()
            F.cross_entropy(scores, labels[chosen]).backward()
            optimiser.step()
    return evaluate(net, [(images, labels)])

nets = {"ours": network(ByHand), "PyTorch's": network(nn.BatchNorm1d)}
for name, net in nets.items():
    print(f"{name:9s} training error below 3 %: {train(net, batch=32) < 3}")
ours, theirs = (net.eval()(images).argmax(dim=1) for net in nets.values())
agree = (ours == theirs).double().mean().item()
print("same answers on more than 99 % of the images:", agree > 0.99)

# %% [markdown]
# ## In training and at inference
#
# One digit, in two batches of 16. In training its scores depend on the company; at inference they do not.

# %%
net = nets["ours"]
one = images[:1]
batches = [torch.cat([one, images[start : start + 15]]) for start in (100, 200)]
for mode in (True, False):
    a, b = (net.train(mode)(batch)[0] for batch in batches)
    equal = torch.allclose(a, b, atol=1e-4)
    print("training: " if mode else "inference:", "same scores in both:", equal)

# %% [markdown]
# And the running averages? Follow one of them in a fresh network whose weights stand still. What it should find is the mean
# over all training images.

# %%
def follow(batch, steps=80):
    net = network(ByHand).train()
    norm = net[1].norm
    found = []
    order = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for _ in range(steps):
            chosen = torch.randint(len(images), (batch,), generator=order)
            net(images[chosen])
            found.append(norm.mean[0].item())
        exact = net[1].linear(images.flatten(1)).mean(dim=0)[0].item()
    return found, exact

means = {batch: follow(batch) for batch in (128, 2)}
for batch, (found, exact) in means.items():
    distance = (torch.tensor(found[40:]) - exact).square().mean().sqrt()
    print(f"batches of {batch:3d}: off by {distance:.2f} after 40 steps")

# %% alt="The running mean of one feature over 80 steps. With batches of 128 it settles on the mean of all images, a horizontal line. With batches of 2 it swings around the line all the time."
import matplotlib.pyplot as plt

fig, axes = plt.subplots(figsize=(6.4, 3.2))
for (batch, (found, exact)), dash in zip(means.items(), ("-", ":")):
    axes.plot(found, dash, label=f"batches of {batch}")
axes.axhline(exact, color="grey", linewidth=1, label="all training images")
axes.set(xlabel="step", ylabel="running mean of one feature")
axes.legend();

# %% [markdown]
# ## Break it
#
# What does the layer make of a batch of two? Take any two numbers.

# %%
for pair in ([0.0, 1.0], [-3.0, 50.0]):
    x = torch.tensor(pair)[:, None]
    out = forward(x, torch.ones(1), torch.zeros(1))[0]
    print(pair, "becomes", [round(value, 2) for value in out.flatten().tolist()])

# %% [markdown]
# One becomes $-1$, the other $+1$, whatever they were. All that is left is which was larger. Can a network learn so? As a
# control, train it also without normalisation: are steps of two examples the trouble, or is it what the layer does?

# %%
error = {
    "batches of 32": train(network(ByHand), batch=32),
    "batches of 2": train(network(ByHand), batch=2),
    "  a third of the rate": train(network(ByHand), batch=2, rate=0.1 / 96),
    "  without normalisation": train(network(nn.Identity), batch=2),
}
for name, percent in error.items():
    print(f"{name:23s} {percent:3.0f} % training error")

# %% [markdown]
# Steps of two examples are no trouble, and a smaller rate is no remedy.
#
# ## Mend it
#
# If the statistics are to blame, better ones should help, with nothing else changed. Three ways:
#
# * *Company.* Two examples still make the step, but 14 others go through the network with them, and count for mean and
#   deviation only.
# * *Layer normalisation.* Take mean and deviation over the 64 features of one example instead of over the batch. There is
#   then no difference between training and inference.
# * *Larger batches.* Where memory allows, simply eight.

# %%
mended = {
    "batches of 2, company": train(network(ByHand), batch=2, company=14),
    "batches of 2, layer norm": train(network(nn.LayerNorm), batch=2),
    "batches of 8": train(network(ByHand), batch=8),
}
print(f"{'batches of 2':24s} {error['batches of 2']:3.0f} % training error")
for name, percent in mended.items():
    print(f"{name:24s} {percent:3.0f} % training error")
company, alone = mended["batches of 2, company"], error["batches of 2"]
print("the same small steps, better statistics, it learns:", company < alone / 5)

# %% [markdown]
# ## For you
#
# 1. Batches of four: is the damage half of that of two, or less? Try three and six as well.
# 2. Train with batches of two and ask the network in training mode, again with batches of two. Does it do better there?
# 3. Take mean and deviation for constants in `forward`, with `.detach()` behind each. What happens to the training with batches
#    of 32, and what at ten times the rate?
# 4. Was it the small steps or the statistics that broke the network? One comparison above differs in nothing but the
#    statistics, and the last line says how it ends. Which one is it?
