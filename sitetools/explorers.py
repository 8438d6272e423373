"""The interactive explorers: their records, packed small, and the files that a page with an explorer loads.

The controls of an explorer stand in sitetools/controls/NAME.html, its code in docs/assets/explorers/NAME.js. What it shows
is packed when the site is built, into NAME-data.js, which NAME.js fetches when a reader comes near.
"""
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from course import published, records

FOLDER = "assets/explorers"
CONTROLS = Path(__file__).parent / "controls"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def pack(values: Sequence[float], one: int) -> str:
    """Whole numbers, `one` of which are 1, each as its difference from the one before, in Base64 VLQ as in source maps.

    What comes back differs from the value by no more than 1 / (2 one).
    """
    text, last = [], 0
    for value in values:
        whole = round(value * one)
        difference, last = whole - last, whole
        number = 2 * difference if difference >= 0 else 1 - 2 * difference
        while number >= 32:
            text.append(DIGITS[32 + number % 32])
            number //= 32
        text.append(DIGITS[number])
    return "".join(text)


THOUSANDTHS = 1000  # of a per cent, in the error curves
OUTSIDE = -1.0  # stands for an error over 20 %, where the paper's figure ends
TRAININGS = {
    "digits": "Handwritten digits, 24 epochs: ours",
    "cifar10": "CIFAR-10, 64,000 iterations: ours",
    "cifar10-short": "CIFAR-10, 4,000 iterations: ours",
}


def errors() -> dict:
    """The error curves of our trainings as far as they are recorded, and those of the paper last."""
    return {"one": THOUSANDTHS, "trainings": [*(ours(name, title) for name, title in TRAININGS.items() if records.read_all(name, missing_ok=True)), paper()]}


def ours(experiment: str, title: str) -> dict:
    found = records.read_all(experiment)
    curves: dict[str, dict] = {}
    for record in found:
        curve = curves.setdefault(network(record.run), {"seeds": [], "train": [], "test": []})
        curve["seeds"].append(record.seed)
        for kind in ("train", "test"):
            curve[kind].append(pack(record.table[f"{kind}_error"], THOUSANDTHS))
    cifar = found[0].data["name"] == "cifar10"
    unit = "iteration" if cifar else "epoch"
    steps, iterations = (found[0].table[key] for key in (unit, "iteration"))
    drops = [drop * steps[-1] / iterations[-1] for drop in found[0].spec["recipe"]["drops"]]
    top = 20 if experiment == "cifar10" else 100
    return {"title": title, "who": "A", "unit": unit, "steps": steps, "top": top, "drops": drops, "overlay": cifar, "curves": curves}


def network(run: str) -> str:
    return run.replace("resnet", "ResNet")


def paper() -> dict:
    """He et al. 2016a, Figure 6: read once in a thousand iterations, one run a network; the rate drops at 32,000 and 48,000 (section 4.2)."""
    steps = list(range(1000, 64_001, 1000))
    curves: dict[str, dict] = {}
    for row in published.figure_6():
        curve = curves.setdefault(row["network"], {"seeds": [], "train": {}, "test": {}})
        if row["error"] < 20:  # at 20 the curve leaves the figure
            curve[row["kind"]][round(row["share"] * 64) * 1000] = row["error"]
    for curve in curves.values():
        for kind in ("train", "test"):
            curve[kind] = [pack([curve[kind].get(step, OUTSIDE) for step in steps], THOUSANDTHS)]
    title = "CIFAR-10, 64,000 iterations: He et al. 2016a, Figure 6"
    return {"title": title, "who": "In the paper, a", "unit": "iteration", "steps": steps, "top": 20, "drops": [32_000, 48_000], "overlay": False, "curves": curves}


@dataclass(frozen=True)
class Explorer:
    """experiments: whose records it shows.  data: what its script finds under `variable`.  caption: Markdown.

    figure, table: what stands in its place without JavaScript.
    """

    experiments: tuple[str, ...]
    data: Callable[[], dict]
    variable: str
    caption: str
    figure: str
    table: str

    def provenance(self) -> str:
        found = {name: len(records.read_all(name, missing_ok=True)) for name in self.experiments}
        return "Drawn from the records in figures/runs: " + ", ".join(f"{number} of `{name}`" for name, number in found.items() if number) + "."


EXPLORERS = {
    "errors": Explorer(
        experiments=tuple(TRAININGS),
        data=errors,
        variable="errorRecords",
        caption="Colour and marker tell plain from residual, the dash tells the depth. Where several seeds are recorded, the band is one standard deviation around their mean. "
        "The paper's curves are those of @he2016deep [Figure 6], digitised, and end where the figure does, at 20 %; behind ours they are thin, grey and drawn to the same length.",
        figure="plain-vs-residual",
        table="digits",
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
        look, *scripts = (get_relative_url(f"{FOLDER}/{file}", page.url) for file in ("explorers.css", "chart.js", f"{name}.js"))
        content = f'<link rel="stylesheet" href="{look}">\n{content}\n' + "\n".join(f'<script defer src="{script}"></script>' for script in scripts)
    return content
