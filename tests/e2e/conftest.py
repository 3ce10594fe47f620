"""Chromium, servers and pages for the tests of ``<livedraft-sketch>``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

MODELS = Path(__file__).parent / "models"


@pytest.fixture(scope="module")
def browser(chromium_path: str | None, chromium_args: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server.url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens the page of a server; console errors fail the test."""
    contexts = []
    faults: list[str] = []

    def open_page(url: str, *, live: bool = True, forgive: str = "", **context: Any) -> Page:
        contexts.append(browser.new_context(**{"color_scheme": "light", **context}))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
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
        page.goto(url)
        if live:
            page.locator(".pill[data-state=open]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="module")
def paintbox() -> Iterator[str]:
    """Give the address of a server whose model has a palette, LoRAs, sizes and transparency."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        with Thread(Config(models=("paintbox",), port=0)) as server:
            yield server.url
