"""A lab that never ends, prints without end or fails stops the build; and its kernel is nobody else's."""

import pytest
from mkdocs.exceptions import PluginError
from nbconvert.exporters import HTMLExporter
from nbconvert.nbconvertapp import NbConvertApp
from nbformat.v4 import new_code_cell, new_notebook

from sitetools.build import outputs
from sitetools.build.kernels import Lab, configure

FAULTS = {
    "an endless loop": ("while True:\n    pass", "runs for more than 2 s"),
    "a wait without end": ("import threading\nthreading.Event().wait()", "runs for more than 2 s"),
    "lines without end": ("while True:\n    print('x' * 100)", "prints more than 1,000 characters"),
    "one long line": ("print('x' * 10_000)", "prints more than 1,000 characters"),
    "an error": ("1 / 0", "raises ZeroDivisionError: division by zero"),
    "an end of the kernel": ("import os\nos._exit(3)", "ends its kernel"),
}


def run(source: str, **limits: int):
    return Lab(shutdown_kernel="immediate", **limits).preprocess(
        new_notebook(cells=[new_code_cell("x = 1"), new_code_cell(source)]), {}
    )


@pytest.mark.slow
@pytest.mark.parametrize("source, told", FAULTS.values(), ids=FAULTS)
def test_a_lab_that_cannot_be_shown_stops_the_build_in_one_line(source, told):
    with pytest.raises(PluginError) as fault:
        run(source, timeout=2 if "runs" in told else 60, most=1_000)
    assert str(fault.value) == f"cell 2, which begins {source.splitlines()[0]!r}, {told}"


def test_a_lab_within_the_limits_is_run():
    notebook, _ = run("print(x + 1)", timeout=60, most=1_000)
    assert notebook.cells[1].outputs[0].text == "2\n"


def test_the_build_runs_labs_so_and_over_no_network(capfd, tmp_path, monkeypatch):
    monkeypatch.setattr(outputs, "FOLDER", tmp_path)
    configure()
    application = NbConvertApp()
    application.load_config_file()
    application.config.ExecutePreprocessor.enabled = True  # as mkdocs-jupyter does
    exporter = HTMLExporter(config=application.config)
    (lab,) = [each for each in exporter._preprocessors if isinstance(each, Lab)]
    assert lab.enabled and lab.timeout == Lab.timeout.default_value
    asks = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    page, _ = exporter.from_notebook_node(new_notebook(cells=[new_code_cell(asks)]))
    assert "<pre>ipc\n</pre>" in page
    assert "TCP" not in capfd.readouterr().err
