"""What can be wrong with a page in a browser.
Each check takes a tab that shows the page and returns its faults in words.

test_browser.py holds the site to them; test_checks.py shows that each of them finds a planted fault.
"""

import gzip
from pathlib import Path

AXE = (Path(__file__).parents[1] / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what depends on the theme
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def listen(tab, address: str) -> list[str]:
    """A list that fills with what goes wrong while pages load: messages on the console,
    requests to other hosts.
    """
    faults: list[str] = []
    tab.on(
        "console",
        lambda message: (
            message.type in ("error", "warning") and faults.append(f"{tab.url} says {message.text}")
        ),
    )
    tab.on("pageerror", lambda error: faults.append(f"{tab.url} says {error}"))
    tab.on(
        "request",
        lambda asked: (
            asked.url.startswith((address, "data:", "blob:")) or faults.append(f"{tab.url} asks {asked.url}")
        ),
    )
    return faults


def settle(tab) -> None:
    """Wait until the theme has made code that scrolls reachable from the keyboard, which it does when a frame
    was drawn; after two seconds what is wrong is wrong.
    """
    for _ in range(20):
        if tab.evaluate(
            "[...document.querySelectorAll('pre > code')].every(it => it.scrollWidth <= it.clientWidth || it.tabIndex >= 0)"
        ):
            return
        tab.wait_for_timeout(100)


def width(tab) -> list[str]:
    """A page that scrolls sideways."""
    page, window = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"the page is {page} wide, the window {window}"] if page > window else []


def images(tab) -> list[str]:
    """Images that do not load, and images that say nothing to those who cannot see them."""
    return tab.evaluate(
        """async () => {
            const faults = [];
            for (const image of document.images) {
                if (!image.alt.trim()) faults.push(`an image without words: ${image.src.slice(0, 200)}`);
                if (getComputedStyle(image).display === "none") continue;
                image.loading = "eager";
                await image.decode().catch(() => {});
                if (!image.naturalWidth) faults.push(`an image does not load: ${image.src.slice(0, 200)}`);
            }
            return faults;
        }"""
    )


def barriers(tab, rules: list[str] = RULES, within: str = "html") -> list[str]:
    """What axe-core finds: WCAG 2.2 A and AA and its best practices, of whatever impact.

    within: the part of the page that is looked at, as a CSS selector.
    """
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    return tab.evaluate(
        """async ([within, rules]) => (await axe.run(within, {resultTypes: ["violations"], runOnly: rules})).violations.map(found =>
            `${found.id} (${found.impact}): ` + found.nodes.slice(0, 3).map(node =>
                node.html.replace(/\\s+/g, " ").slice(0, 160) + " " + [...node.any, ...node.all, ...node.none].map(each => each.message)
            ).join(" | "))""",
        [within, rules],
    )


def policy(tab) -> list[str]:
    """A page that does not forbid requests to other hosts before it asks for anything."""
    first = tab.evaluate(
        "document.head.querySelector('meta[http-equiv], link, script, style, base')?.outerHTML ?? ''"
    )
    return (
        []
        if "Content-Security-Policy" in first and "default-src 'none'" in first
        else [f"the page has no policy before {first[:120]!r}"]
    )


def weight(tab, address: str, site: Path) -> dict[str, int]:
    """The bytes of the page itself and of all that its first view loads, without fonts: as they are, and as
    they travel.
    """
    asked = tab.evaluate("performance.getEntries().filter(e => e.responseStatus).map(e => e.name)")
    files = [(site / name.removeprefix(f"{address}/")).read_bytes() for name in seen(asked)]
    travel = [len(gzip.compress(content, 6)) for content in files]
    return {
        "page": len(files[0]),
        "page, compressed": travel[0],
        "first view": sum(map(len, files)),
        "first view, compressed": sum(travel),
    }


def seen(names: list[str]) -> list[str]:
    files = dict.fromkeys(name.partition("#")[0] for name in names)
    return [name for name in files if not name.endswith(".woff2")]


def shift(tab) -> float:
    """How far the layout moved while the page loaded: the browser's cumulative layout shift."""
    return tab.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value; }).observe({type: "layout-shift", buffered: true});
            setTimeout(() => done(sum), 50);
        })"""
    )
