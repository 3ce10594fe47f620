"""What tests do in a page with a sketch component."""

from __future__ import annotations

from typing import Any, Protocol

import gradio as gr
from playwright.async_api import Page

SKETCH = 'document.querySelector("livedraft-sketch")'


class Visit(Protocol):
    """Serves an app with these settings and opens it, at its own address or at another."""

    async def __call__(self, demo: gr.Blocks, *, at: str = "", **settings: Any) -> Page: ...


async def draw(page: Page) -> None:
    """Draw one stroke across the sheet."""
    box = await page.locator("livedraft-sketch canvas").first.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=6)
    await page.mouse.up()


async def drawn(page: Page) -> bool:
    """Return whether there is a drawing on the sheet."""
    return bool(await page.evaluate(f"!{SKETCH}.value.empty"))


async def connected(page: Page) -> None:
    """Wait until the element has a session with the model."""
    await page.wait_for_function(f'{SKETCH}?.shadowRoot.querySelector("[data-state=open]") != null')
