"""Draw the figures from the records, in light and in dark, and describe them in figures/figures.json.

    python scripts/render.py                       all of them
    python scripts/render.py gradient-decay        one
    python scripts/render.py --check               draw nothing; name the files that are stale, exit with 1 if any is

Nothing is trained. The same records give the same bytes, under the versions that requirements.txt pins.
"""
import argparse
import io
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import matplotlib
import matplotlib.pyplot as plt
from tqdm import tqdm

from course import CourseError, diagrams, figures, records, style  # noqa: F401 (figures and diagrams fill FIGURES)
from course.drawing import FIGURES, Drawing

FOLDER = records.RUNS.parent
MANIFEST = FOLDER / "figures.json"


def main() -> None:
    matplotlib.use("svg")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="figure (default: all)")
    parser.add_argument("--check", action="store_true", help="draw nothing, say what is stale")
    args = parser.parse_args()
    for name in args.names:
        if name not in FIGURES:
            raise CourseError(f"unknown figure {name!r}: choose from {', '.join(sorted(FIGURES))}")

    manifest = json.loads(MANIFEST.read_text(encoding="utf-8")) if args.names and MANIFEST.exists() else {}
    files: dict[Path, str] = {}
    for name in tqdm(args.names or FIGURES, desc="drawing", unit="figure", disable=None, leave=False):
        manifest[name] = draw(FIGURES[name], files)
    ordered = {name: manifest[name] for name in FIGURES if name in manifest}
    files[MANIFEST] = json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"

    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if args.check:
        if stale:
            names = ", ".join(path.name for path in stale)
            raise CourseError(f"stale, not what the records give: {names}. Run python scripts/render.py and commit the result")
        print(f"{len(files)} files are up to date with the records")
        return
    for path in stale:
        path.write_text(files[path], encoding="utf-8")
    print(f"{len(stale)} of {len(files)} files changed")


def draw(drawing: Drawing, files: dict[Path, str]) -> dict:
    """Add both SVGs to `files` and return what the pages need to know of the figure."""
    found = records.read_all(drawing.experiment) if drawing.experiment else []
    rows = [row for record in found for row in record.rows()]
    for theme in style.THEMES:
        with style.look(theme) as look:
            fig, alt = drawing.draw(rows, look)
            buffer = io.StringIO()
            fig.savefig(buffer, format="svg", metadata={"Title": drawing.name, "Description": alt, "Date": None, "Creator": None})
            width, height = (round(inches * 96) for inches in fig.get_size_inches())
            plt.close(fig)
        # Measured with matplotlib's own wide face, shown in whatever clear face the reader's system has.
        files[FOLDER / f"{drawing.name}-{theme}.svg"] = buffer.getvalue().replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    module = drawing.draw.__module__.replace(".", "/") + ".py"
    train = f"python scripts/train.py {drawing.experiment} && " if drawing.experiment else ""
    return {
        "alt": alt,
        "caption": drawing.caption,
        "width": width,
        "height": height,
        "records": [record.filename for record in found],
        "seeds": len({record.seed for record in found}),  # 1: counted or computed, nothing random in it
        "device": ", ".join(sorted({record.device for record in found})),
        "source": f"{module}:{drawing.draw.__name__}",
        "command": f"{train}python scripts/render.py {drawing.name}",
    }


if __name__ == "__main__":
    try:
        main()
    except CourseError as error:
        sys.exit(f"error: {error}")
