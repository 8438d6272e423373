"""A lab that never ends, prints without end or fails stops the build; and its kernel is nobody else's."""

import pytest
from mkdocs.exceptions import PluginError
from nbformat.v4 import new_code_cell, new_notebook, new_output

from sitetools.build.labs import Lab, as_markdown

FAULTS = {
    "an endless loop": ("while True:\n    pass", "runs for more than 2 s"),
    "a wait without end": ("import threading\nthreading.Event().wait()", "runs for more than 2 s"),
    "lines without end": ("while True:\n    print('x' * 100)", "prints more than 1,000 characters"),
    "one long line": ("print('x' * 10_000)", "prints more than 1,000 characters"),
    "an error": ("1 / 0", "raises ZeroDivisionError: division by zero"),
    "an end of the kernel": ("import os\nos._exit(3)", "ends its kernel"),
}


def run(source: str, **limits: int):
    notebook = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell(source)])
    Lab(notebook, kernel_name="python3", shutdown_kernel="immediate", **limits).run()
    return notebook


@pytest.mark.parametrize("source, told", FAULTS.values(), ids=FAULTS)
def test_a_lab_that_cannot_be_shown_stops_the_build_in_one_line(source, told):
    with pytest.raises(PluginError) as fault:
        run(source, timeout=2 if "runs" in told else 60, most=1_000)
    assert str(fault.value) == f"cell 2, which begins {source.splitlines()[0]!r}, {told}"


def test_a_lab_within_the_limits_is_run_and_can_import_the_course():
    notebook = run("import course\nprint(x + 1)", timeout=60, most=1_000)
    assert notebook.cells[1].outputs[0].text == "2\n"


def test_a_lab_is_run_over_no_network(capfd):
    asks = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    assert run(asks, timeout=60, most=1_000).cells[1].outputs[0].text == "ipc\n"
    assert "TCP" not in capfd.readouterr().err


def test_a_cell_that_draws_says_what_is_to_be_seen():
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    cell = new_code_cell("draw()", outputs=[new_output("display_data", {"image/png": dot})])
    with pytest.raises(
        PluginError, match='labs/x.py: a cell that draws says what is to be seen: # %% alt="..."'
    ):
        as_markdown(new_notebook(cells=[cell]), "x")
    cell.metadata["alt"] = "A dot."
    page, drawings = as_markdown(new_notebook(cells=[cell]), "x")
    assert 'src="x-1.png" alt="A dot." width="1" height="1"' in page and list(drawings) == ["x-1.png"]
