"""A figure on a page, with its evidence and its downloads; the page of all figures, and that of their
records.

    {{ figure NAME }}    the figure, its caption, and how it was made; on a slide, its form for projection
    {{ figures }}        every figure, the pages that show it, and a line to cite it by
    {{ records }}        what they are drawn from, by experiment, run and seed

The code that draws a figure is published as a file beside it: all listings in one page would be most of that
page. Links start at the root of the site: MkDocs makes them relative, and checks them.
"""

from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element

from mkdocs.exceptions import PluginError

from sitetools import datafiles
from sitetools.parts import slides
from sitetools.syntax.directives import Spot, chosen, directive, page_of
from sitetools.syntax.markup import filled

FIELDS = (
    dict.fromkeys(("alt", "caption", "basis", "source", "command", "device"), str)
    | dict.fromkeys(("width", "height", "seeds"), int)
    | dict.fromkeys(("experiments", "records"), list[str])
)
SPELT = {
    "alexnet": "AlexNet",
    "cifar": "CIFAR",
    "cifar10": "CIFAR-10",
    "ilsvrc": "ILSVRC",
    "relu": "ReLU",
    "vgg": "VGG",
    "vs": "against",
}


def read(manifest: Path) -> dict[str, dict]:
    if not manifest.exists():
        raise PluginError(
            f"no figures: {manifest.name} is missing; draw them with `python scripts/render.py`"
        )
    figures = datafiles.parsed(manifest)
    for name, entry in figures.items():
        with datafiles.entry(manifest, f"figure {name!r}"):
            datafiles.fields(entry, **FIELDS)
            if "slide" in entry:
                datafiles.fields(entry["slide"], alt=str, width=int, height=int)
            if not (entry["records"] or entry["basis"]):
                raise ValueError(
                    "it does not say what it is drawn from: it needs records, or a basis where it is "
                    "registered"
                )
    return figures


def published(source: str) -> str:
    """Where a reader finds the file of such a source: as a text, which every browser shows and none runs."""
    return f"figures/code/{Path(source.split(':')[0]).name}.txt"


@directive("figure")
def figure(spot: Spot, name: str) -> None:
    entry = chosen(read(spot.md.datafiles["manifest"]), name, "figure")
    if not slides.is_deck(page_of(spot.md).file):
        spot.parent.append(drawn(name, entry))
    elif "slide" in entry:
        spot.parent.append(filled("projected", name=name, **entry))
    else:
        raise PluginError(
            f"figure {name!r} has no form for projection: draw it with look.size, and register it with "
            "slide=True (course/figures)"
        )


def drawn(name: str, entry: dict, template: str = "figure", **more: object) -> Element:
    """more: what the template says beyond the entry."""
    return filled(template, name=name, title=title(name), code=published(entry["source"]), **entry, **more)


@directive("figures", named=False)
def figures(spot: Spot) -> None:
    for name, entry in read(spot.md.datafiles["manifest"]).items():
        spot.parent.extend(drawn(name, entry, "listed"))


@directive("records", named=False)
def records(spot: Spot) -> None:
    """Each experiment that figures show once, though several of them show it."""
    entries = read(spot.md.datafiles["manifest"]).values()
    for name in sorted({name for entry in entries for name in entry["experiments"]}):
        files = dict.fromkeys(
            file for entry in entries for file in entry["records"] if name in entry["experiments"]
        )
        runs = groupby(files, key=lambda file: file.removeprefix(f"{name}-").rpartition("-seed")[0])
        spot.parent.extend(filled("records", experiment=name, files=files, runs=runs))


def title(name: str) -> str:
    """relu-by-layer -> ReLU by layer"""
    words = " ".join(SPELT.get(word, word) for word in name.split("-")).replace("pre ", "pre-")
    return words[0].upper() + words[1:]
