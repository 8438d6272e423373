"""The check of outside links, against a small server that answers as the network does."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sitetools.commands.links import ask, outside

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def host():
    """/200 answers 200, /404 answers 404; /get answers only whoever asks for the whole page;
    /second fails the first time.
    """
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/")
            asked.append(name)
            if name == "get":
                self.send_error(200 if self.command == "GET" else 405)
            elif name == "second":
                self.send_error(503 if asked.count(name) == 1 else 200)
            elif name == "moved":
                self.send_response(301)
                self.send_header("Location", "/200")
                self.end_headers()
            else:
                self.send_error(int(name))

        do_HEAD = do_GET

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(
    ("path", "well", "dead"),
    [
        ("200", True, False),
        ("moved", True, False),
        ("get", True, False),
        ("second", True, False),
        ("403", False, False),
        ("500", False, False),
        ("404", False, True),
        ("410", False, True),
    ],
)
def test_an_address_is_well_dead_or_neither(host, path, well, dead):
    answer = ask(f"{host}/{path}", pause=0)
    assert (answer.well, answer.dead) == (well, dead), answer


def test_a_host_that_is_not_there_is_dead():
    assert ask("http://127.0.0.1:1/", pause=0).dead
    assert ask("http://no.host.invalid/", pause=0).dead


def test_each_address_outside_is_asked_once_with_the_pages_that_link_to_it(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="http://x.org/1#part">1</a> <a href="http://x.org/1">1</a> <a href="b.html">b</a> <a href="mailto:a@b">m</a>'
    )
    (tmp_path / "b.html").write_text('<a href="http://x.org/1">1</a> <a href="https://y.org">y</a>')
    assert outside(tmp_path) == {"http://x.org/1": ["a.html", "b.html"], "https://y.org": ["b.html"]}


def test_the_command_names_what_is_dead_and_fails(host, tmp_path):
    (tmp_path / "index.html").write_text(
        f'<a href="{host}/200">ok</a> <a href="{host}/410">gone</a> <a href="{host}/moved">moved</a>'
    )
    done = subprocess.run(
        [sys.executable, "-m", "sitetools.commands.links", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"dead: {host}/410 (410: Gone), on index.html" in done.stdout
    assert "3 addresses: 2 answer, 1 dead, 0 refused" in done.stdout
    missing = subprocess.run(
        [sys.executable, "-m", "sitetools.commands.links", str(tmp_path / "none")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert missing.returncode == 1 and "run make site first" in missing.stderr
