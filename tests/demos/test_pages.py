"""The demos that a browser shows, opened and used in Chromium."""

import functools
import http.server
import runpy
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from livedraft.runtime.config import Config
from livedraft.runtime.launch import launch
from livedraft.runtime.running import Thread

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
]

DEMOS = Path(__file__).parents[2] / "demos"
SKETCH = 'document.querySelector("livedraft-sketch")'


@pytest.fixture
async def browser(chromium_path: str | None, chromium_args: list[str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = playwright.chromium
        browser = await chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, url: str) -> AsyncIterator[Page]:
    """Give a page that closes before its server does; any error on it fails the test."""
    said: list[str] = []
    page = await browser.new_page(viewport={"width": 1200, "height": 1000})
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    await page.goto(url, wait_until="domcontentloaded")
    await page.locator("livedraft-sketch").wait_for()
    yield page
    await page.close()
    assert said == []


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def files(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve a folder from another port, as a page of one's own is."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def draw(page: Page) -> None:
    """Draw one stroke across the sheet."""
    box = await page.locator("livedraft-sketch canvas").first.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=6)
    await page.mouse.up()


async def test_live_drawing_keeps_what_is_refined_with_its_recipe(browser: Browser) -> None:
    demo = runpy.run_path(str(DEMOS / "live_drawing/app.py"))["build"]()
    with launch(demo, models=["echo"], port=0, prevent_thread_lock=True) as server:
        async with opened(browser, server.url) as page:
            await page.get_by_role("button", name="Draw fish").click()
            await page.wait_for_function(f'{SKETCH}?.params.prompt === "a blue fish"')
            await page.wait_for_function(f"{SKETCH}.value.frame !== null")
            await page.get_by_role("button", name="Refine").click()
            await page.get_by_role("button", name="Thumbnail 1 of 1").click()
            await page.get_by_text('"final"').wait_for()


async def test_plain_html_shows_refined_pictures(
    browser: Browser, tmp_path: Path, files: http.server.ThreadingHTTPServer
) -> None:
    own = f"http://127.0.0.1:{files.server_port}"
    with Thread(Config(port=0, models=("echo",), origins=(own,))) as server:
        text = (DEMOS / "plain_html/index.html").read_text("utf-8")
        (tmp_path / "index.html").write_text(text.replace("http://127.0.0.1:7860", server.url))
        async with opened(browser, own) as page:
            await draw(page)
            await page.wait_for_function(f"{SKETCH}.value.frame !== null")
            await page.get_by_role("button", name="Refine").click()
            used = page.locator("#used img")
            await used.wait_for()
            assert await used.get_attribute("alt") == "orange cat, seed 42"
