"""``<livedraft-sketch>``: the palette and the LoRAs reach the model as they are changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page
from tests.e2e.sheet import (
    EL,
    LINE,
    PHONE,
    PICTURE,
    Open,
    drawn,
    faults_to_hit,
    listen,
    pixel,
    stroke,
)

from livedraft.media.images import encode

RED, YELLOW, BLUE = "#e5484d", "#f6c744", "#3b82f6"


def palette(page: Page) -> list[str]:
    found: list[str] = page.evaluate(f"{EL}.params.palette")
    return found


def swatches(page: Page) -> list[str]:
    """Return the labels of the colours, as a screen reader says them."""
    return [str(each.get_attribute("aria-label")) for each in page.locator(".hue:visible").all()]


def wait_palette(page: Page, *colours: str) -> None:
    """Wait until the newest picture was made with these colours."""
    page.wait_for_function(
        "(wanted) => JSON.stringify(heard.change.at(-1)?.params.palette) === wanted",
        arg=str(list(colours)).replace("'", '"').replace(" ", ""),
    )


def near(rgb: list[int], colour: str) -> bool:
    """Tell whether a pixel has a colour, but for what a lossy picture changes."""
    wanted = bytes.fromhex(colour[1:])
    return all(abs(a - b) <= 6 for a, b in zip(rgb, wanted, strict=False))


def test_a_colour_is_added_edited_and_removed(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    assert page.get_by_text("Auto").is_visible()
    page.get_by_role("button", name="Add a colour").click()
    wait_palette(page, RED)
    page.get_by_label("Colour as #rrggbb").fill("#3b82f6")
    wait_palette(page, BLUE)
    page.wait_for_function("heard.input.at(-1).params.palette[0] === '#3b82f6'")
    assert near(pixel(page, PICTURE, 0.5, 0.5), BLUE), "it is painted with"
    page.get_by_label("Colour", exact=True).fill(YELLOW)
    wait_palette(page, YELLOW)
    page.keyboard.press("Escape")
    assert not page.get_by_role("group", name="Edit the colour").is_visible()
    page.get_by_role("button", name="Add a colour").click()
    page.get_by_role("button", name="Remove this colour").click()
    wait_palette(page, YELLOW)
    page.get_by_role("button", name="Clear the palette").click()
    wait_palette(page)
    assert page.get_by_text("Auto").is_visible()


def test_the_keyboard_moves_and_removes_colours(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    page.evaluate(f"{EL}.params = {{ palette: ['{RED}', '{YELLOW}', '{BLUE}'] }}")
    page.locator(".hue").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    wait_palette(page, YELLOW, RED, BLUE)
    assert swatches(page)[0] == f"Colour 1 of 3, the main one: {YELLOW}"
    page.keyboard.press("Delete")
    wait_palette(page, RED, BLUE)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move away from the main colour").click()
    wait_palette(page, BLUE, RED)


def test_the_pointer_drags_a_colour_to_another_place(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    page.evaluate(f"{EL}.params = {{ palette: ['{RED}', '{YELLOW}', '{BLUE}'] }}")
    page.locator(".hue").first.scroll_into_view_if_needed()
    at = [page.locator(".hue").nth(i).bounding_box() for i in (0, 2)]
    assert at[0] is not None
    assert at[1] is not None
    page.mouse.move(at[0]["x"] + 19, at[0]["y"] + 22)
    page.mouse.down()
    page.mouse.move(at[1]["x"] + 19, at[1]["y"] + 22, steps=8)
    page.mouse.up()
    wait_palette(page, YELLOW, BLUE, RED)
    assert not page.get_by_role("group", name="Edit the colour").is_visible()


def test_a_picture_gives_its_colours(open_page: Open, paintbox: str, tmp_path: Path) -> None:
    page = drawn(open_page, paintbox, "input")
    picture = Image.new("RGB", (90, 60), "white")
    picture.paste(RED, (10, 10, 60, 50))
    picture.paste(BLUE, (60, 10, 80, 50))
    file = tmp_path / "two.png"
    file.write_bytes(encode(picture))
    page.locator(".palette input[type=file]").set_input_files(file)
    page.wait_for_function(f"{EL}.params.palette.length === 2")
    wait_palette(page, RED, BLUE)
    file.write_bytes(b"no picture")
    page.locator(".palette input[type=file]").set_input_files(file)
    page.get_by_role("alert").wait_for()
    assert palette(page) == [RED, BLUE]


def test_the_colours_of_the_result_are_kept(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    listen(page, "change")
    keep = page.get_by_role("button", name="Keep these colours")
    assert keep.get_attribute("aria-disabled") == "true"
    page.evaluate(f"{EL}.brush = {{ size: 0.2 }}")
    page.evaluate(f"{EL}.params = {{ palette: ['{BLUE}', '{RED}'] }}")
    stroke(page, *LINE)
    wait_palette(page, BLUE, RED)
    keep.click()
    (kept,) = palette(page)  # the one that the picture has; all of it lies under ink
    assert near(list(bytes.fromhex(kept[1:])), BLUE)


def test_lines_over_the_result_are_none_of_its_colours(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    page.wait_for_function(  # or the next draft paints over what is painted here
        f"{EL}.diagnostics.settled && {EL}.diagnostics.state === 'open'"
    )
    page.evaluate(f"""() => {{ const canvas = {PICTURE}, picture = canvas.getContext('2d');
        picture.fillStyle = '{YELLOW}';
        picture.globalCompositeOperation = 'destination-over';
        picture.fillRect(0, 0, canvas.width, canvas.height); }}""")
    page.get_by_role("button", name="Keep these colours").click()
    assert palette(page) == [YELLOW]


def test_loras_are_switched_and_weighted(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    page.get_by_role("button", name="More").click()
    assert page.get_by_text("Carved lines.").is_visible()
    page.get_by_role("switch", name="Woodcut").check()
    page.wait_for_function("heard.change.at(-1).params.loras.wood === 1")
    page.get_by_label("Weight of Night").fill("0.5")
    page.wait_for_function("heard.change.at(-1).params.loras.night === 0.5")
    assert page.get_by_role("switch", name="Night").is_checked()
    glass = page.get_by_role("switch", name="Stained glass")
    assert glass.is_disabled(), "the model mixes two at most"
    page.get_by_role("switch", name="Woodcut").uncheck()
    assert glass.is_enabled()
    page.wait_for_function("JSON.stringify(heard.change.at(-1).params.loras) === '{\"night\":0.5}'")
    page.evaluate(f"{EL}.setAttribute('loras', 'wood:1.25')")
    page.wait_for_function("JSON.stringify(heard.change.at(-1).params.loras) === '{\"wood\":1.25}'")
    assert page.get_by_label("Weight of Woodcut").input_value() == "1.25"


def test_a_model_without_them_shows_neither(open_page: Open, url: str) -> None:
    page = open_page(url)
    page.get_by_role("button", name="More").click()
    assert page.locator(".palette, .loras").count() == 0


def test_five_styles_lie_side_by_side(open_page: Open, paintbox: str) -> None:
    page = drawn(open_page, paintbox, "input")
    page.get_by_role("radio", name="Flat").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("heard.change.at(-1).params.style === 'line'")


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
def test_everything_can_be_hit_here_too(
    open_page: Open, paintbox: str, viewport: dict[str, int]
) -> None:
    page = open_page(paintbox, viewport=viewport)
    page.evaluate(f"{EL}.params = {{ palette: Array(6).fill('{RED}'), loras: {{ wood: 1 }} }}")
    page.get_by_role("button", name="More").click()
    page.locator(".hue").first.click()
    assert faults_to_hit(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
