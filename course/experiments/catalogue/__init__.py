"""The experiments as data: importing this runs nothing; `scripts/train.py` runs what it names."""

from course.experiments.catalogue.afterwards import AFTERWARDS
from course.experiments.catalogue.architectures import ARCHITECTURES
from course.experiments.catalogue.digits import ON_DIGITS
from course.experiments.catalogue.experiment import Experiment
from course.experiments.catalogue.explanations import EXPLANATIONS
from course.experiments.catalogue.perceptrons import PERCEPTRONS
from course.experiments.catalogue.photographs import PHOTOGRAPHS

ALL = (*PERCEPTRONS, *ARCHITECTURES, *ON_DIGITS, *EXPLANATIONS, *AFTERWARDS, *PHOTOGRAPHS)
EXPERIMENTS = {experiment.name: experiment for experiment in ALL}
