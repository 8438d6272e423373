# %% [markdown]
# # Take a residual network apart
#
# You train two networks of 20 layers on the digits, one plain and one residual, and operate on them: take blocks out, put
# blocks in, and walk in a straight line from the start to a solution. It takes half a minute on one processor core.
#
# The background is in two lectures, [residual learning](../lectures/residual-learning.md) and
# [the degradation problem](../lectures/degradation.md).
#
# ## Two patients

# %%
import torch

from course.data import load
from course.networks import cifar_resnet
from course.training import Recipe, evaluate, fit

torch.set_num_threads(1)  # networks this small gain nothing from more
digits = load("digits")
images, labels = digits.normalise(digits.train_x), digits.train_y

def build(depth, shortcut, seed=0):
    torch.manual_seed(seed)
    return cifar_resnet(depth, shortcut=shortcut, in_channels=1)

def error(net):
    """In percent, on 500 of the training images."""
    return evaluate(net, [(images[:500], labels[:500])])

nets = {"plain-20": build(20, None), "ResNet-20": build(20, "pad")}
for name, net in nets.items():
    fit(net, digits, Recipe(iterations=12 * 11, drops=(6 * 11, 9 * 11)), seed=0)
    print(f"{name:9s} training error below 1 %: {error(net) < 1}")

# %% [markdown]
# ## One block out
#
# Each network has nine blocks of two layers. `without` takes one out, for the length of a `with`: what would go into the
# block goes on to the next.

# %%
from course.networks import blocks, without

names = blocks(nets["ResNet-20"])
lesions = {}
for name, net in nets.items():
    lesions[name] = []
    for block in names:
        with without(net, block):
            lesions[name].append(error(net))
    print(f"{name:9s} {'  '.join(f'{e:2.0f}' for e in lesions[name])}")

# %% alt="Training error without each of the nine blocks. Plain-20 errs on 80 % or more without any of them. ResNet-20 errs on about half of the images without the first block, on about a tenth without the second, and on next to none without one of the others."
import matplotlib.pyplot as plt

fig, axes = plt.subplots(figsize=(6.4, 3.2))
look = {"plain-20": (-0.2, ""), "ResNet-20": (0.2, "//")}
for name, (shift, hatch) in look.items():
    places = [number + shift for number in range(1, 10)]
    axes.bar(places, lesions[name], 0.4, hatch=hatch, ec="white", label=name)
axes.set(xlabel="block taken out", ylabel="training error (%)", ylim=(0, 119))
axes.set_xticks(range(1, 10))
axes.legend(loc="upper right", ncols=2);

# %% [markdown]
# The plain network cannot spare one. The residual network needs its first block, which feeds all others, and hardly misses
# a late one. [Veit et al. (2016)](../references.md#veit2016) found the same in networks of 110 layers, and read a residual network as an ensemble of
# paths.
#
# ## Several blocks out
#
# If it is like an ensemble, the error should grow step by step as members leave, not all at once. Take out several of the
# blocks 2 to 9, chosen at random, five times for each number, and look at the median.

# %%
from contextlib import ExitStack

choice = torch.Generator().manual_seed(0)
medians = {name: [] for name in nets}
for count in range(8):
    chosen = [1 + torch.randperm(8, generator=choice)[:count] for _ in range(5)]
    for name, net in nets.items():
        found = []
        for places in chosen:
            with ExitStack() as operation:
                for place in places:
                    operation.enter_context(without(net, names[place]))
                found.append(error(net))
        medians[name].append(sorted(found)[2])
for name, found in medians.items():
    print(f"{name:9s} {'  '.join(f'{e:2.0f}' for e in found)}")

# %% alt="Median training error against the number of blocks taken out, from none to seven. Plain-20 jumps from zero to about 90 % with the first block. ResNet-20 rises step by step."
fig, axes = plt.subplots(figsize=(6.4, 3.2))
for (name, found), style in zip(medians.items(), ("-o", "--s")):
    axes.plot(found, style, label=name)
axes.set(xlabel="blocks taken out", ylabel="training error (%)", ylim=(0, 100))
axes.legend();

# %% [markdown]
# ## Blocks in
#
# The other way round: make 56 layers of 20 without changing what they compute. In a plain network new blocks have to be the
# identity, by the [construction of the lecture](../lectures/degradation.md#deeper-cannot-be-worse), `deepen`. In a residual
# network it is enough that the branch of a new block is zero, and one vector does that: the last $\gamma$.

