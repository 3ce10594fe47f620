"""Websites other than the server, on ports of their own: one page with headers, or a folder."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Website(ThreadingHTTPServer):
    """Serve ``page`` at every path, with ``headers``."""

    page = ""
    headers: Mapping[str, str] = {}

    @property
    def url(self) -> str:
        return _url(self)


@contextmanager
def one_page() -> Iterator[Website]:
    """Run a website of one page, which a test may set at any time."""
    with Website(("127.0.0.1", 0), _Page) as website, _running(website):
        yield website


@contextmanager
def folder(path: Path) -> Iterator[str]:
    """Serve a folder, as `python -m http.server` does; give its address."""
    handler = functools.partial(_File, directory=str(path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as website, _running(website):
        yield _url(website)


def _url(website: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{website.server_port}"


class _Page(BaseHTTPRequestHandler):
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


class _File(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@contextmanager
def _running(website: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=website.serve_forever)
    thread.start()
    try:
        yield
    finally:
        website.shutdown()
        thread.join()
