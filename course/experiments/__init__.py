"""The experiments: what is measured, and how a run becomes a record.

Imports `machine`, `data`, `networks`, `training` and `records`.
"""

from course.experiments.catalogue import EXPERIMENTS
from course.experiments.runs import Run, choose, perform, pretrained
