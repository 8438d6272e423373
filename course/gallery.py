"""Every figure of the course: importing the files that draw fills FIGURES."""
from course import batch_norm_figures, degradation_figures, diagrams, figures, gradient_figures, learning_figures, normalisation_figures, signal_figures  # noqa: F401
from course.drawing import FIGURES  # noqa: F401
