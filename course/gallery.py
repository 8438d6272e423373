"""Every figure of the course: importing the files that draw fills FIGURES."""

from course import (  # noqa: F401
    batch_norm_figures,
    degradation_figures,
    diagrams,
    figures,
    gradient_figures,
    learning_figures,
    normalisation_figures,
    signal_figures,
)
from course.drawing import FIGURES  # noqa: F401
