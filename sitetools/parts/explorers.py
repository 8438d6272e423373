"""The interactive explorers: what each of them shows, and the files that a page with an explorer loads.

{{ explorer NAME }}    the explorer, and the figure and the table that stand in its place without JavaScript

The controls of an explorer stand in controls/NAME.html, its code in docs/assets/explorers/NAME.js. What it
shows is packed when the site is built, into NAME-data.js, which NAME.js fetches when a reader comes near.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from course import records
from course.report import tables
from sitetools.parts import figures
from sitetools.parts.packing import GRID, TRAININGS, errors, gradients
from sitetools.syntax.directives import Spot, chosen, directive, page_of
from sitetools.syntax.markup import filled

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


EXPLORERS = {
    "errors": Explorer(
        experiments=tuple(TRAININGS),
        data=errors,
        variable="errorRecords",
        caption="Colour and marker tell plain from residual, the dash tells the depth. Where several seeds "
        "are recorded, the band is one standard deviation around their mean. "
        "The paper's curves are those of @he2016deep [Figure 6], digitised, and end where the figure does, "
        "at 20 %; behind ours they are thin, grey and drawn to the same length.",
        figure="plain-vs-residual",
        table="digits",
        note="The error after the last epoch on the handwritten digits, in per cent; mean and standard "
        "deviation over the seeds.",
    ),
    "gradients": Explorer(
        experiments=(GRID,),
        data=gradients,
        variable="gradientRecords",
        caption="Perceptrons of 64 units a layer. First the norm of the loss's derivative by each layer's "
        "output, then by its weights. Geometric mean over the seeds, the band one standard deviation. "
        "Dotted: what it would be if every layer passed on the same share. Training is plain gradient "
        "descent in 32 bits; the norms are measured in 64.",
        figure="gradient-by-layer",
        table="gradient-shares",
        note="What the first layer receives of the last layer's gradient, by activation and initialisation, "
        "in untrained perceptrons of 32 layers; geometric mean over the seeds. BN: batch normalisation.",
    ),
}


@directive("explorer")
def explorer(spot: Spot, name: str) -> None:
    found = chosen(EXPLORERS, name, "explorer")
    counts = {each: len(records.read_all(each, missing_ok=True)) for each in found.experiments}
    box = filled("explorer", name=name, explorer=found, counts=counts)
    still = put(spot, name, box, found.figure, found.note)
    spot.markdown(tables.table(found.table), still)
    # The page's template loads its look and its code, on no other page.
    page_of(spot.md).meta.setdefault("explorers", []).append(name)


def put(spot: Spot, name: str, box: Any, figure: str, note: str) -> Element:
    """Append the box with its controls, and what stands in its place without JavaScript: that is returned."""
    box.find("p").text = spot.md.htmlStash.store((CONTROLS / f"{name}.html").read_text(encoding="utf-8"))
    entry = figures.read(spot.md.datafiles["manifest"])[figure]
    # The page may show the same figure under its own name.
    still = figures.drawn(figure, entry, "still", anchor=f"{name}-still", note=note)
    spot.parent.extend((box, still))
    return still


def packed() -> dict[str, str]:
    """What the explorers show, as scripts by their names."""
    compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
    return {
        f"assets/explorers/{name}-data.js": f"const {found.variable} = {compact.encode(found.data())};\n"
        for name, found in EXPLORERS.items()
    }
