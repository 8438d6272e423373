"""How a network is trained: the recipe, the loop, what a training goes on from, the weights that are kept.

Imports `machine` and `data`.
"""

from course.training.loop import Diverged, Epoch, evaluate, fit
from course.training.recipe import Recipe, learning_rate
