"""``<livedraft-sketch>`` saves the largest picture that the model makes, with its recipe."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from tests.e2e.sheet import (
    EL,
    INK,
    Open,
    drawn,
    prompt,
    stroke,
    wait_dark,
    wait_light,
)

from livedraft.media.recipes import read_recipe


def save(page: Page, file: Path) -> Image.Image:
    """Press the button and return the file as Pillow reads it."""
    with page.expect_download() as download:
        page.get_by_label("Download").click()
    download.value.save_as(file)
    image = Image.open(file)
    image.load()
    return image


def test_it_is_painted_large_and_sharp_with_its_recipe(
    open_page: Open, paintbox: str, tmp_path: Path
) -> None:
    page = drawn(open_page, paintbox, "error")
    prompt(page).fill("a Füchslein 狐")
    page.evaluate(f"{EL}.params = {{ palette: ['#e5484d'], loras: {{ wood: 0.5 }}, seed: 7 }}")
    page.wait_for_function("heard.change.at(-1).seed === 7")
    image = save(page, tmp_path / "large.png")
    assert (image.size, image.mode) == ((1024, 1024), "RGBA")
    assert image.getpixel((512, 100)) == (229, 72, 77, 0), "the ground stays transparent"
    assert image.getpixel((512, 512)) == (229, 72, 77, 255)
    column = image.getchannel("A").crop((512, 0, 513, 1024)).tobytes()
    soft = sum(0 < each < 255 for each in column)
    assert soft <= 4, "the lines are those of a drawing of this size, not of a small one"
    text = image.info["livedraft"]
    assert isinstance(text, str)
    recipe = json.loads(text)
    assert recipe == read_recipe(image)
    assert (recipe["model"], recipe["stage"], recipe["seed"]) == ("paintbox", "final", 7)
    assert recipe["livedraft"]
    assert recipe["params"]["prompt"] == "a Füchslein 狐"
    assert recipe["params"]["size"] == 1024
    assert recipe["params"]["loras"] == {"wood": 0.5}
    (line,) = recipe["strokes"]
    assert line["points"][0][:2] == [0.2, 0.5]
    assert recipe["inputs"]["sketch"].startswith("data:image/png;base64,")


def test_a_saved_picture_brings_back_strokes_and_params(
    open_page: Open, paintbox: str, tmp_path: Path
) -> None:
    page = drawn(open_page, paintbox, "error")
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    prompt(page).fill("round trip")
    page.evaluate(f"{EL}.params = {{ palette: ['#3b82f6'] }}")
    page.wait_for_function("heard.change.at(-1).params.palette.length === 1")
    file = tmp_path / "again.png"
    save(page, file)
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("")
    page.evaluate(f"{EL}.params = {{ palette: [] }}")
    page.locator(".tools input[type=file]").set_input_files(file)
    page.wait_for_function(f"{EL}.params.prompt === 'round trip'")
    assert page.evaluate(f"{EL}.params.palette") == ["#3b82f6"]
    assert page.evaluate(f"{EL}.params.size") == 512, "the file's size is no wish for the next"
    wait_dark(page, INK, 0.5, 0.25)
    page.get_by_label("Undo").click()
    wait_light(page, INK, 0.5, 0.25)
    wait_dark(page, INK, 0.3, 0.5)


def test_one_that_is_large_already_is_not_painted_again(
    open_page: Open, paintbox: str, tmp_path: Path
) -> None:
    page = drawn(open_page, paintbox, "error")
    save(page, tmp_path / "first.png")
    last = page.evaluate(f"{EL}.diagnostics.sent")
    save(page, tmp_path / "second.png")
    assert page.evaluate(f"{EL}.diagnostics.sent") == last
    page.evaluate(f"{EL}.params = {{ prompt: 'another' }}")
    image = save(page, tmp_path / "third.png")
    assert json.loads(image.info["livedraft"])["params"]["prompt"] == "another"


def test_it_can_be_called_off(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "error")
    page.evaluate(f"{EL}.params = {{ final_s: 8 }}")
    page.get_by_label("Download").click()
    page.get_by_text("Painting 1024 px").wait_for()
    assert page.get_by_role("progressbar", name="Refining").is_visible()
    assert page.get_by_label("Download").is_disabled()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Painting 1024 px").wait_for(state="hidden")
    assert page.get_by_label("Download").is_enabled()
    assert page.evaluate("heard.error.length") == 0


def test_who_draws_on_is_told_that_nothing_was_saved(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "error")
    page.evaluate(f"{EL}.params = {{ final_s: 8 }}")
    page.get_by_label("Download").click()
    page.get_by_text("Painting 1024 px").wait_for()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    note = page.get_by_role("alert")
    note.wait_for()
    assert "not saved" in note.inner_text()
