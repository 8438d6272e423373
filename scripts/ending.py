"""How a script ends: an error, Ctrl-C, `kill` or a reader that has left is one line and a status, never a traceback.

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
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a shell starts what is to run in the background
        signal.signal(signal.SIGINT, leave)


def leave(*_) -> None:
    os.write(sys.stderr.fileno(), b"stopped: nothing was begun\n")
    os._exit(1)


def run(main: Callable[[], None], stopped: str) -> None:
    """stopped: what a reader who pressed Ctrl-C should know."""
    if signal.getsignal(signal.SIGINT) is leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` is answered as Ctrl-C is: workers end, semaphores go
    try:
        main()
        sys.stdout.flush()
    except CourseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(f"stopped: {stopped}")
    except BrokenPipeError:  # as `| head` leaves behind
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed goes nowhere
        sys.exit(1)
