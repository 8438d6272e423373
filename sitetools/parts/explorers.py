"""The interactive explorers: what each of them shows, and the files that a page with an explorer loads.

The controls of an explorer stand in sitetools/parts/controls/NAME.html, its code in docs/assets/explorers/NAME.js.
What it shows is packed when the site is built, into NAME-data.js,
which NAME.js fetches when a reader comes near.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from course import records
from sitetools.parts.packing import GRID, TRAININGS, errors, gradients

FOLDER = "assets/explorers"
CONTROLS = Path(__file__).parent / "controls"


@dataclass(frozen=True)
class Explorer:
    """experiments: whose records it shows.  data: what its script finds under `variable`.  caption: Markdown.

    figure, table: what stands in its place without JavaScript.  note: what the table tells.
    """

    experiments: tuple[str, ...]
    data: Callable[[], dict]
    variable: str
    caption: str
    figure: str
    table: str
    note: str

    def provenance(self) -> str:
        found = {name: len(records.read_all(name, missing_ok=True)) for name in self.experiments}
        return (
            "Drawn from the records in figures/runs: "
            + ", ".join(f"{number} of `{name}`" for name, number in found.items() if number)
            + "."
        )


EXPLORERS = {
    "errors": Explorer(
        experiments=tuple(TRAININGS),
        data=errors,
        variable="errorRecords",
        caption="Colour and marker tell plain from residual, the dash tells the depth. Where several seeds are recorded, the band is one standard deviation around their mean. "
        "The paper's curves are those of @he2016deep [Figure 6], digitised, and end where the figure does, "
        "at 20 %; behind ours they are thin, grey and drawn to the same length.",
        figure="plain-vs-residual",
        table="digits",
        note="The error after the last epoch on the handwritten digits, in per cent; mean and standard deviation over the seeds.",
    ),
    "gradients": Explorer(
        experiments=(GRID,),
        data=gradients,
        variable="gradientRecords",
        caption="Perceptrons of 64 units a layer. First the norm of the loss's derivative by each layer's output, then by its weights. Geometric mean over the seeds, the band one standard deviation. "
        "Dotted: what it would be if every layer passed on the same share. Training is plain gradient "
        "descent in 32 bits; the norms are measured in 64.",
        figure="gradient-by-layer",
        table="gradient-shares",
        note="What the first layer receives of the last layer's gradient, by activation and initialisation, in untrained perceptrons of 32 layers; geometric mean over the seeds. BN: batch normalisation.",
    ),
}


def explorer(name: str) -> Explorer:
    if name not in EXPLORERS:
        raise PluginError(f"unknown explorer {name!r}: choose one of {', '.join(EXPLORERS)}")
    return EXPLORERS[name]


def controls(name: str) -> str:
    return (CONTROLS / f"{name}.html").read_text(encoding="utf-8")


def supply(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let a page that has an explorer load its look and its code, and no other page."""
    for name in re.findall(r'id="explorer-(\w+)"', content):
        found = explorer(name)
        packed = f"{FOLDER}/{name}-data.js"
        if not files.get_file_from_path(packed):
            data = json.dumps(found.data(), separators=(",", ":"), ensure_ascii=False)
            files.append(File.generated(config, packed, content=f"const {found.variable} = {data};\n"))
        look, *scripts = (
            get_relative_url(f"{FOLDER}/{file}", page.url)
            for file in ("explorers.css", "chart.js", f"{name}.js")
        )
        content = f'<link rel="stylesheet" href="{look}">\n{content}\n' + "\n".join(
            f'<script defer src="{script}"></script>' for script in scripts
        )
    return content
