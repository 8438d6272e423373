"""The records as drawings, one function a figure: importing the files that draw fills FIGURES.

Imports `records` and `report`, and never torch.
"""

from course.figures import (
    architectures,
    batch_normalisation,
    degradation,
    imagenet,
    inside_networks,
    learning_speed,
    other_failures,
    relu,
    residual_learning,
    results,
    vanishing_gradients,
)
from course.figures.drawing import FIGURES, Drawing, figure
