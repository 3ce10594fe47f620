"""Masks: a part of a picture is painted anew, and nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.conftest import MODELS
from tests.e2e.pictures import give, shot
from tests.e2e.sheet import (
    EL,
    PHONE,
    PICTURE,
    PIXEL,
    Open,
    faults_to_hit,
    listen,
    pixel,
    prompt,
    stroke,
)
from tests.websites import Website

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

SIDE = 256  # px, of the model
SOURCE = np.random.default_rng(7).integers(0, 256, (32, 32, 3), np.uint8).repeat(8, 0).repeat(8, 1)
RED = [255, 0, 0]
MASK = f"{EL}.shadowRoot.querySelector('canvas.mask')"
ACROSS = ((0.3, 0.5), (0.7, 0.5))


@pytest.fixture(scope="module")
def masking(website: Website) -> Iterator[str]:
    """Give the address of a server with a model that takes a mask, and one that does not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)
        config = Config(models=("retouch", "echo"), port=0, origins=(website.url,))
        with Thread(config) as server:
            yield server.url


def begun(open_page: Open, url: str, **context: Any) -> Page:
    """Open a page with a photograph on the paper, and ask for red."""
    page = open_page(url, **context)
    listen(page, "change", "submit", "error")
    prompt(page).fill("red")
    give(page, "load", SOURCE)
    page.wait_for_function("heard.change.length > 0")
    return page


def wait_red(page: Page, x: float, y: float, red: bool = True) -> None:
    page.wait_for_function(
        f"""([x, y, red]) => {{ const [r, g] = ({PIXEL})({PICTURE}, x, y);
        return (r > 230 && g < 25) === red && {EL}.diagnostics.settled; }}""",
        arg=[x, y, red],
    )


def refined(page: Page) -> dict[str, Any]:
    before = page.evaluate("heard.submit.length")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function(f"heard.submit.length > {before}")
    return shot(page)


def test_what_is_masked_is_painted_anew_and_the_rest_is_the_sources_to_the_byte(
    open_page: Open, masking: str
) -> None:
    page = begun(open_page, masking)
    page.get_by_role("button", name="Mask what is to change").click()
    stroke(page, *ACROSS)
    wait_red(page, 0.5, 0.5)
    assert pixel(page, MASK, 0.5, 0.5)[3] == 255
    assert pixel(page, MASK, 0.5, 0.9)[3] == 0
    made = refined(page)
    hole = (made["image"] == RED).all(axis=-1)
    assert 0.01 < hole.mean() < 0.2
    assert np.array_equal(made["image"][~hole], SOURCE[~hole])
    assert not np.array_equal(made["image"][hole], SOURCE[hole]), "a control: that is not all of it"
    side = made["mask"].shape[0]
    shrunk = np.asarray(Image.fromarray(made["mask"]).convert("L").resize((SIDE, SIDE)))
    assert side >= SIDE
    assert (hole != (shrunk >= 128)).mean() < 0.005
    assert made["recipe"]["inputs"].keys() == {"sketch", "mask"}
    assert page.evaluate("heard.error") == []


def test_undo_eraser_and_the_other_tools_of_the_mask(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking)
    masked = page.get_by_role("button", name="Mask what is to change")
    tools, paper = (
        page.locator(f"livedraft-sketch .{name}").evaluate("(each) => each.offsetHeight")
        for name in ("rail", "sheet")
    )
    assert 0 < tools <= paper, "the tools are no higher than the paper"
    masked.click()
    expect(masked).to_have_attribute("aria-pressed", "true")
    stroke(page, *ACROSS)
    wait_red(page, 0.5, 0.5)
    page.get_by_role("button", name="Take away of the mask").click()
    stroke(page, (0.5, 0.4), (0.5, 0.6))
    wait_red(page, 0.5, 0.5, red=False)
    wait_red(page, 0.35, 0.5)
    undo, redo = page.get_by_label("Undo"), page.get_by_label("Redo")
    undo.click()
    wait_red(page, 0.5, 0.5)
    undo.click()
    wait_red(page, 0.35, 0.5, red=False)
    assert page.evaluate(f"{EL}.diagnostics.masked") is False
    redo.click()
    wait_red(page, 0.5, 0.5)
    page.get_by_role("button", name="Turn the mask round").click()
    wait_red(page, 0.5, 0.5, red=False)
    wait_red(page, 0.5, 0.9)
    clear = page.get_by_role("button", name="Clear the mask")
    clear.click()
    wait_red(page, 0.5, 0.9, red=False)
    expect(clear).to_have_attribute("aria-disabled", "true")
    undo.click()
    wait_red(page, 0.5, 0.9)
    page.get_by_label("Clear the drawing").click()
    assert page.evaluate(f"[{EL}.value.empty, {EL}.diagnostics.masked]") == [True, False]
    undo.click()
    wait_red(page, 0.5, 0.9)


