"""The built site in a browser: every page, light and dark, at the width of a laptop and of a phone,
online and from a folder.
"""

import shutil
from pathlib import Path

import pytest

from tests.browser import checks
from tests.browser.checks import LAPTOP, PHONE

ONE_OF_EACH_KIND = {"index.html", "lectures/relu.html", "labs/gradients.html", "exercises/index.html"}

# In bytes, without fonts.
BUDGET = {
    "page": 180_000,
    "page, compressed": 40_000,
    "first view": 520_000,
    "first view, compressed": 150_000,
}


@pytest.fixture(scope="module")
def folder(site, tmp_path_factory):
    """The site as a reader has it who copied it to another folder."""
    return Path(shutil.copytree(site, tmp_path_factory.mktemp("a folder with spaces") / "site")).as_uri()


@pytest.fixture
def address(request, folder, online):
    return online if request.param == "online" else folder


@pytest.fixture(params=["one of each kind", pytest.param("every other", marks=pytest.mark.slow)])
def pages(request, site) -> list[str]:
    found = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert found > ONE_OF_EACH_KIND
    return sorted(ONE_OF_EACH_KIND if request.param == "one of each kind" else found - ONE_OF_EACH_KIND)


def test_every_page_fits_loads_all_it_shows_asks_nobody_else_and_has_no_barrier(tab, online, pages):
    faults = checks.listen(tab, online)
    for page in [*pages, "404.html"]:
        tab.goto(f"{online}/{page}", wait_until="load")
        faults += [f"{page}: {fault}" for fault in checks.policy(tab)]
        for theme, size, rules in (
            ("light", LAPTOP, checks.RULES),
            ("light", PHONE, checks.RULES),
            ("dark", PHONE, checks.COLOURS),
        ):
            tab.emulate_media(color_scheme=theme)
            tab.wait_for_selector(f"body[data-md-color-scheme={'slate' if theme == 'dark' else 'default'}]")
            tab.set_viewport_size(size)
            checks.settle(tab)
            found = [*checks.width(tab), *checks.images(tab), *checks.barriers(tab, rules)]
            faults += [f"{page}, {theme}, {size['width']} pixels: {fault}" for fault in found]
        tab.emulate_media(color_scheme="light")
        tab.set_viewport_size(LAPTOP)
    assert not faults, "\n".join(faults)


def test_from_a_folder_text_is_set_in_the_sites_own_faces(tab, site):
    tab.goto((site / "lectures/relu.html").as_uri())
    assert tab.evaluate(
        "document.fonts.size > 5 && [...document.fonts].every(face => face.display === 'swap')"
    ), "a face that comes late is never shown"


def test_every_page_works_from_a_folder_without_a_network(tab, folder, pages):
    tab.context.set_offline(True)
    faults = checks.listen(tab, folder)
    for page in pages:
        tab.goto(f"{folder}/{page}", wait_until="load")
        faults += [f"{page}: {fault}" for check in (checks.width, checks.images) for fault in check(tab)]
    assert not faults, "\n".join(faults)


def test_every_page_is_light_and_stands_still_while_it_loads(browser, online, site, pages):
    heavy = []
    tabs = [browser.new_context(viewport=PHONE).new_page() for _ in range(4)]  # who wait together wait once
    for tab in tabs:  # each page as a first visit
        tab.context.new_cdp_session(tab).send("Network.setCacheDisabled", {"cacheDisabled": True})
    for start in range(0, len(pages), len(tabs)):
        some = list(zip(tabs, pages[start:]))
        for tab, page in some:
            tab.goto(f"{online}/{page}", wait_until="commit")
        for tab, page in some:
            tab.wait_for_load_state("networkidle")
            weight = checks.weight(tab, online, site)
            heavy += [
                f"{page}: the {what} has {weight[what] / 1000:.0f} KB, more than {most / 1000:.0f} KB"
                for what, most in BUDGET.items()
                if weight[what] > most
            ]
            if (shift := checks.shift(tab)) > 0.02:
                heavy.append(f"{page}: moves by {shift:.3f}")
    for tab in tabs:
        tab.context.close()
    assert not heavy, "\n".join(heavy)


@pytest.mark.parametrize("address", ["online", "folder"], indirect=True)
def test_search_finds_a_lecture(tab, address):
    faults = checks.listen(tab, address)
    tab.goto(f"{address}/index.html")
    tab.locator(".md-search__input").click()
    tab.locator(".md-search__input").press_sequentially("vanishing gradients")
    tab.wait_for_selector(".md-search-result__link[href*='vanishing-gradients']")
    assert not faults, "\n".join(faults)


def test_the_toggle_changes_the_theme_and_the_figures_with_it(tab, small_figures):
    tab.goto(small_figures)
    shown = "[...document.querySelectorAll('figure img')].filter(i => getComputedStyle(i).display !== 'none').map(i => i.src.split('#')[1])"
    assert tab.evaluate(shown) == ["only-light"]
    tab.click("label[for=__palette_1]")  # from the system's choice to light
    tab.click("label[for=__palette_2]")  # from light to dark
    assert tab.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert tab.evaluate(shown) == ["only-dark"]


