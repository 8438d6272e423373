"""Every figure in all its forms as one archive, for lecturers who make slides of their own."""

from pathlib import Path

from sitetools.archives import zipped
from sitetools.parts import figures

FORMS = {  # a file of figures/, and what it is called in the folder of its figure
    "svg/{name}-light.svg": "light.svg",
    "svg/{name}-dark.svg": "dark.svg",
    "svg/{name}-slide.svg": "projection.svg",
    "svg/{name}-slide-dark.svg": "projection-dark.svg",
    "print/{name}.pdf": "print.pdf",
    "print/{name}.png": "print.png",
}
ABOUT = """{title}

{caption}

In words: {alt}

To cite it: "{title}", a figure of Going Deeper.
Licence: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/
Drawn by {source} from {evidence}.
"""


def archive(folder: Path) -> bytes:
    """folder: figures/, with what is drawn for print in it."""
    held: dict[str, str | bytes] = {}
    for name, entry in figures.read(folder / "figures.json").items():
        paths = {shown: folder / form.format(name=name) for form, shown in FORMS.items()}
        held |= {  # for projection there are those that a slide shows
            f"going-deeper-figures/{name}/{shown}": path.read_bytes()
            for shown, path in paths.items()
            if path.exists()
        }
        evidence = ", ".join(entry["records"]) or entry["basis"]
        held[f"going-deeper-figures/{name}/about.txt"] = ABOUT.format(
            title=figures.title(name), evidence=evidence, **entry
        )
    return zipped(held)
