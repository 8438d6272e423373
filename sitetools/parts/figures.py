"""A figure on a page, with its evidence and its downloads; the page of all figures,
and that of their records.

    {{ figure NAME }}    the figure, its caption, and how it was made                      (see
    sitetools.syntax.directives) {{ figures }}        every figure, the pages that show it, and a line to cite it by
    {{ records }}        what they are drawn from, by experiment, run and seed

The code that draws a figure is published as a file beside it:
all listings in one page would be most of that page.

Links start at the root of the site: MkDocs makes them relative, and checks them.
"""

from collections import defaultdict
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from markdown import Markdown
from markdown.util import AtomicString
from mkdocs.exceptions import PluginError

from sitetools import datafiles
from sitetools.syntax.backlinks import pages_that_link_to
from sitetools.syntax.listing import Listing
from sitetools.syntax.markup import count, element

PAGE, RECORDS = "/figures.md", "/records.md"
CODE = "figures/code"
TEXTS = ("alt", "caption", "basis", "source", "command", "device")
FIELDS = (
    dict.fromkeys(TEXTS, str)
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
            if not (entry["records"] or entry["basis"]):
                raise ValueError(
                    "it does not say what it is drawn from: it needs records, or a basis where it is "
                    "registered"
                )
    return figures


def modules(manifest: Path) -> list[str]:
    """The files of the course that draw the figures."""
    return (
        sorted({entry["source"].split(":")[0] for entry in read(manifest).values()})
        if manifest.exists()
        else []
    )


def published(module: str) -> str:
    """Where a reader finds such a file: as a text, which every browser shows and none runs."""
    return f"{CODE}/{Path(module).name}.txt"


def figure(parent: ElementTree.Element, name: str, manifest: Path) -> None:
    """Append the <figure>."""
    figures = read(manifest)
    if name not in figures:
        raise PluginError(f"unknown figure {name!r}: choose one of {', '.join(sorted(figures))}")
    caption = drawing(parent, name, figures[name])
    evidence(caption, name, figures[name])
    details = element(caption, "details", class_="provenance")
    element(details, "summary", "How it was made")
    making(details, figures[name])
    element(element(details, "p"), "a", "Its records, and a line to cite it by", href=f"{PAGE}#{name}")


def drawing(parent: ElementTree.Element, name: str, entry: dict) -> ElementTree.Element:
    """Append the drawing in both looks; return its caption, to which more can be added."""
    box = element(parent, "figure", id=f"figure-{name}", class_="drawn")
    # On a telephone the drawing keeps a readable size and scrolls in its box.
    canvas = element(box, "div", class_="canvas", tabindex="0", role="group", aria_label="Figure")
    for theme in ("light", "dark"):
        element(
            canvas,
            "img",
            src=f"/figures/{name}-{theme}.svg#only-{theme}",
            alt=entry["alt"],
            width=str(entry["width"]),
            height=str(entry["height"]),
            loading="lazy",
        )
    caption = element(box, "figcaption")
    element(caption, "p", entry["caption"])
    return caption


def evidence(caption: ElementTree.Element, name: str, entry: dict) -> None:
    """One quiet line: what the figure is drawn from, and the files to take away."""
    line = element(caption, "p", class_="provenance")
    if entry["records"]:
        line.text = (
            f"{count(len(entry['records']), 'run')} · {count(entry['seeds'], 'seed')} · {entry['device']} · "
        )
    else:
        line.text = f"{entry['basis']} · "
    line.text += "SVG: "
    files = [
        ("light", f"{name}-light.svg", ", "),
        ("dark", f"{name}-dark.svg", " · "),
        ("PDF for print", f"print/{name}.pdf", ""),
    ]
    files += [(f"data: {experiment}", f"data/{experiment}.csv", "") for experiment in entry["experiments"]]
    for number, (words, file, after) in enumerate(files):
        link = element(line, "a", words, href=f"/figures/{file}")
        link.tail = after or (" · " if number + 1 < len(files) else "")


def making(parent: ElementTree.Element, entry: dict) -> None:
    module, function = entry["source"].split(":")
    made = element(parent, "p", "Drawn by ")
    element(made, "code", AtomicString(function)).tail = " in "
    element(made, "a", AtomicString(module), href=f"/{published(module)}").tail = "; to make it again:"
    element(element(parent, "pre"), "code", AtomicString(entry["command"] + "\n"))


class Figures(Listing):
    WORD = "figures"

    def __init__(self, md: Markdown, manifest: Path):
        super().__init__(md.parser)
        self.manifest = manifest

    def fill(self, parent: ElementTree.Element) -> None:
        figures = read(self.manifest)
        for name, entry in figures.items():
            element(parent, "h2", AtomicString(title(name)), id=name)
            caption = drawing(parent, name, entry)
            evidence(caption, name, entry)
            words = f"To cite it: “{title(name)}”, a figure of Going Deeper. CC BY 4.0."
            element(caption, "p", AtomicString(words), class_="provenance")
            caption.append(pages_that_link_to(name, "Shown in"))
            details = element(caption, "details", class_="provenance", data_search_exclude="")
            element(details, "summary", "How it was made")
            making(details, entry)
            for experiment in entry["experiments"]:
                element(
                    element(details, "p"), "a", f"The records of {experiment}", href=f"{RECORDS}#{experiment}"
                )


class Records(Listing):
    """Each experiment that figures show once, though several of them show it."""

    WORD = "records"

    def __init__(self, md: Markdown, manifest: Path):
        super().__init__(md.parser)
        self.manifest = manifest

    def fill(self, parent: ElementTree.Element) -> None:
        files: dict[str, dict[str, None]] = defaultdict(dict)
        for entry in read(self.manifest).values():
            for experiment in entry["experiments"]:
                files[experiment] |= dict.fromkeys(
                    r for r in entry["records"] if r.startswith(f"{experiment}-")
                )
        for experiment in sorted(files):
            element(parent, "h2", AtomicString(experiment), id=experiment)
            table = element(parent, "p", "All rows as one table: ")
            element(table, "a", f"{experiment}.csv", href=f"/figures/data/{experiment}.csv")
            details = element(parent, "details", class_="provenance")
            element(details, "summary", f"{count(len(files[experiment]), 'record')}, by run and seed")
            listed = element(details, "ul")
            for run, found in groupby(files[experiment], key=lambda record: record.rpartition("-seed")[0]):
                item = element(listed, "li", AtomicString(f"{run.removeprefix(f'{experiment}-')}: "))
                for record in found:
                    seed = record.rpartition("-seed")[2].removesuffix(".json")
                    element(item, "a", seed, href=f"/figures/runs/{record}").tail = " "


def title(name: str) -> str:
    """relu-by-layer -> ReLU by layer"""
    words = " ".join(SPELT.get(word, word) for word in name.split("-")).replace("pre ", "pre-")
    return words[0].upper() + words[1:]
