"""Another website than the server: it gives one page, with the headers that a test wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Website(ThreadingHTTPServer):
    """Serve ``page`` at every path, with ``headers``."""

    page = ""
    headers: Mapping[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Website)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@contextmanager
def serving() -> Iterator[Website]:
    """Run a website on a free port."""
    with Website(("127.0.0.1", 0), _Answer) as website:
        thread = threading.Thread(target=website.serve_forever)
        thread.start()
        yield website
        website.shutdown()
        thread.join()
