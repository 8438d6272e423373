"""Print each deck of the built site as two PDFs: its slides, and its slides with a page of notes after each.

make slides                                  build, then print into site/slides/
python -m sitetools.commands.slides [FOLDER]    print the decks of a site that is built
"""

import sys
from pathlib import Path

from sitetools.commands.browser import chromium

KINDS = {"": "", "-notes": "&showNotes=separate-page"}  # by the end of a file's name: how reveal.js is asked


def main(site: Path) -> None:
    decks = sorted((site / "slides").glob("*.html"))
    if not decks:
        sys.exit(f"error: there are no slides in {site}: run make site first")
    with chromium() as browser:
        for deck in decks:
            for ending, asked in KINDS.items():
                pdf = deck.with_name(f"{deck.stem}{ending}.pdf")
                printed(browser, f"{deck.resolve().as_uri()}?view=print{asked}", pdf)
                print(f"{pdf}: {pdf.stat().st_size / 1e6:.1f} MB")


def printed(browser, address: str, pdf: Path) -> None:
    tab = browser.new_context(color_scheme="light").new_page()
    tab.goto(address, wait_until="networkidle")
    tab.wait_for_function("Reveal.isReady()")
    tab.pdf(path=pdf, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    tab.context.close()


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ["site"]))
