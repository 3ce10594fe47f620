"""Fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Triton looks at this when it decorates a kernel, its own among them, so it is set before any test
# file is imported. What needs the real compiler runs in processes of its own.
os.environ["TRITON_INTERPRET"] = "1"

# A shell that starts the tests in the background has them ignore Ctrl+C, and with them every
# command that they start and press it for.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest
from hypothesis import HealthCheck, settings

# The same examples each time, and no clock: a machine may be as busy as it likes.
settings.register_profile(
    "checks", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("checks")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio alone: the runtime's loop is asyncio's."""
    return "asyncio"


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Return the system's Chromium; None leaves the choice to Playwright's own."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def chromium_args() -> list[str]:
    """Return the flags that keep Chromium to the machine it runs on; a folder may add its own."""
    return CHROMIUM_ARGS


@pytest.fixture(scope="module")
def browser(chromium_path: str | None, chromium_args: list[str]) -> Iterator[Browser]:
    """Give a Chromium."""
    from playwright.sync_api import sync_playwright  # here: the kernels' tests do without it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        browser.close()
