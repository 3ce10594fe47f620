"""Chromium, servers and a proxy for the tests of components in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin

import gradio as gr
import pytest
from playwright.async_api import Page, async_playwright
from tests.components.pages import Visit

from livedraft.runtime.launch import launch


@pytest.fixture
async def visit(chromium_path: str | None, chromium_args: list[str]) -> AsyncIterator[Visit]:
    """Give a function that serves an app and opens it; any error on the page fails the test."""
    said: list[str] = []
    forgiven: set[str] = set()
    servers = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=chromium_args
        )
        page = await browser.new_page(viewport={"width": 1200, "height": 1000})
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda m: (
                said.append(f"{m.text} {m.location['url']}")
                if m.type == "error" and m.location["url"] not in forgiven
                else None
            ),
        )

        async def visit(demo: gr.Blocks, *, at: str = "", **settings: Any) -> Page:
            given = {"models": ["echo"], "port": 0, **settings}
            server = launch(demo, prevent_thread_lock=True, **given)
            servers.append(server)
            if at:  # wherever the app is, these are asked for at the root
                forgiven.update(urljoin(at, name) for name in ("/manifest.json", "/favicon.ico"))
            await page.goto(at or server.url, wait_until="domcontentloaded")
            await page.locator("livedraft-sketch").first.wait_for()
            return page

        try:
            yield visit
        finally:
            await browser.close()
            for server in servers:
                server.close()
    assert said == []
