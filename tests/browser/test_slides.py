"""The decks: what their build refuses, what each slide holds, and every slide in a browser: it fits its frame, goes
by keyboard, has its notes, and is a page without a script.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from sitetools.commands import slides as printing
from tests.browser import checks
from tests.browser.checks import PHONE
from tests.pages import article

ROOT = Path(__file__).parents[2]
DECKS = sorted(path.stem for path in (ROOT / "docs/slides").glob("*.md"))
EACH_DECK = [DECKS[0], *(pytest.param(name, marks=pytest.mark.slow) for name in DECKS[1:])]
SLIDES = {"width": 1280, "height": 720}
SIZES = [SLIDES, {"width": 1024, "height": 768}]
LEAST = 24  # pixels of the frame: the last row of a lecture hall reads nothing smaller
NOTES = '!!! notes "1 min"\n\n    Say it.\n'
DECK = f"# Deck\n\n{NOTES}\n## One\n\nText.\n\n{NOTES}"


# What the build refuses


@pytest.mark.parametrize(
    "slide, complaint",
    [
        ("## Bare\n\nText.\n", 'slides/deck.md: the slide "Bare" has no notes, or no time in them'),
        (f"## Twice\n\n{NOTES}\n{NOTES}", 'the slide "Twice" has no notes'),
        ('## Vague\n\n!!! notes "short"\n\n    Say it.\n', 'the slide "Vague" has no notes'),
        (f"## Unknown\n\n{{{{ figur x }}}}\n\n{NOTES}", "is not known here"),
        (f"## Small\n\n{{{{ figure one }}}}\n\n{NOTES}", "figure 'one' has no form for projection"),
    ],
)
def test_a_slide_that_lacks_something_stops_the_build_in_one_line(small_site, slide, complaint):
    entry = {
        "alt": "One.", "caption": "One.", "width": 9, "height": 9, "basis": "A drawing", "experiments": [], "records": [],
        "source": "course/figures/imagenet.py:ilsvrc", "command": "", "seeds": 0, "device": "",
    }  # fmt: skip
    built = small_site({"slides/deck.md": f"{DECK}\n{slide}"}, json.dumps({"one": entry}))
    assert isinstance(built, str), "the build went through"
    assert len([line for line in built.splitlines() if complaint in line]) == 1


def test_where_slides_are_printed_they_lead_to_their_pdfs(small_site, monkeypatch):
    page = f"{DECK}\n## A claim\n\n{NOTES}"
    for pdf, expected in ("", []), ("deeper.pdf", ["deck.pdf", "deck-notes.pdf"]):
        monkeypatch.setenv("PDF", pdf)
        links = deck(small_site({"slides/deck.md": page}), "deck").select(".deck-views a")
        assert [link["href"] for link in links if link["href"].endswith(".pdf")] == expected


# What the decks hold


def deck(site: Path, name: str) -> Any:
    return article(site, f"slides/{name}.html")


@pytest.mark.parametrize("name", DECKS)
def test_a_deck_takes_forty_minutes_and_each_slide_says_claims_and_asks(site, name):
    found = deck(site, name).select(".slides > section")
    assert 15 <= len(found) <= 25
    assert sum(int(slide["data-timing"]) for slide in found) == 40 * 60
    for slide in found:
        notes = slide.select_one("aside.notes").get_text()
        assert "Say." in notes and "Ask" in notes, slide.h1 or slide.h2
    answered = [slide for slide in found if "Often answered" in slide.select_one("aside.notes").get_text()]
    assert len(answered) >= len(found) - 2


# In a browser


def shown(tab, address: str) -> None:
    tab.goto(address, wait_until="load")
    tab.evaluate("Reveal.isReady() || new Promise(ready => Reveal.on('ready', ready))")


FAULTS = """async least => {
    const faults = [], name = slide => slide.id;
    const slides = Reveal.getSlides(), scale = Reveal.getScale();
    for (const [at, slide] of slides.entries()) {
        Reveal.slide(at, 0, 99);
        const images = [...slide.querySelectorAll("img")].filter(image => image.offsetWidth);
        await Promise.all(images.map(image => image.decode()));
        const frame = slide.getBoundingClientRect(), inside = [...slide.querySelectorAll("*")]
            .filter(each => each.checkVisibility() && !each.closest(".notes, .headerlink"));
        if (slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth) faults.push(`${name(slide)} overflows`);
        const box = each => each.getBoundingClientRect();
        for (const each of inside)
            if (box(each).bottom > frame.bottom + 1 || box(each).right > frame.right + 1)
                faults.push(`${name(slide)} overflows with ${each.outerHTML.slice(0, 80)}`);
        for (const each of inside.filter(each => each.matches("pre > code, .table")))
            if (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
                faults.push(`${name(slide)} hides a part of ${each.outerHTML.slice(0, 80)}`);
        const lines = (box(slide.querySelector("h1, h2")).height / scale) / parseFloat(getComputedStyle(slide.querySelector("h1, h2")).lineHeight);
        if (lines > 2.5) faults.push(`${name(slide)}: its title has ${Math.round(lines)} lines`);
        const feet = inside.filter(each => each.matches(".provenance, .source, .live"));
        const body = inside.filter(each => each.matches("p, li, td, pre, .formula, .layers, figure > img") && !each.closest(".provenance, .source, .live"));
        for (const foot of feet)
            if (body.some(each => box(each).bottom > box(foot).top + 1)) faults.push(`${name(slide)} overlaps its last line`);
        for (const each of inside)
            if ([...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()) &&
                    !each.closest(".provenance, .source, math") && parseFloat(getComputedStyle(each).fontSize) < least)
                faults.push(`${name(slide)} has letters of ${getComputedStyle(each).fontSize}: ${each.textContent.slice(0, 40)}`);
    }
    return faults;
}"""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
@pytest.mark.parametrize("name", EACH_DECK)
def test_nothing_overflows_a_slide_and_nothing_asks_elsewhere(tab, site, name, size):
    tab.context.set_offline(True)
    faults = checks.listen(tab, site.as_uri())
    tab.set_viewport_size(size)
    shown(tab, f"{(site / f'slides/{name}.html').as_uri()}")
    faults += tab.evaluate(FAULTS, LEAST)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "slide, fault",
    [
        ("Text.\n\n" * 14, "overflows"),
        ("```python\nx = '" + "long " * 40 + "'\n```\n", "hides a part"),
        ("## " + "A title of many words " * 12 + "{ #long }\n", "its title has"),
        ("Text.\n\n" * 9 + "[Home](../index.md)\n{ .live }\n", "overlaps its last line"),
        ('<p style="font-size: 20px">Small.</p>\n', "has letters of 20px"),
    ],
)
def test_a_slide_that_overflows_is_named(tab, small_site, slide, fault):
    heading = "" if slide.startswith("## ") else "## Long { #long }\n\n"
    built = small_site({"slides/deck.md": f"{DECK}\n{heading}{slide}\n{NOTES}"})
    tab.set_viewport_size(SLIDES)
    shown(tab, (built / "slides/deck.html").as_uri())
    found = tab.evaluate(FAULTS, LEAST)
    assert found and all(each.startswith("long") for each in found)
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    "drawing", sorted((ROOT / "figures/svg").glob("*-slide*.svg")), ids=lambda path: path.stem
)
def test_a_figure_for_projection_has_no_small_letters(drawing):
    text = drawing.read_text(encoding="utf-8")
    width = float(re.search(r'<svg [^>]*?width="([\d.]+)pt"', text)[1])
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:[a-z0-9]+ )?([\d.]+)px", text)]
    assert sizes and min(sizes) * 1180 / width >= LEAST  # deck.css shows it 1180 pixels wide


@pytest.mark.parametrize("name", EACH_DECK)
def test_every_slide_and_step_is_reached_by_keyboard(tab, site, name):
    tab.set_viewport_size(SLIDES)
    shown(tab, (site / f"slides/{name}.html").as_uri())
    slides = tab.evaluate("Reveal.getSlides().map(slide => slide.id)")
    steps = tab.evaluate("document.querySelectorAll('.fragment').length")
    assert steps > 5
    seen = []
    for _ in range(len(slides) + steps):
        seen.append(tab.evaluate("Reveal.getCurrentSlide().id"))
        tab.keyboard.press("ArrowRight")
    assert list(dict.fromkeys(seen)) == slides and len(seen) == len(slides) + steps
    assert (
        tab.evaluate("Reveal.isLastSlide() && document.querySelectorAll('.fragment.visible').length") == steps
    )
    tab.wait_for_url(f"**#/{slides[-1]}**")  # reveal.js does not write it at once


def test_keys_of_the_theme_do_nothing_and_d_changes_light_and_dark(tab, site):
    tab.set_viewport_size(SLIDES)
    shown(tab, (site / f"slides/{DECKS[0]}.html").as_uri())
    address = tab.url.partition("#")[0]
    for key in (
        "p",
        "n",
        "/",
        "/",
    ):  # the theme's: previous page, next page, search; the last is a pause here
        tab.keyboard.press(key)
    assert tab.url.partition("#")[0] == address and not tab.locator("#__search").is_checked()
    tab.keyboard.press("d")
    assert tab.evaluate("document.body.dataset.mdColorScheme") == "slate"
    tab.keyboard.press("d")
    assert tab.evaluate("document.body.dataset.mdColorScheme") == "default"


@pytest.mark.parametrize("name", EACH_DECK)
def test_the_speaker_view_shows_the_notes_and_follows(tab, site, name):
    """It is a window that reveal.js writes, under the policy of the deck: another notes.js has other digests."""
    faults = checks.listen(tab, site.as_uri())
    tab.set_viewport_size(SLIDES)
    shown(tab, (site / f"slides/{name}.html").as_uri())
    with tab.context.expect_page() as opened:
        tab.keyboard.press("s")
    view = opened.value
    said = view.locator(".speaker-controls-notes .value")
    for _ in range(2):
        words = tab.evaluate("Reveal.getCurrentSlide().querySelector('.notes p:nth-of-type(2)').innerText")
        view.locator(".speaker-controls-notes", has_text=" ".join(words.split())[:60]).wait_for()
        tab.evaluate("Reveal.next()")
    assert said.is_visible() and view.locator("iframe").count() == 2
    assert not faults, "\n".join(faults)


def test_an_address_leads_to_its_slide(tab, site):
    name, slide = DECKS[0], "five-guesses"
    tab.set_viewport_size(SLIDES)
    shown(tab, f"{(site / f'slides/{name}.html').as_uri()}#{slide}")
    assert tab.evaluate("Reveal.getCurrentSlide().id") == slide


@pytest.mark.parametrize("tab", ["light", pytest.param("dark", marks=pytest.mark.slow)], indirect=True)
@pytest.mark.parametrize("name", EACH_DECK)
def test_a_deck_has_no_barrier_as_slides_and_as_a_page(tab, site, name):
    tab.set_viewport_size(SLIDES)
    shown(tab, (site / f"slides/{name}.html").as_uri())
    dark = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    faults, rules = [], checks.COLOURS if dark else checks.RULES
    for at in range(tab.evaluate("Reveal.getTotalSlides()")):
        tab.evaluate(f"Reveal.slide({at}, 0, 99)")
        within = ".slides > .present" if at else "html"  # around the slides nothing changes
        faults += [f"slide {at}: {fault}" for fault in checks.barriers(tab, rules, within)]
    tab.goto(f"{(site / f'slides/{name}.html').as_uri()}?view=read")
    assert not tab.locator(".reveal").count()
    faults += [*checks.width(tab), *checks.barriers(tab, rules)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("size", "scripts"),
    [
        pytest.param(SLIDES, False, id="laptop without scripts"),
        pytest.param(PHONE, False, id="phone without scripts"),
        pytest.param(PHONE, True, id="phone"),
    ],
)
def test_a_deck_is_a_page_without_a_script_and_on_a_phone(browser, site, size, scripts):
    context = browser.new_context(java_script_enabled=scripts, viewport=size)
    tab = context.new_page()
    for name in DECKS:
        tab.goto((site / f"slides/{name}.html").as_uri())
        assert not tab.locator(".reveal").count()
        for element in [*tab.locator(".slides section h2").all(), *tab.locator("aside.notes").all()]:
            assert element.is_visible()
        assert tab.locator(".fragment").first.evaluate("each => getComputedStyle(each).opacity") == "1"
        assert not checks.width(tab)
    context.close()


# On paper


@pytest.mark.slow
def test_each_deck_is_printed_a_slide_a_page_with_and_without_notes(browser, site, tmp_path):
    for name in DECKS:
        slides = len(deck(site, name).select(".slides > section"))
        for ending, asked in printing.KINDS.items():
            pdf = tmp_path / f"{name}{ending}.pdf"
            printing.printed(browser, f"{(site / f'slides/{name}.html').as_uri()}?view=print{asked}", pdf)
            pages = PdfReader(pdf).pages
            assert len(pages) == slides * (2 if ending else 1), pdf.name
            assert {(float(page.mediabox.width), float(page.mediabox.height)) for page in pages} == {
                (960, 540)
            }
            text = pages[1].extract_text()
            assert ("Say." in text) == bool(ending)
            assert any(re.search(r"\d+ runs? · \d+ seeds?", page.extract_text()) for page in pages)


def test_a_site_without_slides_says_so(tmp_path):
    with pytest.raises(SystemExit, match=r"error: there are no slides in .*: run make site first"):
        printing.main(tmp_path)
