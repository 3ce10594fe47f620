"""A Chromium with fake devices, and a test double of a server for ``<livedraft-camera>``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.e2e.camera.double import Double, double_server
from tests.e2e.camera.film import FAKE_DEVICES, Film
from tests.e2e.sheet import Open


@pytest.fixture(scope="module")
def browser(chromium_path: str | None, chromium_args: list[str]) -> Iterator[Browser]:
    """Give a Chromium with a camera that shows a clock on green, and a microphone that beeps."""
    with sync_playwright() as playwright:
        args = [*chromium_args, *FAKE_DEVICES]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=args)
        yield browser
        browser.close()


@pytest.fixture
def double() -> Double:
    return Double()


@pytest.fixture
def server(double: Double) -> Iterator[str]:
    with double_server(double) as url:
        yield url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    """Return a function that opens the page; it is closed before the server is."""
    return partial(open_page, f"{server}/camera")
