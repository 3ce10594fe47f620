"""The demo reaches nobody: neither its server, seen at the system calls, nor its page."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.offline.marks import NEEDS_SECCOMP
from tests.offline.watching import ROOT, address, environment, watched

pytestmark = NEEDS_SECCOMP


def test_the_demo_and_its_page_reach_nobody(
    tmp_path: Path, chromium_path: str | None, chromium_args: list[str]
) -> None:
    asked = set[str]()
    demo = [sys.executable, str(ROOT / "demos" / "live_drawing" / "app.py")]
    with watched(demo, tmp_path, environment(tmp_path, tmp_path) | {"LIVEDRAFT_PORT": "0"}) as seen:
        url = address(seen)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
            page = browser.new_page()
            page.set_default_timeout(60_000)
            page.on("request", lambda request: asked.add(request.url))
            page.on("websocket", lambda socket: asked.add(socket.url))
            page.goto(url)
            page.locator(".pill[data-state=open]").wait_for()
            box = page.locator("livedraft-sketch canvas").first.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 60, box["y"] + 60)
            page.mouse.down()
            page.mouse.move(box["x"] + 160, box["y"] + 160, steps=5)
            page.mouse.up()
            page.get_by_role("button", name="Refine").click()
            page.locator(".kept img").first.wait_for()  # a listener in Python has shown it
            browser.close()
        seen.process.send_signal(signal.SIGINT)
        seen.process.communicate(timeout=60)
    assert seen.reached == []
    host = url.removeprefix("http://")
    foreign = {a for a in asked if not re.match(rf"(blob:)?(http|ws)://{re.escape(host)}/", a)}
    assert {a for a in foreign if not a.startswith("data:")} == set()


def test_gradio_is_silenced_unless_the_user_says_otherwise(tmp_path: Path) -> None:
    code = "import livedraft.components, gradio; print(gradio.Blocks().analytics_enabled)"
    for given, expected in (({}, "False"), ({"GRADIO_ANALYTICS_ENABLED": "True"}, "True")):
        command = [sys.executable, "-c", code]
        with watched(command, tmp_path, environment(tmp_path, tmp_path) | given) as seen:
            said = seen.process.communicate(timeout=120)[0]
        assert expected in said
        assert bool(seen.reached) == bool(given), "the watch sees what Gradio does"
