"""A page of a shop, and a server whose model is a test double of ``tryon``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.sheet import Open
from tests.e2e.tryon.shop import Visit, page_of

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server

MODELS = Path(__file__).parent / "models"


@pytest.fixture(scope="module")
def browser(chromium_path: str | None, chromium_args: list[str]) -> Iterator[Browser]:
    """Give a Chromium with a camera that shows a clock on green."""
    with sync_playwright() as playwright:
        args = [*chromium_args, *FAKE_DEVICES]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Give the pages that the shop serves, by path."""
    return {}


@pytest.fixture(scope="module")
def shop(pages: dict[str, str]) -> Iterator[str]:
    """Give the address of a server that has the double, and a shop's page."""

    def mount(server: Server, url: str) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            html = pages.get(scope["path"]) if scope["type"] == "http" else None
            answer = server.app if html is None else HTMLResponse(html)
            await answer(scope, receive, send)

        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        with Thread(Config(models=("tailor",), port=0), mount) as server:
            yield server.url


@pytest.fixture
def visit(shop: str, pages: dict[str, str], open_page: Open) -> Visit:
    """Return a function that opens the shop's page; the tag has these attributes beside its own."""

    def visit(attributes: str = "", **how: object) -> Page:
        pages["/shop.html"] = page_of(attributes)
        return open_page(f"{shop}/shop.html", live=False, **how)

    return visit
