"""What Python programs send to the component through Gradio, and what they get."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from livedraft.client.frame import save
from livedraft.components import SketchToImage, SketchValue
from livedraft.media.recipes import with_recipe
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

RECIPE = {"seed": 7, "params": {"prompt": "a réd fox"}}
# What the element writes holds the drawing too; JPEG has no room for that.
WHOLE = {**RECIPE, "inputs": {"sketch": "x" * 80_000}, "strokes": [[1, 2]] * 5_000}


def took(value: SketchValue) -> str:
    assert value.sketch is not None
    return f"{value.sketch.size} {value.prompt}"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    with gr.Blocks() as demo:
        sketch, said = SketchToImage(label="Sketch"), gr.Textbox()
        shown = [gr.Image(), gr.Image(format="png"), gr.Image(format="jpeg"), gr.Gallery()]
        sketch.submit(took, sketch, said, api_name="take")
        sketch.change(
            lambda value: (value.image, value.image, value.image, [value.image]),
            sketch,
            shown,
            api_name="show",
        )
    with launch(demo, models=["echo"], port=0, prevent_thread_lock=True) as server:
        client = await asyncio.to_thread(
            Client, server.url, verbose=False, download_files=False, httpx_kwargs={"timeout": 60}
        )
        yield client
        client.close()


async def asked(client: Client, name: str, value: Any) -> Any:
    return await asyncio.to_thread(client.predict, value, api_name=name)


@pytest.fixture
def red(tmp_path: Path) -> str:
    Image.new("RGBA", (64, 48), "red").save(tmp_path / "red.png")
    return str(tmp_path / "red.png")


async def test_a_file_alone_is_the_sketch(client: Client, red: str) -> None:
    assert await asked(client, "/take", handle_file(red)) == "(64, 48) "
    value = {"sketch": handle_file(red), "prompt": "a fox"}
    assert await asked(client, "/take", value) == "(64, 48) a fox"


async def test_what_is_no_file_is_told_what_to_send(client: Client, red: str) -> None:
    for value in (red, {"sketch": red}, {"sketch": 7}, [red], {"sketch": {"path": red}}):
        with pytest.raises(AppError, match=r"is no file.*handle_file\(path\)"):
            await asked(client, "/take", value)
    with pytest.raises(AppError, match=r"seed: .*integer"):
        await asked(client, "/take", {"sketch": handle_file(red), "seed": "x"})


@pytest.mark.parametrize("name", ["exif6.jpg", "gray16.png"])
async def test_pictures_of_all_kinds_come_out_right(
    client: Client, tmp_path: Path, name: str
) -> None:
    if name == "exif6.jpg":  # a camera held upright: 60 × 40 px as stored
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new("RGB", (60, 40), "red").save(tmp_path / name, exif=exif)
    else:
        Image.new("I;16", (40, 60), 65535).save(tmp_path / name)
    value = SketchToImage(render=False).postprocess(tmp_path / name)
    assert value is not None
    assert value.sketch is not None
    with Image.open(value.sketch.path) as image:
        shown = image.convert("RGB")
    pixel = shown.getpixel((20, 30))
    assert shown.size == (40, 60)
    assert isinstance(pixel, tuple)
    assert pixel[0] > 250, "16 bits were brought to 8, not cut"
    assert await asked(client, "/take", handle_file(str(tmp_path / name))) == "(40, 60) "


async def test_the_recipe_survives_what_gradio_encodes(client: Client, tmp_path: Path) -> None:
    made = Image.new("RGB", (64, 64), "red")
    made.info["livedraft"] = WHOLE
    save(made, tmp_path / "made.png")
    answer = await asked(client, "/show", {"image": handle_file(str(tmp_path / "made.png"))})
    files = [*answer[:3], answer[3][0]["image"]]
    kinds = []
    for file in files:
        data = httpx.get(file["url"]).content
        image = Image.open(io.BytesIO(data))
        kinds.append(image.format)
        expected = RECIPE if image.format == "JPEG" else WHOLE
        assert with_recipe(image).info["livedraft"] == expected
    assert kinds == ["WEBP", "PNG", "JPEG", "WEBP"]


async def test_a_picture_of_a_value_is_saved_with_its_recipe_by_pillow(tmp_path: Path) -> None:
    made = Image.new("RGB", (8, 8), "red")
    made.info["livedraft"] = RECIPE
    sketch = SketchToImage(render=False)
    data = sketch.postprocess(SketchValue(image=made))
    value = sketch.preprocess(data)
    assert value is not None
    assert value.image is not None
    for name in ("a.png", "a.jpg", "a.webp", "a.bmp"):
        value.image.save(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            found = with_recipe(image).info.get("livedraft")
        assert found == (RECIPE if name != "a.bmp" else None)
