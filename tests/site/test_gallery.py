"""The archive of the figures: every figure in every form that it has, with what one needs to use it."""

import json
import zipfile
from io import BytesIO

from course import paths
from sitetools.teaching import gallery

MANIFEST = json.loads(paths.MANIFEST.read_text(encoding="utf-8"))


def test_every_figure_is_there_in_every_form_with_caption_citation_and_licence(site):
    held = zipfile.ZipFile(BytesIO((site / "figures/figures.zip").read_bytes()))
    names = set(held.namelist())
    for name, entry in MANIFEST.items():
        folder = f"going-deeper-figures/{name}"
        forms = {"light.svg", "dark.svg", "print.pdf", "print.png", "about.txt"}
        forms |= {"projection.svg", "projection-dark.svg"} if "slide" in entry else set()
        assert {each for each in names if each.startswith(f"{folder}/")} == {
            f"{folder}/{form}" for form in forms
        }
        about = held.read(f"{folder}/about.txt").decode()
        assert all(part in about for part in (entry["caption"], entry["alt"], "CC BY 4.0", "To cite it"))
        assert held.read(f"{folder}/light.svg") == (paths.SVG / f"{name}-light.svg").read_bytes()
    assert any("slide" in entry for entry in MANIFEST.values())


def test_the_same_figures_give_the_same_archive():
    assert gallery.archive(paths.FIGURES) == gallery.archive(paths.FIGURES)
