"""Pages of strangers in a real browser: a rebound name, and a website that asks what it likes.

Chromium takes every name below ``example`` for this machine, as if DNS said so.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page
from tests.websites import Website

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

TRY = """async (url) => {
  const outcome = (work) => work.catch(() => "refused");
  const read = (path, more) => outcome(fetch(url + path, more).then((answer) => answer.text()));
  const shown = (tag, path) => new Promise((tell) => {
    const part = document.createElement(tag);
    part.onload = () => tell("loaded");
    part.onerror = () => tell("refused");
    part.src = url + path;
    document.body.append(part);
  });
  const socket = new Promise((tell) => {
    const line = new WebSocket(url.replace("http", "ws") + "/v1/realtime");
    line.onopen = () => tell("open");
    line.onerror = () => tell("refused");
  });
  await outcome(fetch(url + "/v1/generate", { method: "POST", mode: "no-cors", body: "{}" }));
  return {
    models: await read("/v1/models"),
    metrics: await read("/metrics"),
    socket: await socket,
    script: await shown("script", "/livedraft.js"),
    defined: typeof livedraft,
  };
}"""


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    """Add names for other websites."""
    return [*chromium_args, "--host-resolver-rules=MAP *.example 127.0.0.1"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Thread]:
    with Thread(Config(models=("echo",), port=0, hosts=("known.example",))) as server:
        yield server


def named(url: str, name: str) -> str:
    return url.replace("127.0.0.1", name)


def frames_made(server: Thread) -> bool:
    return "livedraft_frames_total{" in httpx.get(f"{server.url}/metrics").text


def test_a_website_gets_the_script_and_nothing_else(
    page: Page, server: Thread, website: Website
) -> None:
    page.goto(named(website.url, "evil.example"))
    got = page.evaluate(TRY, server.url)
    assert got == {
        "models": "refused",
        "metrics": "refused",
        "socket": "refused",
        "script": "loaded",
        "defined": "object",
    }
    assert not frames_made(server), "and it makes the server do nothing"


@pytest.mark.parametrize("path", ["/", "/v1/models", "/metrics", "/livedraft.js", "/healthz"])
def test_a_rebound_name_gets_nothing(page: Page, server: Thread, path: str) -> None:
    answer = page.goto(named(server.url, "rebound.example") + path)
    assert answer is not None
    assert answer.status == 403
    assert "--hosts rebound.example'" in page.locator("body").inner_text()


def test_a_name_that_is_known_is_the_server(page: Page, server: Thread) -> None:
    page.goto(named(server.url, "known.example"))
    page.locator(".pill[data-state=open]").wait_for()
    assert page.evaluate("fetch('/v1/models').then((answer) => answer.status)") == 200


def framed(page: Page, website: Website, server: Thread, name: str) -> str:
    """Return what a frame of the server shows on a page of this name."""
    page.goto(named(website.url, name))
    page.evaluate(
        """(url) => new Promise((loaded) => {
          const frame = document.createElement("iframe");
          frame.onload = loaded;
          frame.src = url;
          document.body.append(frame);
        })""",
        server.url,
    )
    return page.frames[1].title()


def test_only_pages_of_this_machine_may_frame_it(
    page: Page, server: Thread, website: Website
) -> None:
    assert framed(page, website, server, "127.0.0.1") == "livedraft"
    assert framed(page, website, server, "localhost") == "livedraft"
    assert framed(page, website, server, "evil.example") != "livedraft"


def test_a_website_that_is_refused_is_told_the_flag(
    page: Page, server: Thread, website: Website
) -> None:
    before = website.page
    website.page = (
        f"<script src='{server.url}/livedraft.js'></script>"
        f"<livedraft-sketch url='{server.url}'></livedraft-sketch>"
    )
    page.goto(website.url)
    page.get_by_text(f"livedraft serve --origins {website.url}").wait_for()
    website.page = before
