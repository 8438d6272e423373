"""Very deep networks, small enough to read in an afternoon.

The files depend on one another in one direction only:

    data -> layers -> models -> stack -> probe -> train -> experiments -> records -> figures

and what draws (published, records, style, figures, diagrams) never imports torch.
"""


class CourseError(ValueError):
    """Something its reader can mend: the message says what was wrong, what is legal, what to do.

    The scripts print it as one line, without a traceback.
    """
