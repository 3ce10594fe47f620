"""The camera's component: as Gradio's Python side sees it, and in a page with a fake camera."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import gradio as gr
import pytest
from playwright.async_api import Page, async_playwright
from tests.e2e.camera.film import FAKE_DEVICES

from livedraft.components import LiveVideo, SketchToImage
from livedraft.errors import InvalidParams
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]
CAMERA = 'document.querySelector("livedraft-camera")'


@pytest.fixture
async def page(chromium_path: str | None, chromium_args: list[str]) -> AsyncIterator[Page]:
    """Give a page with a camera that shows a clock on green; any error on it fails the test."""
    said: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=[*chromium_args, *FAKE_DEVICES]
        )
        context = await browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            yield page
        finally:
            await browser.close()
    assert said == []


def html_of(demo: gr.Blocks) -> str:
    (found,) = [c for c in demo.get_config_file()["components"] if "livedraft" in str(c["props"])]
    html: str = found["props"]["html_template"]
    return html


async def test_the_page_gets_the_element_with_all_that_was_asked() -> None:
    with gr.Blocks() as demo:
        LiveVideo(
            model="loopback",
            source="screen",
            transport="auto",
            mirror=False,
            muted=True,
            delay_ms=250,
        )
    html = html_of(demo)
    for attribute in (
        'model="loopback"',
        'source="screen"',
        'transport="auto"',
        'mirror="off"',
        'muted=""',
    ):
        assert f" {attribute}" in html
    (params,) = re.findall(r' params="([^"]*)"', html)
    assert json.loads(unescape(params)) == {"delay_ms": 250}


async def test_params_of_any_name_survive_when_gradio_makes_a_component_anew() -> None:
    made = LiveVideo(delay_ms=250, muted=True, params={"height": 3, "padding": 4, "delay_ms": 1})
    again = LiveVideo(**LiveVideo.recover_kwargs(made.get_config()))
    assert again.params == made.params == {"delay_ms": 250, "height": 3, "padding": 4}
    assert (again.height, again.muted) == (None, True)


async def test_params_that_the_model_does_not_take_are_refused_before_it_is_served() -> None:
    with gr.Blocks() as demo:
        LiveVideo(model="loopback", delay=250)
    with pytest.raises(InvalidParams) as caught:
        launch(demo, models=["loopback"], port=0, prevent_thread_lock=True)
    assert caught.value.fix == "did you mean 'delay_ms'?"


async def test_no_param_names_a_file() -> None:
    named = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    for work in (LiveVideo().preprocess, LiveVideo().postprocess):
        with pytest.raises((gr.Error, InvalidParams), match="names a file"):
            work({"delay_ms": named})
    with pytest.raises(gr.Error, match="none that was uploaded"):
        await LiveVideo().async_move_resource_to_block_cache("/etc/passwd")


async def test_the_camera_comes_back_and_python_hears_of_it(page: Page) -> None:
    """Beside a drawing on the same page, each with a model of its own."""
    got: list[Any] = []
    with gr.Blocks() as demo:
        SketchToImage(model="echo")
        video = LiveVideo(model="loopback", delay_ms=40, label="Camera")
        later = gr.Button("later")
        later.click(lambda: LiveVideo(delay_ms=200), None, video, show_progress="hidden")
        params = gr.JSON(elem_id="params")
        video.ready(lambda value: got.append(("ready", value)), video, None)
        video.start(lambda: got.append("start"))
        video.stop(lambda value: value, video, params)
    models = ["echo", "loopback"]
    with launch(demo, models=models, port=0, prevent_thread_lock=True, token="hush") as server:
        await page.goto(server.url, wait_until="domcontentloaded")
        await page.get_by_role("group", name="Camera").get_by_role("button", name="Start").click()
        await page.evaluate(f"window.shown = 0; {CAMERA}.addEventListener('frame', () => shown++)")
        await page.wait_for_function("shown > 5")
        assert (await page.evaluate(f"{CAMERA}.params"))["delay_ms"] == 40
        await page.get_by_role("button", name="later").click()
        await page.wait_for_function(f"{CAMERA}.params.delay_ms === 200")
        await page.get_by_role("button", name="Stop").click()
        await page.locator("#params").get_by_text("200").wait_for()
        await page.goto("about:blank")
    assert ("ready", {"delay_ms": 40}) in got
    assert "start" in got
