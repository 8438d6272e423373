"""What mkdocs-jupyter leaves to nbconvert's own configuration; sitetools.hooks tells nbconvert that it is here."""
from nbconvert.exporters import Exporter

c = get_config()  # noqa: F821, nbconvert puts it here
EXECUTE = "nbconvert.preprocessors.ExecutePreprocessor"
names = Exporter.default_preprocessors.default()
c.HTMLExporter.default_preprocessors = ["sitetools.kernels.Lab" if name == EXECUTE else name for name in names]
c.KernelManager.transport = "ipc"  # files in a private folder, where TCP would be open to all who share the machine