def test_a_result_is_gone_on_with(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking)
    page.evaluate(f"{EL}.draw([{{ tool: 'mask', size: 0.1, points: [[0.5, 0.5]] }}])")
    wait_red(page, 0.5, 0.5)
    first = refined(page)["image"]
    page.get_by_role("button", name="Go on with the result").click()
    page.wait_for_function(f"!{EL}.diagnostics.masked")
    prompt(page).fill("blue")
    page.evaluate(f"{EL}.draw([{{ tool: 'mask', size: 0.1, points: [[0.2, 0.2]] }}])")
    second = refined(page)["image"]
    hole = (second == [0, 0, 255]).all(axis=-1)
    assert hole.any()
    assert np.array_equal(second[~hole], first[~hole]), "with the red of before"


def test_the_tools_come_and_go_with_what_the_model_takes(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking)
    tools = page.get_by_role("group", name="Mask")
    page.get_by_role("button", name="Mask what is to change").click()
    stroke(page, *ACROSS)
    wait_red(page, 0.5, 0.5)
    menu = page.get_by_role("combobox", name="Model")
    menu.select_option("echo")
    page.wait_for_function(f"{EL}.value.frame?.model === 'echo' && {EL}.diagnostics.settled")
    expect(tools).to_be_hidden()
    assert page.evaluate(f"[{MASK}.checkVisibility(), {EL}.brush.tool]") == [False, "pen"]
    assert shot(page)["mask"] is None
    page.locator("canvas.ink").press("m")
    assert page.evaluate(f"{EL}.brush.tool") == "pen"
    page.get_by_label("Undo").click()
    assert page.evaluate(f"{EL}.value.empty") is True, "a mask that nobody sees is no step back"
    page.get_by_label("Redo").click()
    menu.select_option("retouch")
    page.wait_for_function(f"{EL}.value.frame?.model === 'retouch'")
    expect(tools).to_be_visible()
    page.get_by_label("Redo").click()
    wait_red(page, 0.5, 0.5)
    assert page.evaluate("heard.error") == []


def test_a_reload_keeps_it_and_a_file_brings_it_back(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking)
    page.evaluate(f"{EL}.draw([{{ tool: 'mask', size: 0.1, points: [[0.5, 0.5]] }}])")
    wait_red(page, 0.5, 0.5)
    made = refined(page)
    page.wait_for_function(f"{EL}.diagnostics.kept === 'kept'")
    page.reload()
    wait_red(page, 0.5, 0.5)
    again = shot(page)
    assert np.array_equal(again["mask"], made["mask"])
    page.evaluate(f"""async () => {{ const {{ image }} = await {EL}.snapshot();
        {EL}.clear(); await {EL}.load(image); }}""")
    wait_red(page, 0.5, 0.5)
    assert np.abs(shot(page)["mask"].astype(int) - made["mask"]).mean() < 1


def test_an_app_gives_a_mask_and_takes_it_away(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking)
    mask = np.zeros((SIDE, SIDE, 3), np.uint8)
    mask[:, : SIDE // 2] = 255
    give(page, "loadMask", mask)
    wait_red(page, 0.25, 0.5)
    made = refined(page)
    assert (made["image"][:, : SIDE // 2 - 2] == RED).all()
    assert np.array_equal(made["image"][:, SIDE // 2 + 2 :], SOURCE[:, SIDE // 2 + 2 :])
    page.evaluate(f"{EL}.invertMask()")
    wait_red(page, 0.75, 0.5)
    page.evaluate(f"{EL}.loadMask(null)")
    wait_red(page, 0.75, 0.5, red=False)
    given = f"{EL}.loadMask(new Blob(['no picture'])).then(() => '', (error) => error.code)"
    assert page.evaluate(given) == "invalid_image"


def test_on_a_phone_by_touch_and_without_a_pointer(open_page: Open, masking: str) -> None:
    page = begun(open_page, masking, viewport=PHONE, has_touch=True)
    assert faults_to_hit(page) == []
    page.get_by_role("button", name="Mask what is to change").tap()
    page.get_by_label("Brush size").fill("150")
    page.locator("canvas.ink").tap(position={"x": 60, "y": 60})
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    wait_red(page, 60 / box["width"], 60 / box["height"])
    assert page.evaluate(f"{EL}.brush.size") == pytest.approx(0.15)
    ink = page.locator("canvas.ink")
    page.get_by_label("Undo").tap()
    ink.focus()
    for key in ("m", "Space", "ArrowRight", "Space"):
        ink.press(key)
    wait_red(page, 0.52, 0.5)
    expect(ink).to_have_attribute(
        "aria-label", "Drawing of 1 strokes, partly masked. Arrow keys move, Space draws."
    )
    ink.press("i")
    wait_red(page, 0.5, 0.9)
    ink.press("n")
    assert page.evaluate(f"{EL}.brush.tool") == "unmask"
    ink.press("b")
    assert page.evaluate(f"{EL}.brush") == {"tool": "pen", "colour": "#1a1a1a", "size": 0.014}


def test_a_mask_of_nothing_is_no_error_and_counts_once_something_is_drawn(
    open_page: Open, masking: str
) -> None:
    page = open_page(masking)
    listen(page, "change", "error")
    prompt(page).fill("red")
    page.evaluate(f"{EL}.draw([{{ tool: 'mask', size: 0.1, points: [[0.5, 0.5]] }}])")
    assert page.evaluate(f"{EL}.value.empty") is True
    stroke(page, (0.2, 0.9), (0.8, 0.9))
    wait_red(page, 0.5, 0.5)
    assert page.evaluate("heard.error") == []