# %%
from course.networks import deepen

plain, resnet = deepen(nets["plain-20"], 56, images), build(56, "pad")
resnet.load_state_dict(nets["ResNet-20"].state_dict(), strict=False)
for stage in (resnet.layer1, resnet.layer2, resnet.layer3):
    for block in stage[3:]:  # the first three come from ResNet-20
        torch.nn.init.zeros_(block.bn2.weight)

deep = {"plain-56": plain, "ResNet-56": resnet}
for (old, small), (new, large) in zip(nets.items(), deep.items()):
    scores, deeper = (net.eval()(images) for net in (small, large))
    same = torch.allclose(scores, deeper, atol=1e-3)
    print(f"{new:9s} computes what {old} computes: {same}")

# %% [markdown]
# So for both deep networks a solution exists. By the usual recipe ResNet-56 finds one, and plain-56 does not
# ([another lab](degradation.py) shows it). What lies between the usual start and the solution?
#
# ## Along a straight line
#
# Walk from a usual start to the solution: every weight in twelve equal steps from the one to the other. Look at loss and
# error on the way, normalised by the batch as in training.

# %%
from copy import deepcopy

import torch.nn.functional as F

@torch.no_grad()
def walk(start, end):
    walker, losses, errors = deepcopy(end).train(), [], []
    for step in range(13):
        way = zip(walker.parameters(), start.parameters(), end.parameters())
        for weight, a, b in way:
            weight.copy_(torch.lerp(a, b, step / 12))
        scores = walker(images[:256])
        losses.append(F.cross_entropy(scores, labels[:256]).item())
        wrong = scores.argmax(dim=1) != labels[:256]
        errors.append(100 * wrong.double().mean().item())
    return losses, errors

way = {}
for name, end in (nets | deep).items():
    shortcut = "pad" if name.startswith("ResNet") else None
    depth = int(name.split("-")[1])
    way[name] = walk(build(depth, shortcut, seed=1), end)

for name in deep:
    print(f"{name:9s} loss {'  '.join(f'{loss:.1f}' for loss in way[name][0])}")

# %% alt="Two panels along a straight line from the usual start to the constructed solution, in twelve steps. Left, the loss: that of ResNet-56 begins far above guessing and falls from the first step on; that of plain-56 stays at guessing for two thirds of the way. Right, the error: both guess for half of the way; ResNet-56 comes down after it, plain-56 two steps later."
fig, panels = plt.subplots(1, 2, figsize=(6.8, 3.2), layout="constrained")
for axes, measured, label in zip(panels, (0, 1), ("loss", "error (%)")):
    for name, style in zip(deep, ("-o", "--s")):
        axes.plot(way[name][measured], style, markersize=4, label=name)
    axes.set(xlabel="steps of twelve", ylabel=label, ylim=(0, None))
    axes.set_xticks(range(0, 13, 3))
panels[0].axhline(torch.tensor(10.0).log(), color="grey", label="guessing")
panels[0].legend();

# %% [markdown]
# By the loss alone, the residual network sees its solution from afar: each step towards it pays. The plain network stays
# where guessing has it, $\ln 10 = 2.3$, for two thirds of the way.
#
# The error tells another story. For half of the way *both* guess. The loss of ResNet-56 falls there because it begins above
# guessing: its scores are large and wrong, and get smaller. What does differ is how near one has to come before the
# network knows the digits:

# %%
def steps_to_half(name):
    """Steps until half of the images are classified correctly."""
    return next(step for step, e in enumerate(way[name][1]) if e < 50)

for name in way:
    print(f"{name:9s} half of the images right from step {steps_to_half(name)}")
print("has to come nearest to its solution:", max(way, key=steps_to_half))

# %% [markdown]
# That is one line for each network, in a space of up to 850,000 dimensions, and no training walks straight. It shows how far
# the neighbourhood of one solution reaches, and does not explain degradation.
#
# ## For you
#
# 1. Swap two blocks of the same stage instead of taking one out. Which of the two networks bears that better?
# 2. Walk from three other starts (`seed`). Which of the numbers above change?
# 3. Walk between two solutions: train ResNet-20 a second time from another seed. Is there a wall between them?
# 4. Which network has the smallest neighbourhood, in which one has to come nearest to the solution before half of the images
#    are right? The last line above names it. What do depth and the shortcut each contribute?
