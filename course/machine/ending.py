"""How a script ends: an error, Ctrl-C, `kill` or a reader that has left is a line and a status, no traceback.

if __name__ == "__main__":
    ending.before_imports()
import torch
...
if __name__ == "__main__":
    ending.run(main, stopped="what is finished is recorded")
"""

import os
import signal
import sys
from collections.abc import Callable

from course import CourseError


def before_imports() -> None:
    """Importing torch takes seconds, in which a Ctrl-C would end somewhere inside it."""
    # A shell starts what is to run in the background so that it ignores Ctrl-C.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, leave)


def leave(*_) -> None:
    os.write(sys.stderr.fileno(), b"stopped: nothing was begun\n")
    os._exit(1)


def run(main: Callable[[], None], stopped: str) -> None:
    """stopped: what a reader who pressed Ctrl-C should know."""
    if signal.getsignal(signal.SIGINT) is leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # `kill` is answered as Ctrl-C is: the workers end, and their semaphores go.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
        sys.stdout.flush()
    except CourseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(f"stopped: {stopped}")
    except BrokenPipeError:  # as `| head` leaves behind; what is still to be flushed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
