"""The component in real pages of Gradio: Chromium draws, Python gets pictures."""

import asyncio
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from PIL import Image
from playwright.async_api import Page, expect
from tests.components.pages import SKETCH, Visit, draw, drawn
from tests.e2e.conftest import MODELS
from tests.sweep import SERVED

from livedraft.components import SketchToImage, SketchValue
from livedraft.media.codecs import probe
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
]


async def params(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(f"{SKETCH}.params")
    return found


async def test_what_is_drawn_and_refined_comes_to_python_as_pictures(visit: Visit) -> None:
    got: list[SketchValue] = []
    seen: list[str] = []

    def take(value: SketchValue) -> Image.Image | None:
        got.append(value)
        return value.image

    with gr.Blocks() as demo:
        sketch = SketchToImage(prompt="a red fox", seed=7)
        made = gr.Image(label="made", elem_id="made")
        sketch.submit(take, sketch, made)
        for name in ("ready", "stroke", "change", "submit"):
            getattr(sketch, name)(lambda name=name: seen.append(name))
    page = await visit(demo)
    await draw(page)
    await page.get_by_role("button", name="Refine").click()
    await page.locator("#made img").wait_for()
    (value,) = got
    assert value.image is not None
    assert value.sketch is not None
    assert (value.prompt, value.seed) == ("a red fox", 7)
    assert value.image.info["livedraft"]["seed"] == 7
    assert value.image.size == (512, 512)
    alpha = value.sketch.getchannel("A").getextrema()
    assert alpha[1] == 255, "the stroke is on it"
    assert {"ready", "stroke", "change", "submit"} <= set(seen)


async def test_one_model_drafts_others_finish_and_python_has_what_they_made(visit: Visit) -> None:
    got: list[SketchValue] = []
    with gr.Blocks() as demo:
        sketch = SketchToImage(model="ink", refine_model="echo", models=True)
        sketch.submit(got.append, sketch)
        done = gr.Textbox(label="made by")
        sketch.submit(lambda value: value.model, sketch, done)
    page = await visit(demo, models=("ink", "echo", SERVED))
    await expect(page.get_by_role("combobox", name="Model")).to_have_value("ink")
    await draw(page)
    await page.get_by_role("button", name="Refine").click()
    await expect(page.get_by_label("made by", exact=True)).to_have_value("echo")
    (value,) = got
    assert value.image is not None
    assert (value.model, value.image.info["livedraft"]["model"]) == ("echo", "echo")
    await page.evaluate(f"{SKETCH}.refineModel = 'sweep'")  # which makes a film of it
    await page.get_by_role("button", name="Refine").click()
    await expect(page.get_by_label("made by", exact=True)).to_have_value("sweep")
    await expect(page.locator("livedraft-sketch video")).to_be_visible()
    (_, value) = got
    assert (value.model, value.image) == ("sweep", None)
    assert value.film is not None
    recipe = probe(value.film.read_bytes()).recipe
    assert recipe is not None
    assert recipe["model"] == "sweep"


async def test_python_sets_params_and_drawing(visit: Visit) -> None:
    cleared: list[bool] = []
    with gr.Blocks() as demo:
        sketch = SketchToImage(prompt="a red fox", seed=7)
        name, fill, empty = gr.Button("name"), gr.Button("fill"), gr.Button("empty")
        name.click(lambda: SketchToImage(prompt="a whale"), None, sketch, show_progress="hidden")
        fill.click(
            lambda: {"sketch": Image.new("RGBA", (64, 64), "black"), "seed": 9},
            None,
            sketch,
            show_progress="hidden",
        )
        empty.click(lambda: None, None, sketch, show_progress="hidden")
        sketch.clear(lambda: cleared.append(True))
    page = await visit(demo)
    await page.get_by_role("button", name="name").click()
    await page.wait_for_function(f'{SKETCH}.params.prompt === "a whale"')
    assert (await params(page))["seed"] == 7
    assert not await drawn(page)
    await page.get_by_role("button", name="fill").click()
    await page.wait_for_function(f"!{SKETCH}.value.empty && {SKETCH}.params.seed === 9")
    await page.get_by_role("button", name="empty").click()
    await page.wait_for_function(f"{SKETCH}.value.empty")
    assert cleared == [], "nobody cleared it by hand"


async def test_an_example_brings_its_sketch_and_its_prompt(visit: Visit) -> None:
    with gr.Blocks() as demo:
        sketch = SketchToImage()
        example = {"sketch": Image.new("RGBA", (64, 64), "black"), "prompt": "orange cat"}
        gr.Examples([[example]], sketch)
    page = await visit(demo)
    await page.get_by_role("img", name="orange cat").click()
    await page.wait_for_function(
        f'!{SKETCH}.value.empty && {SKETCH}.params.prompt === "orange cat"'
    )


async def test_a_drawing_outlives_tabs_and_renderings(visit: Visit) -> None:
    with gr.Blocks() as demo:
        again = gr.Button("again")
        with gr.Tab("draw"):

            @gr.render(triggers=[demo.load, again.click])  # type: ignore[untyped-decorator]  # Gradio has no types
            def show() -> None:
                SketchToImage(elem_id="sheet")  # a new one each time, of the same name

        with gr.Tab("other"):
            gr.Markdown("nothing")
    page = await visit(demo)
    await page.wait_for_function(f'{SKETCH}.shadowRoot.querySelector("[data-state=open]") !== null')
    await draw(page)
    await page.wait_for_function(f"{SKETCH}.value.frame !== null")
    await page.get_by_role("tab", name="other").click()
    await expect(page.get_by_text("nothing")).to_be_visible()
    await page.get_by_role("tab", name="draw").click()
    assert await drawn(page)
    await page.evaluate(f"{SKETCH}.marked = true")
    await page.get_by_role("button", name="again").click()
    await page.wait_for_function(f"{SKETCH} && !{SKETCH}.marked && !{SKETCH}.value.empty")


async def test_a_mask_goes_to_the_page_and_comes_back_with_what_it_left(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(MODELS)
    got: list[SketchValue] = []

    def take(value: SketchValue) -> Image.Image | None:
        got.append(value)
        return value.image

    half = Image.new("L", (256, 256))
    half.paste(255, (0, 0, 128, 256))
    given = SketchValue(Image.new("RGB", (256, 256), "navy"), Image.new("RGB", (256, 256), "navy"))
    with gr.Blocks() as demo:
        sketch = SketchToImage(replace(given, mask=half), model="retouch", prompt="red")
        made = gr.Image(elem_id="made")
        sketch.submit(take, sketch, made)
    page = await visit(demo, models=["retouch"])
    await expect(page.get_by_role("group", name="Mask")).to_be_visible()
    await page.wait_for_function(
        f"{SKETCH}.diagnostics.masked && {SKETCH}.diagnostics.settled && {SKETCH}.value.frame"
    )
    await page.get_by_role("button", name="Refine", exact=True).click()
    await page.locator("#made img").wait_for()
    (value,) = got
    assert value.image is not None
    assert value.mask is not None
    red, kept = (value.image.convert("RGB").getpixel((x, 128)) for x in (64, 192))
    assert (red, kept) == ((255, 0, 0), (0, 0, 128))
    width, height = value.mask.size
    left, right = (value.mask.convert("L").getpixel((width * n // 4, height // 2)) for n in (1, 3))
    assert (left, right) == (255, 0)


async def test_a_form_finds_the_value_current(visit: Visit) -> None:
    demo = gr.Interface(
        lambda value: (value.image, f"drawn {value.sketch.size} {value.prompt}"),
        SketchToImage(prompt="a red fox", label="Sketch"),
        [gr.Image(label="made"), gr.Textbox(label="said")],
        flagging_mode="never",
    )
    page = await visit(demo)
    async with page.expect_response(lambda response: "/upload" in response.url):
        await draw(page)  # the value follows when the pen rests
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_label("said")).to_have_value("drawn (512, 512) a red fox")


async def test_it_is_called_from_python_without_a_page(tmp_path: Any) -> None:
    Image.new("RGBA", (64, 64), "red").save(tmp_path / "red.png")
    with gr.Blocks() as demo:
        sketch, said = SketchToImage(label="Sketch"), gr.Textbox()
        sketch.submit(
            lambda value: f"{value.sketch.size} {value.prompt}", sketch, said, api_name="take"
        )
    server = launch(demo, models=["echo"], port=0, prevent_thread_lock=True)
    with server:
        client = await asyncio.to_thread(Client, server.url, verbose=False)
        value = {"sketch": handle_file(str(tmp_path / "red.png")), "prompt": "a red fox"}
        answer = await asyncio.to_thread(client.predict, value, api_name="/take")
        client.close()
    assert answer == "(64, 64) a red fox"


async def test_two_in_a_row_stand_below_each_other_on_a_phone(visit: Visit) -> None:
    with gr.Blocks() as demo, gr.Row():
        SketchToImage()
        SketchToImage()
    page = await visit(demo)
    await page.set_viewport_size({"width": 390, "height": 844})
    both = page.locator("livedraft-sketch")
    await expect(both).to_have_count(2)
    await page.wait_for_function(
        """() => { const [a, b] = [...document.querySelectorAll('livedraft-sketch')]
        .map((each) => each.getBoundingClientRect());
        return b.top >= a.bottom && a.width >= 280 && b.right <= innerWidth; }"""
    )
