# %% [markdown]
# # The gradient laboratory
#
# You build a perceptron of twenty layers with sigmoids and watch its gradient vanish. You mend that in four ways, each
# alone. Then you train all of them, and see which learn. It takes half a minute on one processor core.
#
# The background is in three lectures, [vanishing gradients](../lectures/vanishing-gradients.md),
# [ReLU](../lectures/relu.md) and [batch normalisation](../lectures/batch-normalisation.md).
#
# ## Layer by layer
#
# `probe` runs one forward and one backward pass and reports every layer. Numbers get small here, so all is measured in
# 64 bits.

# %%
import torch

from course.data import load
from course.networks import mlp, probe

torch.set_num_threads(1)  # networks this small gain nothing from more
digits = load("digits")
x, y = digits.normalise(digits.train_x[:256]).double(), digits.train_y[:256]
depth = 20

torch.manual_seed(0)
layers = probe(mlp(depth, activation="sigmoid", init="xavier").double(), x, y)
for number in (20, 19, 18, 17, 10, 1):
    print(f"layer {number:2d}: gradient {layers[number - 1].backpropagated:.0e}")

# %% [markdown]
# Each step back leaves about a quarter of the gradient, the sigmoid's largest slope. Nineteen steps leave almost nothing.
#
# ## Four remedies
#
# Three of them are an option of `mlp`:
#
# 1. another activation, with the weights that suit it: *ReLU* with He's initialisation;
# 2. *batch normalisation* in front of each sigmoid;
# 3. a *skip* around each layer.
#
# The fourth leaves the network as it is and changes its first weights only. If each sigmoid divides the gradient by four,
# let the weights multiply it by four. Orthogonal weights are a clean start: they turn vectors and stretch none. Try
# several factors.

# %%
from course.networks import weight_layers

def orthogonal(scale, centred=False):
    net = mlp(depth, activation="sigmoid", init="orthogonal")
    with torch.no_grad():
        for number, (_, layer) in enumerate(weight_layers(net)):
            layer.weight.mul_(scale)
            if centred and number > 0:
                layer.bias.copy_(-layer.weight.sum(dim=1) / 2)
    return net

def try_out(scale, centred=False):
    torch.manual_seed(0)
    first, *_, before, last = probe(orthogonal(scale, centred).double(), x, y)
    ratio = first.backpropagated / last.backpropagated
    print(f"times {scale:2d}: first layer over last {ratio:.0e},", end=" ")
    print(f"saturated in the last hidden layer {100 * before.saturated:.0f} %")

for scale in (1, 4, 12):
    try_out(scale)

# %% [markdown]
# Four times is too little: the slope is a quarter only at zero, and large weights carry the units away from there. Twelve
# times brings the gradient through, but most units now sit on the flat ends. Keep this network in mind.
#
# What carries them away? A suspect is the sigmoid's output, which is never negative and lies around one half. Large weights
# make a large number of that half, the same for every image. Take it away and see: let the bias subtract it,
# $b_i = -\tfrac12 \sum_j w_{ij}$.

# %%
try_out(4, centred=True)

# %% [markdown]
# It was the half. With the same factor of four no unit saturates, and a tenth of the gradient arrives. (Such a network is one of
# tanh in disguise, since $\operatorname{sigmoid}(z) = \tfrac12 + \tfrac12 \tanh(z/2)$.)
#
# All six networks, before the first step:

# %%
def sigmoids(**options):
    return mlp(depth, activation="sigmoid", init="xavier", **options)

networks = {
    "sigmoid": sigmoids,
    "ReLU, He": lambda: mlp(depth, activation="relu", init="he"),
    "batch norm": lambda: sigmoids(batch_norm=True),
    "skips": lambda: sigmoids(skip=True),
    "times 4, centred": lambda: orthogonal(4, centred=True),
    "times 12": lambda: orthogonal(12),
}

def fresh(name):
    torch.manual_seed(0)
    return networks[name]()

ratio, norms = {}, {}
for name in networks:
    layers = probe(fresh(name).double(), x, y)
    norms[name] = [layer.backpropagated for layer in layers]
    ratio[name] = norms[name][0] / norms[name][-1]
    print(f"{name:16s} first layer over last {ratio[name]:.0e}")

# %% alt="Gradient by layer before training, on a logarithmic axis. That of the sigmoid network falls from 1 at layer 20 to about one part in a million million at layer 1. Those of the other five stay between about 0.1 and 10."
import matplotlib.pyplot as plt

fig, axes = plt.subplots(figsize=(6.4, 3.6))
for (name, line), marker in zip(norms.items(), "os^vD*"):
    axes.plot(range(1, depth + 1), line, marker=marker, markersize=4, label=name)
axes.set(xlabel="layer", ylabel="back-propagated gradient", yscale="log")
axes.set_xticks(range(5, depth + 1, 5))
axes.legend(ncols=2);

# %% [markdown]
# By this measure five of the six are mended.
#
# ## Which learn?
#
# Train each for twenty epochs. No single rate suits all of them, so each has three tries: the learning rate begins at 0.01,
# 0.03 or 0.1, and is divided by ten twice.

# %%
from course.training import Recipe, fit

def training_error(name, rate, epochs=20):
    steps = 11 * epochs
    drops = (steps // 2, 3 * steps // 4)
    recipe = Recipe(iterations=steps, drops=drops, learning_rate=rate)
    return fit(fresh(name), digits, recipe, seed=0)[-1].train_error

rates = (0.01, 0.03, 0.1)
error = {}
print(f"training error in % at {rates}")
for name in networks:
    error[name] = [training_error(name, rate) for rate in rates]
    print(f"{name:16s} {'  '.join(f'{e:3.0f}' for e in error[name])}")

# %% [markdown]
# A network that guesses one of ten digits is wrong on 90 %. The sigmoid network does not get beyond that.
#
# Look along the rows. Batch normalisation and skips learn at each of the rates. The ReLU network learns at one and fails at
# another, although its gradient was nearly level: a good start does not say how far a step may go.
#
# Now put the start and the end side by side.

# %%
print("                  first over last   best training error")
for name in sorted(networks, key=lambda name: min(error[name])):
    print(f"{name:16s}  {ratio[name]:15.0e}   {min(error[name]):15.0f} %")

healthy = [name for name in networks if ratio[name] > 0.01]
failed = [name for name in healthy if min(error[name]) > 30]
print("the gradient arrives, and after twenty epochs it has learned least:", *failed)

# %% [markdown]
# The norm at the start can rule a network out, as it does the first. It cannot promise that one learns: it says nothing of
# what the gradient knows about the images, nor of what the next step will do to it.
#
# ## For you
#
# 1. Give "sigmoid" and "times 12" three times as many epochs, `training_error("times 12", 0.01, epochs=60)`. Which of them is
#    merely slow?
# 2. Set `depth` to 40. Which remedies still work?
# 3. Combine two remedies: skips around ReLU layers, with and without batch normalisation. What does `probe` say?
# 4. In which network does the gradient arrive at the first layer undiminished, and still the network learns far more slowly than the
#    others? The last line above names it. Compare it with "times 4, centred", whose gradient arrives shorter: what did the bias change?
