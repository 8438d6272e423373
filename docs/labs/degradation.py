# %% [markdown]
# # Plain and residual, on your machine
#
# You train three networks on handwritten digits: plain-20, plain-56 and ResNet-56. It takes up to a minute on one
# processor core. Then you look at their gradients.
#
# The background is in two lectures, [the degradation problem](../lectures/degradation.md) and
# [residual learning](../lectures/residual-learning.md).
#
# ## The images
#
# 1,797 digits of 8×8 pixels come with scikit-learn; 1,437 of them are for training. `load` returns them as
# tensors.

# %%
import torch

from course.data import load

torch.set_num_threads(1)  # networks this small gain nothing from more
digits = load("digits")
print("training images:", tuple(digits.train_x.shape), digits.train_x.dtype)
print("test images:    ", tuple(digits.test_x.shape))

# %% [markdown]
# ## The three networks
#
# One function builds them all. Without a shortcut the network is plain.

# %%
from course.networks import cifar_resnet

def build(depth, shortcut):
    torch.manual_seed(0)
    return cifar_resnet(depth, shortcut=shortcut, in_channels=1)

nets = {
    "plain-20": build(20, None),
    "plain-56": build(56, None),
    "ResNet-56": build(56, "pad"),
}
for name, net in nets.items():
    print(f"{name:9s} {sum(p.numel() for p in net.parameters()):,} parameters")

# %% [markdown]
# ## Gradients before training
#
# `probe` runs one forward and one backward pass and reports every layer. Which network has a vanishing gradient?

# %%
from course.networks import probe

x, y = digits.normalise(digits.train_x[:256]), digits.train_y[:256]
before = {}
for name, net in nets.items():
    before[name] = norms = [layer.backpropagated for layer in probe(net, x, y)]
    print(f"{name:9s} first layer {norms[0]:8.1f}, last layer {norms[-1]:.1f}")

# %% alt="Gradient norm by layer before training, on a logarithmic axis. The norm of plain-56 grows from about 1 at the last layer to about 1000 at the first; plain-20 and ResNet-56 stay below 20."
import matplotlib.pyplot as plt

dashes = {"plain-20": ":", "plain-56": "-", "ResNet-56": "--"}
fig, axes = plt.subplots(figsize=(6.4, 3.2))
for name, norms in before.items():
    axes.plot(range(1, len(norms) + 1), norms, dashes[name], label=name)
axes.set(xlabel="layer", ylabel="back-propagated gradient", yscale="log")
axes.legend();

# %% [markdown]
# None has, so far: the gradient of plain-56 *grows* towards the first layer. That is before the first step. Look again
# after training, below.
#
# ## Training
#
# Ten epochs, fewer than half of what [the recorded experiment](../lectures/degradation.md) uses. The learning rate begins at
# 0.1 and is divided by ten after six and after eight epochs.

# %%
from course.training import Recipe, fit

recipe = Recipe(iterations=10 * 11, drops=(6 * 11, 8 * 11))
curves = {}
for name, net in nets.items():
    curves[name] = fit(net, digits, recipe, seed=0)
    last = curves[name][-1]
    print(f"{name:9s} training error {last.train_error:5.1f} %,", end=" ")
    print(f"test error {last.test_error:5.1f} %")

# %% alt="Training error over ten epochs. Plain-20 falls to almost zero within five epochs, ResNet-56 follows later, plain-56 stays above 70 %."
fig, axes = plt.subplots(figsize=(6.4, 3.2))
for name, rows in curves.items():
    errors = [row.train_error for row in rows]
    axes.plot(range(1, len(rows) + 1), errors, dashes[name], label=name)
axes.set(xlabel="epoch", ylabel="training error (%)", ylim=(0, 100))
axes.legend();

# %% [markdown]
# The two networks of 56 layers have the same parameters, started from the same values and saw the same batches. By this
# recipe one learns and the other does not.
#
# And the gradients, after training?

# %%
from copy import deepcopy

for name, net in nets.items():
    first, *_, last = probe(deepcopy(net).train(), x, y)
    turn = 0.1 * first.weight_gradient / net.conv1.weight.norm().item()
    print(f"{name:9s} first layer {first.backpropagated:.2f},", end=" ")
    print(f"last layer {last.backpropagated:.2f};", end=" ")
    print(f"a step turns the first by {turn:.0e}")
    print(f"          its weights: length {net.conv1.weight.norm().item():.0f}")

# %% [markdown]
# Where a network has learned, all its gradients are small. Plain-56 has not, and its last layer's gradient is as large as
# at the start; but the first layer receives a small part of it, and its weights, which the first steps have made many times as long as the others', hardly turn.
# So its gradients explode at first and vanish later. "Does it fail because its gradients vanish?" asks for a *when*.
#
# ## One line
#
# The networks differ by one `if`. Switch the shortcuts of the *trained* ResNet-56 off, and see what they were worth:

# %%
from course.networks import Block
from course.training import evaluate

trained = nets["ResNet-56"]
error = evaluate(trained, digits.testing())
print(f"with shortcuts:    {error:5.1f} % test error")
blocks = [module for module in trained.modules() if isinstance(module, Block)]
for block in blocks:
    block.residual = False
error = evaluate(trained, digits.testing())
print(f"without shortcuts: {error:5.1f} % test error")
for block in blocks:
    block.residual = True

# %% [markdown]
# ## For you
#
# 1. Remove the shortcut of a *single* block of the trained network instead of all. How much does the error rise?
#    Does it matter which block it is?
# 2. Where does plain training begin to fail? Try 32 and 44 layers, and other seeds.
# 3. Train plain-56 with a learning rate of 0.01, for 12, 24 and 72 epochs (the last takes two minutes). Does a smaller
#    step help, and what does it need? [The lecture's map](../lectures/degradation.md#is-it-the-recipe) has the answer:
#    it helps much, and it needs time.
# 4. Does the trained ResNet-56 know anything of the digits without its shortcuts? A network that guesses is wrong on 90 %. The last line above
#    answers it.
