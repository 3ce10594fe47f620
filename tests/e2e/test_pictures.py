"""``<livedraft-sketch>``: final pictures with their recipes, and pictures that come in."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from tests.e2e.sheet import (
    EL,
    INK,
    LINE,
    PICTURE,
    Open,
    listen,
    pixel,
    prompt,
    stroke,
    wait_dark,
    wait_light,
)

from livedraft.media.images import encode
from livedraft.media.recipes import read_recipe


def test_a_refined_picture_carries_its_recipe(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "submit")
    stroke(page, *LINE)
    prompt(page).fill("a refined cat")
    page.get_by_role("button", name="Refine").click()
    page.wait_for_function("heard.submit.length === 1")
    shot = page.evaluate("""async () => {
        const { image, sketch, ...rest } = heard.submit[0];
        const bytes = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
        return { ...rest, image: await bytes(image), sketch: await bytes(sketch) }; }""")
    image = Image.open(io.BytesIO(bytes(shot["image"])))
    image.load()
    recipe = read_recipe(image)
    assert recipe is not None
    assert recipe["stage"] == "final"
    assert recipe["model"] == "echo"
    assert recipe["params"]["prompt"] == "a refined cat" == shot["params"]["prompt"]
    assert recipe["seed"] == 42 == shot["seed"]
    assert recipe["inputs"]["sketch"].startswith("data:image/png;base64,")
    assert Image.open(io.BytesIO(bytes(shot["sketch"]))).mode == "RGBA"


def test_it_refines_by_itself_when_the_pen_rests(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "change", "submit")
    page.evaluate(f"{EL}.setAttribute('refine-when', 'rest')")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.at(-1)?.stage === 'final'")
    assert page.evaluate("heard.submit.length") == 0


def test_kept_pictures_bring_back_drawing_and_params(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    prompt(page).fill("the first")
    page.wait_for_function(f"{EL}.value.frame?.id && {EL}.params.prompt === 'the first'")
    page.get_by_role("button", name="Refine").click()
    kept = page.locator(".kept button")
    kept.wait_for()
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("the second")
    stroke(page, (0.5, 0.1), (0.5, 0.3))
    kept.click()
    wait_dark(page, PICTURE, 0.5, 0.5)
    wait_light(page, INK, 0.5, 0.2)
    assert prompt(page).input_value() == "the first"
    for _ in range(2):  # the kept stroke, and the clearing before it
        page.get_by_label("Undo").click()
    wait_dark(page, INK, 0.5, 0.2)


def test_a_downloaded_picture_opens_as_it_was(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    listen(page, "change")
    prompt(page).fill("round trip")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'round trip'")
    with page.expect_download() as download:
        page.get_by_label("Download").click()
    file = tmp_path / "round-trip.png"
    download.value.save_as(file)
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("")
    page.locator(".tools input[type=file]").set_input_files(file)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.params.prompt === 'round trip'")
    assert pixel(page, INK, 0.5, 0.2)[3] == 0, "the drawing came back, not the opaque picture"


def test_a_saved_photograph_comes_back_for_python_and_for_the_paper(
    open_page: Open, url: str, tmp_path: Path
) -> None:
    """Its recipe is of some MiB."""
    page = open_page(url, device_scale_factor=2)
    photo, saved = tmp_path / "photo.png", tmp_path / "saved.png"
    noise = np.random.default_rng(7).integers(0, 256, (1024, 1024, 3), np.uint8)
    noise[300:724, 300:724] = 0
    Image.fromarray(noise).save(photo)
    listen(page, "change")
    opened = page.locator(".tools input[type=file]")
    opened.set_input_files(photo)
    wait_dark(page, PICTURE, 0.5, 0.5)
    prompt(page).fill("a photograph")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'a photograph'")
    before = pixel(page, INK, 0.1, 0.1)
    with page.expect_download() as download:
        page.get_by_label("Download").click()
    download.value.save_as(saved)
    with Image.open(saved) as image:
        recipe = read_recipe(image)
    assert recipe is not None
    assert recipe["params"]["prompt"] == "a photograph"
    assert len(recipe["inputs"]["sketch"]) > 2 * 2**20
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("")
    opened.set_input_files(saved)
    wait_dark(page, INK, 0.5, 0.5)
    page.wait_for_function(f"{EL}.params.prompt === 'a photograph'")
    assert pixel(page, INK, 0.1, 0.1) == before, "the photograph itself, to the byte"


def test_a_picture_becomes_the_sketch(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    file = tmp_path / "black.png"
    file.write_bytes(encode(Image.new("RGB", (40, 80), "black")))
    page.locator(".tools input[type=file]").set_input_files(file)
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert pixel(page, INK, 0.1, 0.5)[3] == 0, "fitted, not stretched"


def test_no_picture_is_refused_with_a_fix(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    file = tmp_path / "broken.png"
    file.write_bytes(encode(Image.new("RGB", (64, 64)))[:60])
    page.locator(".tools input[type=file]").set_input_files(file)
    note = page.get_by_role("alert")
    note.wait_for()
    assert "damaged" in note.inner_text()
    assert not page.evaluate(f"{EL}.value.empty")
    page.get_by_label("Dismiss").click()
    note.wait_for(state="hidden")
