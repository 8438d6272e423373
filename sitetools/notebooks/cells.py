"""The notebooks of the site: each lecture with its checked outputs and its exercises, and the labs; all with
a first cell that installs the course.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.utils import meta
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sitetools.build import kept, outputs, wheel
from sitetools.notebooks.markdown import Writer
from sitetools.parts import exercises
from sitetools.syntax.fences import blocks

FIRST = Path(__file__).parent / "first_cell.ipy"
INCLUDE = re.compile(r'^--8<-- "exercises/(.+)\.md"$', re.MULTILINE)
HOW = "Write your answers into the cells below. The cell under each runs its checks and says what is wrong."
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def publish(files: Files, config: MkDocsConfig) -> None:
    """Add the files, for pages to link to. They are written when every page has been read, which says better
    what is wrong in it.
    """
    for name in places(files):
        files.append(File.generated(config, name, content=""))


def write(files: Files, config: MkDocsConfig) -> None:
    for name, page in places(files).items():
        made = kept.once(name, kept.of(page), partial(written, page, files, config))
        files.src_uris[name].content_string = made


def written(page: File, files: Files, config: MkDocsConfig) -> str:
    make = lab if page.src_uri.startswith("labs/") else lecture
    return nbformat.writes(make(page, files, config)) + "\n"


def places(files: Files) -> dict[str, File]:
    """The pages that become notebooks, by the names of these."""
    return {
        f"{'labs' if page.src_uri.startswith('labs/') else 'notebooks'}/{page.name}.ipynb": page
        for page in files
        if re.fullmatch(r"lectures/.+\.md|labs/.+\.py", page.src_uri)
    }


def lecture(page: File, files: Files, config: MkDocsConfig) -> NotebookNode:
    text, _ = meta.get_data(page.content_string)
    text, *included = INCLUDE.split(text)
    writer = Writer(page, files, config)
    cells = [*of_the_page(text, writer), *(cell for name in included[::2] for cell in asked(name, writer))]
    return notebook(cells, config)


def lab(page: File, files: Files, config: MkDocsConfig) -> NotebookNode:
    """With what its page shows."""
    writer = Writer(page, files, config, folder="labs")
    cells = [
        new_code_cell(cell.source, outputs=cell.outputs)
        if cell.cell_type == "code"
        else new_markdown_cell(writer.written(cell.source))
        for cell in outputs.ran(page.content_string).cells
    ]
    return notebook(cells, config)


def notebook(cells: list[NotebookNode], config: MkDocsConfig) -> NotebookNode:
    cells = [new_code_cell(first_cell(config.site_url or "")), *cells]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # random by default, and the same page should give the same file
    return new_notebook(cells=cells, metadata=METADATA)


def first_cell(site: str) -> str:
    text = FIRST.read_text(encoding="utf-8").strip()
    return text.replace('"NAME"', f'"{wheel.NAME}"').replace('"ADDRESS"', f'"{site and site + "notebooks/"}"')


def of_the_page(text: str, writer: Writer) -> Iterator[NotebookNode]:
    lines, done = text.split("\n"), 0
    for block in blocks(text):
        if block.code is None or ".norun" in block.code.info:
            continue
        if block.code.indent:
            raise PluginError(
                f"{writer.page.src_uri}: a block of Python that is indented cannot be a cell of the "
                "notebook: move it out of the list or the admonition"
            )
        yield from map(new_markdown_cell, writer.cells("\n".join(lines[done : block.line - 1])))
        yield code(block.code.text, block.output.text if block.output else "")
        done = (block.output or block.code).last
    yield from map(new_markdown_cell, writer.cells("\n".join(lines[done:])))


def code(text: str, printed: str = "") -> NotebookNode:
    shown = [new_output("stream", name="stdout", text=printed)] if printed else []
    return new_code_cell(text.rstrip("\n"), outputs=shown)


def asked(lecture: str, writer: Writer) -> Iterator[NotebookNode]:
    """The exercises. One that asks for functions has a cell to write them in, and one that checks them."""
    yield from map(
        new_markdown_cell, writer.cells(f"## Quiz\n\n{{{{ quiz {lecture} }}}}\n\n## Exercises\n\n{HOW}")
    )
    to_write = starters(lecture)
    for each in exercises.exercises(lecture):
        head = f"### {each.number}. {each.title}\n\n*{each.grade.capitalize()} · {each.time}*\n{each.text}"
        yield from map(new_markdown_cell, writer.cells(head))
        if source := to_write.get(each.number):
            first = re.findall(rf"exercise {each.number}: (write \w+)", source)[0]
            yield code(source)
            yield code(
                f'from course.exercises import check\n\ncheck("{lecture}", {each.number}, globals())',
                f"Not written yet. Exercise {each.number}: {first}.\n",
            )


def starters(lecture: str) -> dict[int, str]:
    """By exercise: a cell to write its functions in."""
    text = exercises.starter_of(exercises.SOURCE / f"solutions/{lecture.replace('-', '_')}.py")
    given, pieces = [], defaultdict(list)
    for node in ast.parse(text).body[1:]:  # after the docstring
        source, functions = str(ast.get_source_segment(text, node)), exercises.asked(node)
        if not functions:
            given.append(source)
        for number in {exercises.number(function) for function in functions}:
            pieces[number].append(source)
    imports = [each for each in given if each.startswith(("import ", "from "))]
    helpers = [each for each in given if each not in imports]
    return {
        number: "\n\n\n".join(["\n".join(imports), *helpers, *sources]) for number, sources in pieces.items()
    }
