"""Measure every page of the built site with Lighthouse, on its simulated telephone, and print a table.

    make lighthouse                                            build, then measure every page
    python -m sitetools.commands.lighthouse site lectures/relu.html  measure one page of a site that is built

Exits with 1 if a page misses a target; one that does is measured twice more, and the median counts, since a
busy machine slows single runs. The site is served as GitHub Pages serves it: compressed,
kept for ten minutes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from sitetools.commands.browser import MISSING, QUIET, executable
from sitetools.commands.serving import serving

VERSION = "12.8.2"
TARGETS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
DETAILS = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "site",
        type=Path,
        nargs="?",
        default=Path("site"),
        help="the folder of the built site (default: site)",
    )
    parser.add_argument(
        "pages", nargs="*", metavar="PAGE", help="a page, as lectures/relu.html (default: all)"
    )
    args = parser.parse_args()
    if not shutil.which("npx"):
        sys.exit(
            "error: Lighthouse runs in Node, and there is no npx here: install Node 18 or newer "
            "(https://nodejs.org) and run again"
        )
    if not executable():
        sys.exit(f"error: {MISSING}")
    if not (args.site / "index.html").is_file():
        sys.exit(f"error: there is no site in {args.site}: run make site first")
    pages = args.pages or sorted(
        path.relative_to(args.site).as_posix()
        for path in args.site.rglob("*.html")
        if path.name != "404.html"
    )

    print(f"{'page':42}", *(f"{name:>14}" for name in (*TARGETS, *DETAILS.values())))
    missed = []
    with serving(args.site) as address, tempfile.TemporaryDirectory() as folder:
        for page in tqdm(pages, unit="page", disable=None, leave=False):
            reports = [measure(f"{address}/{page}", Path(folder))]
            if any(scored(reports[0])[name] < target for name, target in TARGETS.items()):
                reports += [measure(f"{address}/{page}", Path(folder)) for _ in range(2)]
            report = sorted(reports, key=lambda report: scored(report)["performance"])[len(reports) // 2]
            scores = scored(report)
            details = [report["audits"][name]["displayValue"].replace("\xa0", " ") for name in DETAILS]
            tqdm.write(f"{page:42} " + " ".join(f"{value:>14}" for value in (*scores.values(), *details)))
            for name, target in TARGETS.items():
                if scores[name] < target:
                    audits = [
                        report["audits"][ref["id"]]
                        for ref in report["categories"][name]["auditRefs"]
                        if ref["weight"]
                    ]
                    causes = ", ".join(
                        audit["title"]
                        for audit in audits
                        if audit["score"] is not None and audit["score"] < 0.9
                    )
                    missed.append(f"{page}: {name} is {scores[name]}, not {target} ({causes})")
    print(
        "\n".join(missed)
        or f"{len(pages)} pages, all at their targets: {', '.join(f'{name} {target}' for name, target in TARGETS.items())}"
    )
    sys.exit(1 if missed else 0)


def scored(report: dict) -> dict[str, int]:
    return {name: round(100 * report["categories"][name]["score"]) for name in TARGETS}


def measure(address: str, folder: Path) -> dict:
    """Lighthouse's report of one page. A first run fetches Lighthouse itself from npm."""
    report = folder / "report.json"
    command = [
        "npx",
        "--yes",
        f"lighthouse@{VERSION}",
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(TARGETS)}",
    ]
    command.append(f"--chrome-flags=--headless=new {' '.join(QUIET)}")
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": executable()}
    )
    if done.returncode:
        sys.exit(
            f"error: Lighthouse could not measure {address}: "
            f"{(done.stderr or done.stdout).strip().splitlines()[-1]}"
        )
    result = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    return result


if __name__ == "__main__":
    main()
