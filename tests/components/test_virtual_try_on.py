"""The try-on's component as Gradio's Python side sees it: SKUs, and no visitor's picture."""

from __future__ import annotations

import base64
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image
from playwright.async_api import async_playwright

from livedraft.components import TryOnValue, VirtualTryOn
from livedraft.components.garments import MOST_BYTES
from livedraft.media.images import encode
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

TEE = Image.new("RGBA", (1200, 900), (200, 30, 30, 128))
SHOP: list[dict[str, Any]] = [
    {"sku": "tee-1", "image": TEE, "category": "upper", "title": "Tee & more", "price": "19 €"},
    {"sku": "jeans-1", "image": "https://shop.example/jeans.png", "category": "lower"},
]


def attribute(made: VirtualTryOn, name: str) -> str:
    (found,) = re.findall(rf' {name}="([^"]*)"', made.get_config()["html_template"])
    return unescape(found)


def picture(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


async def test_the_page_gets_the_element_with_all_that_was_asked() -> None:
    made = VirtualTryOn(
        "tee-1", garments=SHOP, refine_model="washed", lang="de", mirror=False, limit="20 per day"
    )
    config = made.get_config()
    html = config["html_template"]
    for each in ("<livedraft-tryon", 'model="tryon"', 'lang="de"', 'mirror="off"'):
        assert each in html
    assert attribute(made, "refine-model") == "washed"
    assert attribute(made, "limit") == "20 per day"
    tee, jeans = json.loads(attribute(made, "garments"))
    assert (tee["sku"], tee["title"], tee["price"]) == ("tee-1", "Tee & more", "19 €")
    assert jeans["image"] == "https://shop.example/jeans.png", "an address stays one"
    assert config["value"] == {"skus": ["tee-1"], "params": {}}


async def test_pictures_are_in_the_page_small_transparent_and_without_their_metadata(
    tmp_path: Path,
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    TEE.convert("RGB").save(tmp_path / "tee.jpg", exif=exif)
    sources = [TEE, tmp_path / "tee.jpg", str(tmp_path / "tee.jpg"), encode(TEE)]
    shop = [{"sku": str(number), "image": each} for number, each in enumerate(sources)]
    made = VirtualTryOn(garments=shop)
    small = [picture(each["image"]) for each in made.garments]
    assert [each.size for each in small] == [(768, 576)] * 4
    assert [each.mode for each in small] == ["RGBA", "RGB", "RGB", "RGBA"]
    assert all(b"at home" not in base64.b64decode(g["image"][22:]) for g in made.garments)


async def test_no_path_of_the_server_goes_to_a_page(tmp_path: Path) -> None:
    path = tmp_path / "secret_folder" / "tee.png"
    path.parent.mkdir()
    TEE.save(path)
    shop = [{"sku": "tee", "image": path}]
    with gr.Blocks() as demo:
        made = VirtualTryOn(garments=shop, person=str(path))
    again = VirtualTryOn(**VirtualTryOn.recover_kwargs(made.get_config()))
    for config in (demo.get_config_file(), made.constructor_args, again.get_config()):
        assert "secret_folder" not in str(config)
    assert again.garments == made.garments
    assert again.person == made.person


async def test_an_update_from_python_shows_pictures_and_no_paths(tmp_path: Path) -> None:
    TEE.save(tmp_path / "tee.png")
    update = VirtualTryOn(garments=[{"sku": "new", "image": tmp_path / "tee.png"}])
    sent = update.constructor_args
    assert sent["garments"][0]["image"].startswith("data:image/webp;base64,")
    assert VirtualTryOn(value="anything").value == {"skus": ["anything"], "params": {}}


WRONG: dict[str, tuple[Any, str]] = {
    "no map": (["tee.png"], "not a map"),
    "no SKU": ([{"image": TEE}], "has no SKU"),
    "no image": ([{"sku": "a"}], "has no image"),
    "no such file": ([{"sku": "a", "image": "nowhere.png"}], "garment 'a'"),
    "no picture": ([{"sku": "a", "image": 3}], "not a picture"),
    "two of a SKU": ([{"sku": "a", "image": TEE}] * 2, "two garments have the SKU 'a'"),
    "a slip": ([{"sku": "a", "image": TEE, "categry": "upper"}], "did you mean 'category'"),
    "a category": ([{"sku": "a", "image": TEE, "category": "uper"}], "did you mean 'upper'"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_garment_is_told_with_what_to_do(name: str) -> None:
    shop, message = WRONG[name]
    with pytest.raises(gr.Error, match=message):
        VirtualTryOn(garments=shop)


async def test_pictures_that_would_make_a_page_heavy_are_refused() -> None:
    heavy = "data:image/png;base64," + "A" * (MOST_BYTES // 2)
    shop = [{"sku": str(number), "image": heavy} for number in range(3)]
    with pytest.raises(gr.Error, match="give their addresses"):
        VirtualTryOn(garments=shop)


@pytest.mark.parametrize(
    "given",
    [
        "tee-1",
        ["tee-1"],
        ("tee-1",),
        {"skus": ["tee-1"]},
        {"skus": "tee-1"},
        TryOnValue(("tee-1",)),
    ],
    ids=str,
)
async def test_a_function_may_say_what_is_worn_in_several_ways(given: Any) -> None:
    assert VirtualTryOn(garments=SHOP).postprocess(given) == {"skus": ["tee-1"], "params": {}}


async def test_a_function_gets_skus_and_params() -> None:
    made = VirtualTryOn(garments=SHOP)
    value = made.preprocess({"skus": ["tee-1", "jeans-1"], "params": {"category": "upper"}})
    assert value == TryOnValue(("tee-1", "jeans-1"), {"category": "upper"})
    assert value.sku == "tee-1"
    assert made.preprocess(None) is None
    assert made.preprocess({"skus": []}).sku is None


async def test_nothing_of_a_body_reaches_a_function_whoever_sends_it() -> None:
    body = {"joints": {"nose": [0.5, 0.2]}, "points": {"hem_l": [0, 1]}, "subject": [0.1, 0.2]}
    value = VirtualTryOn(garments=SHOP).preprocess({"skus": ["tee-1"], "params": body})
    assert value == TryOnValue(("tee-1",))


ODD: dict[str, tuple[Any, str]] = {
    "another SKU": ({"skus": ["tee-2"]}, "did you mean 'tee-1'"),
    "too many": ({"skus": ["tee-1", "jeans-1", "tee-1"]}, "3 garments at once"),
    "numbers": ({"skus": [1]}, "SKUs are texts"),
    "a picture": ({"image": {"path": "/etc/passwd", "meta": {}}}, "what is worn"),
    "a file": (
        {"params": {"x": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}}},
        "names a file",
    ),
    "a number": (3, "what is worn"),
}


@pytest.mark.parametrize("name", ODD)
async def test_what_a_client_may_not_say_is_refused(name: str) -> None:
    given, message = ODD[name]
    with pytest.raises(gr.Error, match=message):
        VirtualTryOn(garments=SHOP).preprocess(given)


async def test_an_api_client_reads_what_to_send() -> None:
    made = VirtualTryOn(garments=SHOP)
    assert made.api_info()["properties"].keys() == {"skus", "params"}
    assert made.preprocess(made.example_payload()) == TryOnValue(("tee-1",))


async def test_a_table_of_examples_shows_garments() -> None:
    html = VirtualTryOn(garments=SHOP).process_example("tee-1")
    assert "Tee &amp; more" in html
    assert "data:image/webp;base64," in html
    assert VirtualTryOn(garments=SHOP).process_example(None) == ""


async def test_python_changes_the_garments_and_what_is_worn_in_the_page(
    tmp_path: Path, chromium_path: str | None, chromium_args: list[str]
) -> None:
    TEE.save(tmp_path / "tee.png")
    new = [{"sku": "new-1", "image": tmp_path / "tee.png", "category": "upper"}]
    with gr.Blocks() as demo:
        made = VirtualTryOn("tee-1", garments=SHOP)
        change = gr.Button("change")
        change.click(lambda: VirtualTryOn(garments=new), None, made, show_progress="hidden")
        wear = gr.Button("wear")
        wear.click(lambda: "new-1", None, made, show_progress="hidden")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=chromium_args
        )
        page = await browser.new_page()
        with launch(demo, models=["echo"], port=0, prevent_thread_lock=True) as server:
            await page.goto(server.url, wait_until="domcontentloaded")
            tile = page.locator("livedraft-tryon [role=option][aria-selected=true]")
            await tile.filter(has_text="Tee & more").wait_for()
            await page.get_by_role("button", name="change").click()
            offered = "document.querySelector('livedraft-tryon').garments.map(({sku}) => sku)"
            await page.wait_for_function(f"{offered}.join() === 'new-1'")
            await page.get_by_role("button", name="wear").click()
            await tile.filter(has_text="new-1").wait_for()
            offered = "document.querySelector('livedraft-tryon').garments[0].image"
            assert (await page.evaluate(offered)).startswith("data:image/webp;base64,")
            assert str(tmp_path) not in await page.content()
        await browser.close()