@pytest.mark.parametrize("tab", ["dark"], indirect=True)
def test_light_or_dark_is_known_before_the_themes_scripts_run(tab, small_figures):
    """A first visit is as dark as the system, a later one as the reader chose, and Enter goes on to the next."""
    tab.route("**/*.js", lambda route: route.abort())
    scheme = "document.body.dataset.mdColorScheme"
    tab.goto(small_figures)
    assert tab.evaluate(scheme) == "slate"
    tab.emulate_media(color_scheme="light")
    tab.wait_for_selector("body[data-md-color-scheme=default]")
    tab.focus("#__palette_0")
    for index, expected in ((1, "default"), (2, "slate")):
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == f"__palette_{index}"
        assert tab.evaluate(scheme) == expected
        assert (
            tab.locator("label[for^=__palette]:visible").get_attribute("for")
            == f"__palette_{(index + 1) % 3}"
        )
    tab.reload()
    assert tab.evaluate(scheme) == "slate"
    assert tab.evaluate("document.querySelector('meta[name=theme-color]').content") == tab.evaluate(
        "getComputedStyle(document.querySelector('.md-header')).backgroundColor"
    )


@pytest.fixture
def small_figures(small_site, tmp_path):
    """A page with one figure and one block of code, whatever the lectures hold today."""
    (tmp_path / "figures/svg").mkdir(parents=True)
    for theme in ("light", "dark"):
        (tmp_path / f"figures/svg/one-{theme}.svg").write_text(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>"
        )
    entry = '"alt": "One.", "caption": "One.", "width": 9, "height": 9, "basis": "A drawing", "experiments": [], "records": [], "source": "course/figures/imagenet.py:ilsvrc", "command": "", "seeds": 0, "device": ""'
    text = "# Page\n\n{{ figure one }}\n\n```python\nfor i in range(2):\n    print(i)\n```\n```output\n0\n1\n```\n"
    return (small_site({"page.md": text}, f'{{"one": {{{entry}}}}}') / "page.html").as_uri()


def test_the_copy_button_copies_code_that_runs_and_output_has_none(tab, small_figures, capsys):
    tab.goto(small_figures)
    assert tab.locator("pre.output button").count() == 0
    tab.click(".language-python button[data-md-type=copy]")
    exec(tab.evaluate("navigator.clipboard.readText()"), {})
    assert capsys.readouterr().out == "0\n1\n"


def test_the_pages_are_read_by_keyboard_alone(tab, online):
    focused = "document.activeElement.className + ' ' + (document.activeElement.dataset.opens ?? '')"
    tab.goto(f"{online}/lectures/relu.html")
    tab.keyboard.press("Tab")
    assert "md-skip" in tab.evaluate(focused)
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top") >= 0, (
        "the link to skip to the content is not seen"
    )
    tab.keyboard.press("/")
    assert "md-search__input" in tab.evaluate(focused)
    tab.keyboard.press("Escape")
    tab.set_viewport_size(PHONE)
    tab.goto(f"{online}/lectures/relu.html")
    for _ in range(4):
        tab.keyboard.press("Tab")
        if "drawer" in tab.evaluate(focused):
            break
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#__drawer:checked", state="attached")
    tab.keyboard.press("Escape")
    assert not tab.evaluate("document.querySelector('#__drawer').checked")


def test_without_javascript_a_page_can_be_read(browser, online):
    context = browser.new_context(java_script_enabled=False, viewport=LAPTOP)
    tab = context.new_page()
    tab.goto(f"{online}/lectures/vanishing-gradients.html")
    assert tab.locator("math").count() > 10
    assert tab.locator("figure img[src$='#only-light']").first.is_visible()
    assert not tab.locator("figure img[src$='#only-dark']").first.is_visible()
    tab.click(".md-footer__link--next")
    assert tab.url.endswith("/lectures/relu.html")
    context.close()


@pytest.mark.parametrize(
    "reach",
    [lambda tab: tab.hover("a.term"), lambda tab: [tab.focus(".headerlink"), tab.keyboard.press("Tab")]],
    ids=["mouse", "keyboard"],
)
def test_a_term_shows_its_definition_to_the_mouse_and_to_the_keyboard(tab, small_site, reach):
    entry = '[relu]\nterm = "ReLU"\nwords = ["ReLU"]\ntext = "max(0, x)."\npage = "page.md"\n'
    site = small_site(
        {
            "page.md": "# Page\n\nA ReLU.\n",
            "glossary.md": "# Glossary\n\n{{ glossary }}\n",
            "glossary.toml": entry,
        }
    )
    tab.goto((site / "page.html").as_uri())
    reach(tab)
    shown = tab.locator("[role=tooltip]", has_text="max(0, x).")
    shown.wait_for()
    assert tab.locator("a.term").get_attribute("aria-describedby") == shown.get_attribute("id")
    tab.click("a.term")
    assert tab.url.endswith("/glossary.html#relu")
