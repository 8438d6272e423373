"""What is published beside the pages: the figures in all their forms, the code and the records they are
drawn from, the course as a package, and the exercises to work on.
"""

import csv
import io
import subprocess
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from course import records
from course.paths import ROOT
from sitetools.build import kept, scrutiny, wheel
from sitetools.parts import exercises, explorers, figures, playground
from sitetools.teaching import gallery, questions

FIGURES = ("svg/*.svg", "runs/*.json", "print/*.pdf", "data/*.csv")
RECORDS = ("figures/figures.json", "figures/runs/*.json", "course/**/*.py")


def publish(files: Files, config: MkDocsConfig) -> None:
    refuse(files)
    root = Path(config.config_file_path).parent
    made: dict[str, str | bytes] = {}
    if root == ROOT:  # the tests' small sites bring theirs along
        made |= kept.once("records", kept.state(ROOT, *RECORDS), of_the_records)
        made[f"notebooks/{wheel.NAME}"] = wheel.build()
    if files.get_file_from_path("playground.md"):
        made |= playground.packed()
    for path in sorted(path for kind in FIGURES for path in (root / "figures").glob(kind)):
        source = path.relative_to(root).as_posix()
        files.append(File(source, str(root), config.site_dir, config.use_directory_urls))
    drawn = figures.read(root / "figures/figures.json").values()
    modules = sorted({entry["source"].split(":")[0] for entry in drawn})
    made |= {figures.published(module): (ROOT / module).read_text(encoding="utf-8") for module in modules}
    solutions = [file for file in files if file.src_uri.startswith("exercises/solutions/")]
    if solutions:
        made |= {
            f"exercises/{file.name}.py": exercises.starter_of(Path(str(file.abs_src_path)))
            for file in solutions
        }
        made["exercises/exercises.zip"] = exercises.archive()
        made |= kept.once("questions", kept.state(root, "docs/exercises/**/*", *RECORDS), of_the_questions)
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))


def refuse(files: Files) -> None:
    for file in files:
        if file.src_uri.endswith((".html", ".htm", ".xhtml")):
            raise PluginError(f"{file.src_uri} would be published as it is: a page is written in Markdown")
        if file.src_uri.endswith((".svg", ".xml")) and file.abs_src_path:
            scrutiny.harmless(file.content_string, file.src_uri)


def of_the_records() -> dict[str, str | bytes]:
    """What is made of the records: each figure for print, in figures/print/ (git ignores it), all forms of
    all figures as one archive, each experiment's rows as one CSV table, and what the explorers show.
    """
    command = [sys.executable, "scripts/render.py", "--print"]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if drawn.returncode:
        reason = drawn.stderr.strip().splitlines()[-1].removeprefix("error: ")
        raise PluginError(f"the figures could not be drawn for print: {reason}")
    shown = figures.read(ROOT / "figures/figures.json").values()
    experiments = sorted({name for entry in shown for name in entry["experiments"]})
    made: dict[str, str | bytes] = {"figures/figures.zip": gallery.archive(ROOT / "figures")}
    made |= {f"figures/data/{name}.csv": table(records.rows(name)) for name in experiments}
    return made | explorers.packed()


def of_the_questions() -> dict[str, str]:
    return {"exercises/questions.gift": questions.gift(), "exercises/questions.txt": questions.plain()}


def table(rows: list[dict]) -> str:
    columns = dict.fromkeys(["experiment", "run", "seed", *(column for row in rows for column in row)])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
