"""The built site in a browser: every page, light and dark, at the width of a laptop and of a phone, online and from a folder."""
import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent / "vendor"
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
FAULTS = """async () => {
    const faults = [];
    const width = document.documentElement.scrollWidth;
    if (width > innerWidth) faults.push(`the page is ${width} wide, the window ${innerWidth}`);
    for (const image of document.images) {
        if (getComputedStyle(image).display === "none") continue;
        image.loading = "eager";
        await image.decode().catch(() => {});
        if (!image.naturalWidth) faults.push(`an image does not load: ${image.src.slice(0, 200)}`);
    }
    return faults;
}"""
VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.map(node => node.html.slice(0, 160) + " " + node.any.map(a => a.message)).slice(0, 3).join(" | ")}`)"""


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        missing = "no Chromium on this machine (chromium, chromium-browser, google-chrome)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def online(site):
    """The address under which a small server publishes the site."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def address(request, site, online):
    return online if request.param == "online" else site.as_uri()


@pytest.fixture
def tab(browser, request):
    theme = getattr(request, "param", "light")
    context = browser.new_context(color_scheme=theme, viewport=LAPTOP, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def pages(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html") if path.name != "404.html")


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("address", ["online", "folder"], indirect=True)
def test_every_page_fits_loads_all_it_shows_and_asks_nobody_else(tab, address, site):
    faults = []
    tab.on("console", lambda message: message.type in ("error", "warning") and faults.append(f"{tab.url}: {message.text}"))
    tab.on("pageerror", lambda error: faults.append(f"{tab.url}: {error}"))
    tab.on("request", lambda asked: asked.url.startswith((address, "data:", "blob:")) or faults.append(f"{tab.url} asks {asked.url}"))
    for page in pages(site):
        tab.set_viewport_size(LAPTOP)
        tab.goto(f"{address}/{page}", wait_until="load")
        faults += [f"{page} on a laptop: {fault}" for fault in tab.evaluate(FAULTS)]
        tab.set_viewport_size(PHONE)
        faults += [f"{page} on a phone: {fault}" for fault in tab.evaluate(FAULTS)]
    assert faults == []


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_no_page_has_a_serious_barrier(tab, online, site):
    axe = (VENDOR / "axe-core/axe.min.js").read_text(encoding="utf-8")
    barriers = []
    for page in pages(site):
        tab.goto(f"{online}/{page}", wait_until="load")
        tab.evaluate(axe)
        barriers += [f"{page}: {found}" for found in tab.evaluate(VIOLATIONS)]
    assert barriers == []


@pytest.mark.parametrize("address", ["online", "folder"], indirect=True)
def test_search_finds_a_lecture(tab, address):
    tab.goto(f"{address}/index.html")
    tab.locator(".md-search__input").press_sequentially("vanishing gradients")
    tab.wait_for_selector(".md-search-result__link[href*='vanishing-gradients']")


def test_the_toggle_changes_the_theme_and_the_figures_with_it(tab, small_figures):
    tab.goto(small_figures)
    shown = "[...document.querySelectorAll('figure img')].filter(i => getComputedStyle(i).display !== 'none').map(i => i.src.split('#')[1])"
    assert tab.evaluate(shown) == ["only-light"]
    tab.click("label[for=__palette_1]")  # from the system's choice to light
    tab.click("label[for=__palette_2]")  # from light to dark
    assert tab.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert tab.evaluate(shown) == ["only-dark"]


@pytest.fixture
def small_figures(small_site, tmp_path):
    """A page with one figure and one block of code, whatever the lectures hold today."""
    (tmp_path / "figures").mkdir()
    for theme in ("light", "dark"):
        (tmp_path / f"figures/one-{theme}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>")
    entry = '"alt": "One.", "caption": "One.", "width": 9, "height": 9, "records": [], "source": "", "command": "", "seeds": 0, "device": ""'
    text = "# Page\n\n{{ figure one }}\n\n```python\nfor i in range(2):\n    print(i)\n```\n```output\n0\n1\n```\n"
    return (small_site({"page.md": text}, f'{{"one": {{{entry}}}}}') / "page.html").as_uri()


def test_the_copy_button_copies_code_that_runs_and_output_has_none(tab, small_figures, capsys):
    tab.goto(small_figures)
    assert tab.locator("pre.output button").count() == 0
    tab.click(".language-python button[data-md-type=copy]")
    exec(tab.evaluate("navigator.clipboard.readText()"), {})
    assert capsys.readouterr().out == "0\n1\n"


@pytest.mark.parametrize("reach", [lambda tab: tab.hover("a.term"), lambda tab: [tab.focus(".headerlink"), tab.keyboard.press("Tab")]], ids=["mouse", "keyboard"])
def test_a_term_shows_its_definition_to_the_mouse_and_to_the_keyboard(tab, small_site, reach):
    entry = '[relu]\nterm = "ReLU"\nwords = ["ReLU"]\ntext = "max(0, x)."\npage = "page.md"\n'
    site = small_site({"page.md": "# Page\n\nA ReLU.\n", "glossary.md": "# Glossary\n\n{{ glossary }}\n", "glossary.toml": entry})
    tab.goto((site / "page.html").as_uri())
    reach(tab)
    shown = tab.locator("[role=tooltip]", has_text="max(0, x).")
    shown.wait_for()
    assert tab.locator("a.term").get_attribute("aria-describedby") == shown.get_attribute("id")
    tab.click("a.term")
    assert tab.url.endswith("/glossary.html#relu")
