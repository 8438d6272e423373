"""What mkdocs-jupyter leaves to nbconvert's own configuration; sitetools.build.kernels says where it is."""

import os

from nbconvert.exporters import Exporter

c = get_config()  # noqa: F821, nbconvert puts it here
EXECUTE = "nbconvert.preprocessors.ExecutePreprocessor"
names = Exporter.default_preprocessors.default()
labs = ["sitetools.build.kernels.Lab" if name == EXECUTE else name for name in names]
c.HTMLExporter.default_preprocessors = labs
# Files in a private folder, where TCP would be open to all who share the machine.
c.KernelManager.transport = "ipc"
# Named in full: a kernel may start in another folder than the one that asks it.
c.KernelManager.ip = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel")
