"""The labs: docs/labs/*.py, of which the build runs every cell and makes a page like any other.

A lab becomes Markdown, with what its cells print and draw below them, and a notebook to download. It runs
within limits: one that waits for ever, floods the page or fails stops the build in a line. While `mkdocs
serve` runs, a lab runs again when its text or the course has changed.
"""

import base64
import html
import io
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import jupytext
from jupyter_client.manager import AsyncKernelManager
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image
from traitlets import Integer

from sitetools.build import kept

ROOT = Path(__file__).parents[2]
DRAWING = (
    '<figure class="drawn" markdown="0"><img src="{name}" alt="{alt}" width="{width}" height="{height}" '
    'loading="lazy"><figcaption><p class="provenance">Drawn by the code above when this page was built.</p>'
    "</figcaption></figure>"
)


class Lab(NotebookClient):
    """timeout: seconds for a cell.  most: characters that a cell may print or draw with."""

    timeout = Integer(600)
    most = Integer(2_000_000)

    def run(self) -> None:
        # Over files in a private folder, where TCP would be open to all who share the machine; and not where
        # the system puts its temporary files: the path of a socket may have some hundred characters.
        with tempfile.TemporaryDirectory(prefix="labs-", dir="/tmp") as folder:
            self.km = AsyncKernelManager(transport="ipc", connection_file=f"{folder}/kernel.json")
            # The lab imports the course from the root.
            with self.setup_kernel(cwd=str(ROOT), env=os.environ | {"PYTHONPATH": str(ROOT)}):
                for index, cell in enumerate(self.nb.cells):
                    self.run_cell(cell, index)

    def run_cell(self, cell: NotebookNode, index: int) -> None:
        self.characters = 0
        try:
            self.execute_cell(cell, index)
            return
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
            self.task_poll_for_reply.cancel()  # nbclient then takes the kernel for dead, and clears up
            return None
        return super().process_message(msg, cell, cell_index)


@lru_cache(maxsize=8)
def executed(path: Path, changed: int, course: tuple) -> NotebookNode:
    """The notebook of a lab with all its outputs, made again when the lab or the course has changed."""
    notebook = jupytext.read(path)
    Lab(notebook, kernel_name="python3", shutdown_kernel="immediate").run()
    return notebook


def publish(files: Files, config: MkDocsConfig) -> None:
    """Add the page, the drawings and the notebook of each lab."""
    folder = Path(config.docs_dir, "labs")
    course = kept.state(ROOT, "course/**/*.py")
    for path in sorted(folder.glob("*.py")):
        notebook = executed(path, path.stat().st_mtime_ns, tuple(course.items()))
        page, drawings = as_markdown(notebook, path.stem)
        made = {f"{path.stem}.md": page, f"{path.stem}.ipynb": as_ipynb(path), **drawings}
        for name, content in made.items():
            files.append(File.generated(config, f"labs/{name}", content=content))


def as_ipynb(path: Path) -> str:
    """The notebook to download, without outputs: the reader makes those."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # random by default, and the same source should give the same file
    return jupytext.writes(notebook, fmt="ipynb")


def as_markdown(notebook: NotebookNode, lab: str) -> tuple[str, dict[str, bytes]]:
    """The page of a lab, and its drawings by their names: within the page, the text would wait for them."""
    parts, drawings = [], {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(fenced("python", cell.source))
        # A slow cell prints piece by piece; the reader sees one block.
        if printed := "".join(output.text for output in cell.outputs if output.output_type == "stream"):
            parts.append(fenced("output", printed))
        for data in (output.data for output in cell.outputs if "data" in output):
            if "image/png" in data:
                name = f"{lab}-{len(drawings) + 1}.png"
                drawings[name] = base64.b64decode(data["image/png"])
                parts.append(drawn(name, drawings[name], cell.metadata.get("alt"), lab))
    title, _, rest = parts[0].partition("\n")
    download = f"[Download this lab as a notebook]({lab}.ipynb){{ .md-button download }}"
    return "\n\n".join([title, download, rest, *parts[1:]]), drawings


def fenced(language: str, text: str) -> str:
    return f"````{language}\n{text.rstrip()}\n````"


def drawn(name: str, content: bytes, alt: str | None, lab: str) -> str:
    """A drawing that a cell made, with the alt text that stands on the cell's first line."""
    if not alt:
        raise PluginError(f'labs/{lab}.py: a cell that draws says what is to be seen: # %% alt="..."')
    width, height = Image.open(io.BytesIO(content)).size
    return DRAWING.format(name=name, alt=html.escape(alt), width=width, height=height)
