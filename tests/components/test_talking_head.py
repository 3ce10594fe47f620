"""The talking head's component: as Gradio's Python side sees it, and in a page that speaks."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright
from tests.components.test_live_video import html_of
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.head.test_listening import VOICE

from livedraft.components import TalkingHead
from livedraft.errors import InvalidParams
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]
HEAD = 'document.querySelector("livedraft-head")'
MODELS = Path(__file__).parents[1] / "e2e/head/models"


@pytest.fixture
async def page(chromium_path: str | None, chromium_args: list[str]) -> AsyncIterator[Page]:
    """Give a page with a microphone that is as loud as the test says."""
    said: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=[*chromium_args, *FAKE_DEVICES]
        )
        page = await browser.new_page()
        await page.add_init_script(f"({VOICE})()")
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            yield page
        finally:
            await browser.close()
    assert said == []


async def test_the_page_gets_the_element_with_all_that_was_asked() -> None:
    with gr.Blocks() as demo:
        TalkingHead(avatar="kofi", voice="en-GB", listen=True, captions=False, badge=False)
    html = html_of(demo)
    for attribute in ('avatar="kofi"', 'voice="en-GB"', 'listen=""', 'captions="off"'):
        assert f" {attribute}" in html
    assert ' badge="off"' in html
    assert ' model="head"' in html


@pytest.mark.parametrize(
    ("given", "fix"), [({"avatar": "amir"}, "amira"), ({"voice": "en-Us"}, "en-US")]
)
async def test_a_face_or_voice_that_is_none_is_refused_before_it_is_served(
    given: dict[str, Any], fix: str
) -> None:
    with gr.Blocks() as demo:
        TalkingHead(**given)
    with pytest.raises(InvalidParams) as caught:
        launch(demo, models=["head"], port=0, prevent_thread_lock=True)
    assert fix in f"{caught.value.message} {caught.value.fix}"


async def test_a_portrait_needs_consent() -> None:
    face = Image.new("RGB", (64, 64), "red")
    with pytest.raises(gr.Error, match="needs consent"):
        TalkingHead(portrait=face)
    with gr.Blocks() as demo:
        TalkingHead(portrait=face, consent=True)
    assert ' portrait="data:image/' in html_of(demo)
    assert ' consent=""' in html_of(demo)


async def test_a_text_that_is_said_twice_is_told_apart_and_survives_being_made_anew() -> None:
    first, second = TalkingHead(say="Hello"), TalkingHead(say="Hello")
    assert first.say != second.say
    assert TalkingHead(**TalkingHead.recover_kwargs(first.get_config())).say == first.say


async def test_python_has_it_speak_and_hears_what_was_said_to_it(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(MODELS)  # an installed package with an entry point
    heard: list[Any] = []
    states: list[str] = []

    def answer(event: gr.EventData) -> TalkingHead:
        pcm = np.frombuffer(base64.b64decode(event.pcm), "<i2")
        heard.append((len(pcm), event.rate))
        return TalkingHead(say="I heard you.")

    def told(event: gr.EventData) -> None:
        states.append(event.state)

    with gr.Blocks() as demo:
        head = TalkingHead(say="Welcome here.", listen=True, label="Agent")
        head.utterance(answer, None, head, show_progress="hidden")
        head.state(told, None, None)
        gr.Button("again").click(lambda: TalkingHead(avatar="kofi", say="Again."), None, head)
    with launch(demo, models=["puppet"], port=0, prevent_thread_lock=True, token="hush") as server:
        await page.goto(server.url, wait_until="domcontentloaded")
        await page.locator("livedraft-head").wait_for()
        await page.wait_for_function(f"{HEAD}.diagnostics.words === 2")
        await page.get_by_role("button", name="again").click()
        await page.wait_for_function(f"{HEAD}.diagnostics.words === 3")
        assert (await page.evaluate(f"{HEAD}.params"))["avatar"] == "kofi"
        await page.wait_for_function(f"{HEAD}.diagnostics.talking === 'idle'")
        await page.get_by_role("button", name="Microphone", exact=True).click()
        await page.wait_for_function(f"{HEAD}.diagnostics.microphone === 'on'")
        await page.evaluate("voice(0.4)")
        await page.wait_for_function(f"{HEAD}.diagnostics.heard")
        await page.evaluate("voice(0)")
        await page.wait_for_function(f"{HEAD}.diagnostics.words === 6")
        await page.goto("about:blank")
    [(count, rate)] = heard
    assert "speaking" in states
    assert rate == 24_000
    assert count > 5_000
