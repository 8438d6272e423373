"""A small server that sends the built site as GitHub Pages does: compressed, and kept for ten minutes.

python -m sitetools.commands.serving PORT      can `make serve` have this port?
"""

import functools
import gzip
import http.server
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".csv", ".ipynb"}


@functools.cache
def compressed(path: Path, changed: float) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6)


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # a browser fetches many files over one connection
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".woff2": "font/woff2",
        ".ipynb": "application/json",
    }

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))  # without the query
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if status == 200 else Path(self.directory) / "404.html"
        small = path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
        body = compressed(path, path.stat().st_mtime) if small else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        if small:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A browser that closes a tab breaks off what it was fetching: no fault of the site's."""


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """The address under which the folder is served, for as long as the block lasts."""
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def refusal(port: str) -> str:
    """Why nothing can be served at this port, or ""."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return f"PORT={port} is no port: choose a number from 1024 to 65535, such as make serve PORT=8001"
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does that comes after
        try:
            taker.bind(("127.0.0.1", int(port)))
        except OSError as error:
            other = int(port) % 60000 + 1025
            return (
                f"port {port} cannot be had ({error.strerror}): stop what is served there, "
                f"or choose another, such as make serve PORT={other}"
            )
    return ""


if __name__ == "__main__":
    if found := refusal(sys.argv[1]):
        sys.exit(f"error: {found}")
