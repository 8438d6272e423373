"""Very deep networks, small enough to read in an afternoon.

A package imports only from those above it:

    machine                devices, processes, files
    data    networks       what is learnt, and what learns it
    training               recipe, loop, checkpoints, kept weights
    records                what was measured, here and in the papers
    experiments            what is measured, and how a run becomes a record
    report                 the records as the numbers and tables of the pages
    figures                the records as drawings
    train                  the command that runs experiments
    exercises              checks the answers in a notebook

`records`, `report` and `figures` never import torch: to draw and to report takes no training.
"""

__version__ = "0.1.0"


class CourseError(ValueError):
    """Something its reader can mend: the message says what was wrong, what is legal, what to do.

    The scripts print it as one line, without a traceback.
    """
