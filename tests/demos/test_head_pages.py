"""The pages that give an agent a face, used as people do, on a double of the model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.head.stage import HEAD, wait
from tests.e2e.head.test_listening import VOICE
from tests.websites import folder

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the demo's folder, and a server that lets it in."""
    site = tmp_path_factory.mktemp("site") / "head"
    shutil.copytree(ROOT / "demos/head", site)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.syspath_prepend(ROOT / "tests/e2e/head/models")
        own = stack.enter_context(folder(site))
        server = stack.enter_context(Thread(Config(models=("puppet",), port=0, origins=(own,))))
        for page in site.glob("*.html"):
            text = page.read_text("utf-8").replace("http://127.0.0.1:7860", server.url)
            page.write_text(text, "utf-8")
        yield own


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page with a microphone of the test's own; any error on it fails the test."""
    said: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(f"({VOICE})()")
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_an_agent_that_writes_is_heard_word_by_word_and_interrupted(page: Page, demo: str) -> None:
    page.goto(f"{demo}/agent.html")
    page.wait_for_function(f"{HEAD}?.diagnostics?.frames > 0")
    page.get_by_role("button", name="Ask").click()
    wait(page, "d.words > 3 && d.talking === 'speaking'")
    page.evaluate(f"window.last = ''; {HEAD}.addEventListener('word', (e) => last = e.detail.text)")
    page.get_by_role("textbox", name="Your question").fill("Again?")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_function("last === 'Again?'")
    page.get_by_role("button", name="Stop").click()
    wait(page, "d.talking === 'idle'")


def test_a_voice_answers_what_is_said_and_stops_when_somebody_speaks(page: Page, demo: str) -> None:
    page.goto(f"{demo}/voice.html")
    page.wait_for_function(f"{HEAD}?.diagnostics?.frames > 0")
    page.evaluate(f"window.broken = 0; {HEAD}.addEventListener('interrupted', () => broken++)")
    page.get_by_role("button", name="Microphone", exact=True).click()
    wait(page, "d.microphone === 'on'")
    page.evaluate("voice(0.4)")
    wait(page, "d.heard && d.talking === 'listening'")
    page.wait_for_function("performance.now() > (window.since ??= performance.now()) + 1500")
    page.evaluate("voice(0)")
    wait(page, "!d.heard && d.talking === 'speaking'")
    page.evaluate("voice(0.5)")
    page.wait_for_function("broken === 1")
    page.evaluate("voice(0)")
    wait(page, "!d.heard")
