"""The checks of test_browser.py find what they are there for:
each is shown a page of the site with a fault planted in it.
"""

import itertools
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser import checks
from tests.serving import serving

TITLE = "</h1>"
PAGE = "# Page\n\n{{ figure one }}\n\nText, and `code`.\n"


@pytest.fixture
def plant(small_site, tmp_path):
    """Call it with a change of the page's HTML; it returns the address of the changed page,
    on a host of its own.
    """
    (tmp_path / "figures/svg").mkdir(parents=True)
    for theme in ("light", "dark"):
        (tmp_path / f"figures/svg/one-{theme}.svg").write_text(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>"
        )
    entry = '{"alt": "One.", "caption": "One.", "width": 9, "height": 9, "basis": "A drawing", "experiments": [], "records": [], "source": "course/figures/imagenet.py:ilsvrc", "command": "", "seeds": 0, "device": ""}'
    visits = itertools.count()
    page = small_site({"page.md": PAGE}, f'{{"one": {entry}}}') / "page.html"

    def make(pattern: str = "", planted: str = "") -> str:
        text, count = (
            re.subn(pattern, planted, page.read_text(encoding="utf-8"), count=1, flags=re.S)
            if pattern
            else (page.read_text(encoding="utf-8"), 1)
        )
        assert count == 1, f"the page has no {pattern}"
        page.write_text(text, encoding="utf-8")
        return f"{address}/page.html?{next(visits)}"  # the browser keeps a page that it has seen

    with serving(page.parent) as address:
        yield make


def faults(tab, address: str) -> list[str]:
    found = checks.listen(tab, address.split("/page.html")[0])
    tab.goto(address, wait_until="load")
    return [
        *found,
        *(
            fault
            for check in (checks.policy, checks.width, checks.images, checks.barriers)
            for fault in check(tab)
        ),
    ]


def without_policy(plant) -> None:
    """The policy would stop some faults before they happen."""
    plant(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "")


def test_a_page_without_fault_has_none(tab, plant):
    assert faults(tab, plant()) == []


def test_a_request_to_another_host_is_noticed(tab, plant):
    without_policy(plant)
    font = "<style>@font-face { font-family: Outside; src: url(http://fonts.invalid/a.woff2) } * { font-family: Outside !important }</style>"
    assert any(
        "asks http://fonts.invalid/a.woff2" in fault
        for fault in faults(tab, plant("</head>", font + "</head>"))
    )


def test_a_page_without_a_policy_is_noticed(tab, plant):
    without_policy(plant)
    (fault,) = faults(tab, plant())
    assert fault.startswith("the page has no policy")


def test_a_message_on_the_console_is_noticed(tab, plant):
    without_policy(plant)
    assert any(
        "planted" in fault
        for fault in faults(tab, plant("</body>", "<script>console.error('planted')</script></body>"))
    )
    assert any("is not defined" in fault for fault in faults(tab, plant("planted'", "planted', nothing")))


@pytest.mark.parametrize(
    ("pattern", "planted", "fault"),
    [
        ('alt="One."', 'alt=" "', "an image without words"),
        ("one-light.svg", "two-light.svg", "an image does not load"),
        (TITLE, TITLE + '<p style="color: #999">Pale words</p>', "color-contrast (serious)"),
        (TITLE, TITLE + '<div style="width: 2000px">Wide</div>', "the page is"),
        (TITLE, TITLE + "<h4>A step left out</h4>", "heading-order (moderate)"),
        (TITLE, TITLE + '<input type="text">', "label (critical)"),
        ('<html lang="en"', "<html", "html-has-lang (serious)"),
        (
            TITLE,
            TITLE
            + '<p><a href="#a" style="display: inline-block; font-size: 6px">a</a><a href="#b" style="display: inline-block; font-size: 6px">b</a></p>',
            "target-size (serious)",
        ),
    ],
)
def test_a_planted_fault_is_noticed(tab, plant, pattern, planted, fault):
    assert any(each.startswith(fault) for each in faults(tab, plant(pattern, planted)))


def test_a_page_that_moves_while_it_loads_is_noticed(tab, plant):
    tab.goto(plant(TITLE, TITLE + '<p style="min-height: 30vh">Here</p>'))
    assert checks.shift(tab) < 0.02
    without_policy(plant)
    tab.goto(
        plant(
            "</body>",
            "<script>setTimeout(() => document.querySelector('h1').style.marginTop = '50vh', "
            "300)</script></body>",
        )
    )
    tab.wait_for_timeout(600)
    assert checks.shift(tab) > 0.1


@pytest.fixture
def another_host():
    """A server that answers nothing and remembers who asked."""
    asked = []

    class Remembers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Remembers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


WAYS = """async host => {
    const put = (tag, attributes) => document.body.append(Object.assign(document.createElement(tag), attributes));
    put("img", {src: host + "/image"});
    put("script", {src: host + "/script"});
    put("iframe", {src: host + "/frame"});
    put("audio", {src: host + "/sound"});
    put("link", {rel: "stylesheet", href: host + "/style"});
    put("object", {data: host + "/object"});
    put("p", {style: `background: url(${host}/background)`});
    const font = new FontFace("Outside", `url(${host}/font)`).load().catch(() => {});
    fetch(host + "/fetch", {mode: "no-cors"}).catch(() => {});
    navigator.sendBeacon(host + "/beacon", "");
    try { new Worker(host + "/worker"); } catch {}
    try { new EventSource(host + "/events"); } catch {}
    await Promise.all([font, new Promise(done => setTimeout(done, 500))]); // the form leaves the page, and breaks off what it has not asked for
    const form = Object.assign(document.createElement("form"), {action: host + "/form", method: "post"});
    document.body.append(form);
    form.submit();
}"""


def test_no_page_can_reach_another_host_whatever_is_in_it(tab, plant, another_host):
    host, asked = another_host
    tab.goto(plant())
    tab.evaluate(WAYS, host)
    tab.wait_for_timeout(500)
    assert asked == []
    without_policy(plant)
    tab.goto(plant())
    tab.evaluate(WAYS, host)
    ways = {"/image", "/script", "/style", "/font", "/fetch", "/beacon", "/form"}
    for _ in range(50):  # a busy machine is slow to ask
        if not ways <= set(asked):
            tab.wait_for_timeout(200)
    assert ways <= set(asked), "the ways out that the policy closed are none"
