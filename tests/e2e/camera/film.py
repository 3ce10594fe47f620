"""What the tests of ``<livedraft-camera>`` do with a page: press, wait for pictures, look."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page
from tests.e2e.camera.double import Double
from tests.e2e.sheet import PIXEL

from livedraft.protocol.messages import Media

CAM = "document.querySelector('livedraft-camera')"
PICTURE = f"{CAM}.shadowRoot.querySelector('canvas.picture')"
VIDEO = f"{CAM}.shadowRoot.querySelector('video')"
Film = Callable[..., Page]
TOLD = f"""() => {{ window.told = [];
    {CAM}.addEventListener('error', (event) => told.push(event.detail)); }}"""
FAKE_DEVICES = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wait_pictures(page: Page, count: int = 5) -> None:
    """Wait until so many more pictures are shown."""
    page.evaluate(
        f"""() => {{ window.shown = 0; window.counting?.abort();
        window.counting = new AbortController();
        {CAM}.addEventListener('frame', () => shown++, {{ signal: counting.signal }}); }}"""
    )
    page.wait_for_function("(count) => shown >= count", arg=count)


def wait_source(page: Page, state: str) -> None:
    page.wait_for_function(f"(state) => {CAM}.diagnostics.source === state", arg=state)


def pixel(page: Page, x: float, y: float) -> list[int]:
    found: list[int] = page.evaluate(f"({PIXEL})({PICTURE}, {x}, {y})")
    return found


def of(double: Double, name: str) -> list[Media]:
    return [media for media in double.came if media.track == name]
