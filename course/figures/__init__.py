"""The records as drawings, one function a figure: importing the files that draw fills FIGURES.

Imports `records` and `report`, and never torch.
"""

# In the order of the lectures, which is that of the page on figures.
from course.figures import imagenet, architectures, vanishing_gradients, learning_speed, relu  # isort: skip
from course.figures import batch_normalisation, degradation, other_failures, residual_learning  # isort: skip
from course.figures import inside_networks, results, why_it_works, optimisation, afterwards  # isort: skip
from course.figures.drawing import FIGURES, Drawing, figure
