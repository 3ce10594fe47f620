"""Chromium, servers and pages for the tests of ``<livedraft-sketch>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.e2e.sheet import Open
from tests.websites import Website, one_page

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server

PATIENCE_MS = 45_000  # on a machine that others use, too; who waits goes on at once
expect.set_options(timeout=PATIENCE_MS)
MODELS = Path(__file__).parent / "models"
# The page's policy forbids what Playwright adds to it, too, to wait for things there.
USUAL: dict[str, Any] = {"color_scheme": "light", "bypass_csp": True}
VIOLATIONS = """window.violations = []; addEventListener('securitypolicyviolation',
    (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI}`));"""


@pytest.fixture(scope="module")
def website() -> Iterator[Website]:
    with one_page() as website:
        yield website


@pytest.fixture(scope="module")
def url(website: Website) -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0, origins=(website.url,))) as server:
        yield server.url


@dataclass
class Site:
    """A server with pages of a test's own, which it serves as they stand at the time."""

    url: str
    pages: dict[str, str]  # by path

    def page(self, html: str, path: str = "/own.html") -> str:
        """Serve a page; return its address."""
        self.pages[path] = html
        return self.url + path


@pytest.fixture(scope="module")
def served() -> Config:
    """Give the settings of the server that has pages of a test's own."""
    return Config(models=("echo",), port=0)


@pytest.fixture(scope="module")
def site(served: Config) -> Iterator[Site]:
    pages: dict[str, str] = {}

    def mount(server: Server, url: str) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            html = pages.get(scope["path"]) if scope["type"] == "http" else None
            answer = server.app if html is None else HTMLResponse(html)
            await answer(scope, receive, send)

        return app

    with Thread(served, mount) as server:
        yield Site(server.url, pages)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens the page of a server; console errors fail the test."""
    contexts = []
    faults: list[str] = []

    def open_page(
        url: str,
        *,
        live: bool = True,
        forgive: str = "",
        beside: Page | None = None,
        before: str = "",
        **context: Any,
    ) -> Page:
        """Open it in a browser that knows nothing yet, or in a tab ``beside`` another page."""
        if beside is None:
            contexts.append(browser.new_context(**USUAL | context))
        page: Page = (beside.context if beside else contexts[-1]).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type in ("error", "warning")
                and not (forgive and forgive in message.text)
                else None
            ),
        )
        page.add_init_script(before)
        page.goto(url)
        if live:
            page.locator(".pill[data-state=open]").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def visit(open_page: Open, website: Website) -> Open:
    """Return a function that opens a page of another website, given its body and its headers.

    What a policy of the page forbids is collected in it as ``window.violations``.
    """

    def visit(body: str, *, headers: Mapping[str, str] | None = None, **how: Any) -> Page:
        website.page = f'<!doctype html><link rel="icon" href="data:,">{body}'
        website.headers = headers or {}
        return open_page(website.url, before=VIOLATIONS, bypass_csp=False, **how)

    return visit


@pytest.fixture(scope="module")
def paintbox(website: Website) -> Iterator[str]:
    """Give the address of a server whose model has a palette, LoRAs, sizes and transparency."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        with Thread(Config(models=("paintbox",), port=0, origins=(website.url,))) as server:
            yield server.url
