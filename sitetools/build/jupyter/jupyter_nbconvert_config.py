"""What mkdocs-jupyter leaves to nbconvert's own configuration; sitetools.build.kernels says where it is."""

from nbconvert.exporters import Exporter

c = get_config()  # noqa: F821, nbconvert puts it here
EXECUTE = "nbconvert.preprocessors.ExecutePreprocessor"
names = Exporter.default_preprocessors.default()
labs = ["sitetools.build.outputs.KeptLab" if name == EXECUTE else name for name in names]
c.HTMLExporter.default_preprocessors = labs
