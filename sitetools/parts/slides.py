"""A deck of slides: a page of docs/slides, in the Markdown of all pages.

    ## A claim, as a sentence { #name }     a slide
    !!! notes "3 min"                       what to say, and for how long: every slide has them
    <div class="steps" markdown>            what comes step by step: the rows of a formula, items, or blocks

docs/assets/slides/deck.js shows it with reveal.js. Without it a deck is a page, each slide above its notes.
"""

import re

from bs4 import BeautifulSoup, Tag
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from sitetools.syntax.markup import count

MINUTES = re.compile(r"(\d+) min")


def is_deck(file: File) -> bool:
    return file.src_uri.startswith("slides/")


def as_deck(content: str, page: Page) -> str:
    """Each heading begins a slide; its notes stand beside it, its time on it, for reveal's speaker view."""
    soup = BeautifulSoup(content, "html.parser")
    slides = soup.new_tag("div", attrs={"class": "slides"})
    for element in list(soup.contents):
        if isinstance(element, Tag) and element.name in ("h1", "h2"):
            slides.append(soup.new_tag("section"))
        elif not slides.contents:
            continue
        slides.contents[-1].append(element)
    minutes = [time(section, page) for section in slides.find_all("section")]
    for steps in slides.select(".steps"):
        parts = steps.select("mtr") or steps.select("li") or steps.find_all(True, recursive=False)
        for part in parts[1:]:
            part["class"] = [*part.get("class", []), "fragment"]
    page.meta["takes"] = f"{count(len(minutes), 'slide')} · {count(sum(minutes), 'minute')}"
    return f'<div class="deck">{slides}</div>'


def time(section: Tag, page: Page) -> int:
    """Of a slide, in minutes; what was an admonition becomes the notes that reveal.js looks for."""
    heads = section.select(".admonition.notes > .admonition-title")
    found = [MINUTES.fullmatch(head.get_text()) for head in heads]
    if len(found) != 1 or not found[0]:
        title = section.find(["h1", "h2"]).get_text().removesuffix("¶").strip()
        raise PluginError(
            f'{page.file.src_uri}: the slide "{title}" has no notes, or no time in them: write them below '
            'it, once, as !!! notes "3 min"'
        )
    head, minutes = heads[0], int(found[0][1])
    head.parent.name, head.parent["class"] = "aside", ["notes"]
    head["class"], head.string = ["minutes"], f"Notes, {count(minutes, 'minute')}"
    section["data-timing"] = str(60 * minutes)
    return minutes
