"""A headless Chromium with one page in it: the system's, or else the one that Playwright brings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def page(width: int = 1280, height: int = 900, more_flags: Sequence[str] = ()) -> Iterator[Page]:
    """Give an empty page; its errors are raised when the block is left."""
    found = (path for name in CHROMIUM if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(found, None), args=[*FLAGS, *more_flags]
        )
        try:
            # The policy of our own page forbids what Playwright adds to wait for things.
            page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield page
            if errors:
                raise RuntimeError("the page failed: " + "; ".join(errors))
        finally:
            browser.close()
