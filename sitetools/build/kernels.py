"""A lab runs within limits: one that waits for ever, floods the page or fails stops the build in a line."""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from mkdocs.exceptions import PluginError
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from traitlets import Integer

from course.paths import ROOT


def configure() -> None:
    """Tell labs where the course is, and nbconvert where its configuration is."""
    # Labs import the course wherever their kernel starts, which depends on the version of mkdocs-jupyter.
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["JUPYTER_CONFIG_PATH"] = str(Path(__file__).parent / "jupyter")
    os.environ["JUPYTER_RUNTIME_DIR"] = private().name


@cache
def private() -> tempfile.TemporaryDirectory:
    """Where the kernels' sockets lie, while this process lives."""
    # Not where the system puts its temporary files: the path of a socket may have some hundred characters.
    return tempfile.TemporaryDirectory(prefix="labs-", dir="/tmp")


class Lab(ExecutePreprocessor):
    """timeout: seconds for a cell.  most: characters that a cell may print or draw with."""

    timeout = Integer(600).tag(config=True)
    most = Integer(2_000_000).tag(config=True)

    def create_kernel_manager(self) -> Any:
        manager = super().create_kernel_manager()
        # Files in a private folder, where TCP would be open to all who share the machine.
        # Each kernel has names of its own there: two may start at once.
        manager.transport, manager.ip = "ipc", os.path.join(private().name, uuid4().hex)
        return manager

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        self.characters = 0
        try:
            return super().preprocess_cell(cell, resources, index)
        except CellTimeoutError:
            fault = f"runs for more than {self.timeout} s"
        except DeadKernelError:
            flooded = self.characters > self.most
            fault = f"prints more than {self.most:,} characters" if flooded else "ends its kernel"
        except CellExecutionError as error:
            fault = f"raises {error.ename}: {error.evalue.partition(chr(10))[0]}"
        raise PluginError(f"cell {index + 1}, which begins {cell.source.partition(chr(10))[0]!r}, {fault}")

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        self.characters += len(str(msg["content"]))
        if self.characters > self.most:
            if self.task_poll_for_reply:
                self.task_poll_for_reply.cancel()  # nbclient then takes the kernel for dead, and clears up
            return None
        return super().process_message(msg, cell, cell_index)
