"""Draw the figures from the records, in light and in dark, those of the slides for projection too,
and describe them in figures/figures.json.

    python scripts/render.py                       all of them
    python scripts/render.py gradient-decay        one
    python scripts/render.py --check               draw nothing, name what is stale
    python scripts/render.py --print               as PDF and PNG, black on white, into figures/print/

Nothing is trained. The same records give the same bytes, under the versions that requirements.txt pins.
"""

import argparse
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.machine import ending

if __name__ == "__main__":
    ending.before_imports()

import matplotlib
import matplotlib.pyplot as plt
from tqdm import tqdm

from course import CourseError, paths, records
from course.figures import FIGURES, Drawing, style
from course.machine import files

# matplotlib writes places to six digits; two are finer than any screen
MILLIONTHS = re.compile(r"(?<=\.\d\d)\d{4}\b")


def main() -> None:
    matplotlib.use("svg")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="figure (default: all)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="draw nothing, say what is stale")
    instead.add_argument("--print", action="store_true", help="draw for paper and slides instead")
    args = parser.parse_args()
    for name in args.names:
        if name not in FIGURES:
            raise CourseError(f"unknown figure {name!r}: choose from {', '.join(sorted(FIGURES))}")

    if args.print:
        names = [name for name in args.names or FIGURES if print_is_stale(name)]
        for name in tqdm(names, desc="drawing for print", unit="figure", disable=None, leave=False):
            draw_print(FIGURES[name])
        print(f"{len(names)} of {len(args.names or FIGURES)} figures drawn for print")
        return

    manifest = kept() if args.names and paths.MANIFEST.exists() else {}
    drawn: dict[Path, str] = {}
    for name in tqdm(args.names or FIGURES, desc="drawing", unit="figure", disable=None, leave=False):
        manifest[name] = draw(FIGURES[name], drawn)
    ordered = {name: manifest[name] for name in FIGURES if name in manifest}
    drawn[paths.MANIFEST] = json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"

    stale = [
        path for path, text in drawn.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if args.check:
        if stale:
            named = ", ".join(path.name for path in stale)
            raise CourseError(
                f"stale, not what the records give: {named}. Run python scripts/render.py and commit the "
                "result"
            )
        print(f"{len(drawn)} files are up to date with the records")
        return
    for path in stale:
        files.write(path, drawn[path])
    print(f"{len(stale)} of {len(drawn)} files changed")


def kept() -> dict:
    """What is written of the figures that are not drawn now."""
    try:
        return dict(json.loads(paths.MANIFEST.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise CourseError(
            f"{paths.MANIFEST.name} is damaged: python scripts/render.py, without a name, writes it anew"
        ) from None


def draw(drawing: Drawing, drawn: dict[Path, str]) -> dict:
    """Add its SVGs to `drawn` and return what the pages need to know of the figure."""
    found, rows = evidence(drawing)
    page = drawn_in(style.THEMES, drawing, rows, drawn)
    slide = {"slide": drawn_in(style.SLIDES, drawing, rows, drawn)} if drawing.slide else {}
    module = drawing.draw.__module__.replace(".", "/") + ".py"
    train = f"python scripts/train.py {drawing.experiment} && " if drawing.experiment else ""
    return {
        "alt": page["alt"],
        "caption": drawing.caption,
        "width": page["width"],
        "height": page["height"],
        "basis": drawing.basis,
        "experiments": sorted({record.experiment for record in found}),
        "records": [record.filename for record in found],
        "seeds": records.seeds(found),
        "device": ", ".join(sorted({record.device for record in found})),
        "source": f"{module}:{drawing.draw.__name__}",
        "command": f"{train}python scripts/render.py {drawing.name}",
    } | slide


def drawn_in(themes: Iterable[str], drawing: Drawing, rows: list[dict], drawn: dict[Path, str]) -> dict:
    """Add an SVG for each theme to `drawn`; return what its words are, and its size in pixels."""
    for theme in themes:
        with style.look(theme) as look:
            fig, alt = drawing.draw(rows, look)
            buffer = io.StringIO()
            fig.savefig(
                buffer,
                format="svg",
                metadata={"Title": drawing.name, "Description": alt, "Date": None, "Creator": None},
            )
            width, height = (round(inches * 96) for inches in fig.get_size_inches())
            plt.close(fig)
        # Measured with matplotlib's own wide face, shown in whatever clear face the reader's system has.
        text = buffer.getvalue().replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
        drawn[paths.SVG / f"{drawing.name}-{theme}.svg"] = MILLIONTHS.sub("", text)
    return {"alt": alt, "width": width, "height": height}


def evidence(drawing: Drawing) -> tuple[list[records.Record], list[dict]]:
    found = records.read_all(drawing.experiment) if drawing.experiment else []
    return found, [row for record in found for row in record.rows()]


def digest(name: str) -> str:
    """Of the drawing as it is on the pages: what is printed is stale when that has changed."""
    try:
        return hashlib.sha256((paths.SVG / f"{name}-light.svg").read_bytes()).hexdigest()
    except FileNotFoundError:
        raise CourseError(
            f"{name}-light.svg is missing: draw it with python scripts/render.py {name}"
        ) from None


def print_is_stale(name: str) -> bool:
    pdf, png = (paths.PRINT / f"{name}.{kind}" for kind in ("pdf", "png"))
    return not png.exists() or not pdf.exists() or digest(name).encode() not in pdf.read_bytes()


def draw_print(drawing: Drawing) -> None:
    pdf, png = io.BytesIO(), io.BytesIO()
    with style.look("print") as look:
        fig, alt = drawing.draw(evidence(drawing)[1], look)
        about = {
            "Title": drawing.name,
            "Subject": alt,
            "Keywords": digest(drawing.name),
            "CreationDate": None,
            "Creator": None,
            "Producer": None,
        }
        fig.savefig(pdf, format="pdf", metadata=about)
        fig.savefig(png, format="png", dpi=2 * 96)  # for notebooks, twice as fine as on the pages
        plt.close(fig)
    files.write(paths.PRINT / f"{drawing.name}.png", png.getvalue())
    files.write(paths.PRINT / f"{drawing.name}.pdf", pdf.getvalue())


if __name__ == "__main__":
    ending.run(main, stopped="what was drawn before is as it was")
