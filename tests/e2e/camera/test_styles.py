"""The element with the model that restyles: styles, looks and what leaves it, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.camera.film import (
    CAM,
    PICTURE,
    TOLD,
    VIDEO,
    Film,
    press,
    wait_pictures,
    wait_source,
)
from tests.e2e.sheet import PHONE, Open

from livedraft.media.codecs import probe, read_audio, read_video
from livedraft.media.recipes import read_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.running import Thread

SHADOW = f"{CAM}.shadowRoot"
TILES = f"[...{SHADOW}.querySelectorAll('.tile')]"
SIZES = f"{TILES}.map((tile) => tile.querySelector('img').naturalWidth)"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Thread(Config(models=("restyle", "loopback"), port=0)) as server:
        yield server.url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    return partial(open_page, f"{server}/camera")


@pytest.fixture
def live(film: Film) -> Page:
    """Return a page whose camera is restyled."""
    page = film()
    press(page, "Start")
    wait_pictures(page, 3)
    return page


def params(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(f"{CAM}.params")
    return found


def shown(page: Page) -> Any:
    """Return the picture on show, small, as an array."""
    pixels = page.evaluate(
        f"""() => {{ const small = document.createElement('canvas');
        Object.assign(small, {{ width: 32, height: 18 }});
        const context = small.getContext('2d'); context.drawImage({PICTURE}, 0, 0, 32, 18);
        return [...context.getImageData(0, 0, 32, 18).data]; }}"""
    )
    return np.array(pixels).reshape(18, 32, 4)[..., :3]


def choose(page: Page, style: str) -> None:
    page.get_by_role("radio", name=style, exact=True).click()


def test_each_style_is_shown_on_the_users_own_picture(live: Page) -> None:
    live.wait_for_function(f"{SIZES}.every((width) => width === 176)")
    means = live.evaluate(
        f"""() => {TILES}.map((tile) => {{ const c = document.createElement('canvas');
        const g = c.getContext('2d'); g.drawImage(tile.querySelector('img'), 0, 0, 1, 1);
        return [...g.getImageData(0, 0, 1, 1).data].join(); }})"""
    )
    assert len(set(means)) == len(means) == len(STYLES), "none is another's"


def test_a_style_a_mix_and_its_share_change_what_is_seen(live: Page) -> None:
    before = shown(live)
    choose(live, "Night")
    assert params(live)["style"] == "night"
    wait_pictures(live, 5)
    night = shown(live)
    assert np.abs(night - before).mean() > 15
    live.get_by_role("switch", name="Mix two").click()
    choose(live, "Pastel")
    share = live.get_by_role("slider", name="Share of the second")
    share.fill("1")
    assert params(live) | {"share": 1, "second": "pastel"} == params(live)
    wait_pictures(live, 5)
    assert np.abs(shown(live) - night).mean() > 15
    live.get_by_role("switch", name="Mix two").click()
    expect(share).to_be_hidden()
    assert params(live)["share"] == 0


def test_looks_by_buttons_and_by_keys(live: Page) -> None:
    sent = live.locator("video.preview")
    slider = live.get_by_role("slider", name="Before and after")
    expect(slider).to_be_hidden()
    live.get_by_role("radio", name="Split").click()
    expect(slider).to_be_visible()
    slider.fill("80")
    assert (
        live.evaluate(f"{SHADOW}.querySelector('.panes').style.getPropertyValue('--split')")
        == "80%"
    )
    live.get_by_role("radio", name="Split").press("v")
    expect(sent).to_be_hidden()
    live.keyboard.press("v")
    expect(sent).to_be_visible()
    live.keyboard.press("m")
    expect(live.get_by_label("Mirror the pictures")).to_have_attribute("aria-pressed", "false")


def test_keys_go_on_in_full_screen_and_come_back_where_they_were(live: Page) -> None:
    live.get_by_role("button", name="Full screen (F)").click()
    live.wait_for_function("document.fullscreenElement !== null")
    live.wait_for_function(f"{SHADOW}.activeElement?.matches('.panes')")
    mirror = live.get_by_label("Mirror the pictures")
    was = mirror.get_attribute("aria-pressed")
    live.keyboard.press("m")
    expect(mirror).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    live.keyboard.press("m")
    live.keyboard.press("f")
    live.wait_for_function("document.fullscreenElement === null")
    expect(live.get_by_role("button", name="Full screen (F)")).to_be_focused()


def test_a_snapshot_tells_how_it_was_made(live: Page, tmp_path: Path) -> None:
    choose(live, "Ember")
    wait_pictures(live, 5)
    with live.expect_download() as saved:
        live.get_by_label("Save this picture (S)").click()
    assert saved.value.suggested_filename.startswith("camera-")
    saved.value.save_as(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        recipe = read_recipe(image)
        size = image.size
    assert recipe is not None
    assert (recipe["model"], recipe["params"]["style"]) == ("restyle", "ember")
    assert list(size) == live.evaluate(f"[{PICTURE}.width, {PICTURE}.height]")
    assert b"compositeWithTrainedAlgorithmicMedia" in (tmp_path / "a.png").read_bytes()


def test_a_film_has_the_picture_and_the_microphone(live: Page, tmp_path: Path) -> None:
    press(live, "Record")
    expect(live.get_by_role("button", name="Stop recording")).to_be_visible()
    begun = live.evaluate(f"{VIDEO}.currentTime")
    live.wait_for_function(f"(begun) => {VIDEO}.currentTime > begun + 2", arg=begun)
    wait_pictures(live, 3)  # the microphone beeps once a second
    with live.expect_download() as saved:
        press(live, "Stop recording")
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    info = probe(path)
    assert info.video
    assert info.sound
    assert len(list(read_video(path))) >= 3
    loud = max(np.abs(chunk.samples.astype(int)).max() for chunk in read_audio(path))
    assert loud > 500, "the fake microphone beeps"
    assert b"compositeWithTrainedAlgorithmicMedia" in path.read_bytes()


def test_without_a_microphone_the_film_is_silent_and_that_is_told(film: Film) -> None:
    page = film(
        before="""const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
          if (!wanted.audio) return ask(wanted);
          throw new DOMException('stand-in', 'NotAllowedError'); };"""
    )
    page.evaluate(TOLD)
    press(page, "Start")
    wait_pictures(page, 3)
    press(page, "Record")
    expect(page.get_by_role("alert")).to_contain_text("This page may not use the microphone.")
    wait_pictures(page, 5)
    with page.expect_download() as saved:
        press(page, "Stop recording")
    assert saved.value.suggested_filename.startswith("camera-")
    assert [each["code"] for each in page.evaluate("told")] == ["media_denied"]


def test_a_window_shows_the_picture_and_nothing_else(live: Page) -> None:
    with live.expect_popup() as opened:
        live.get_by_label("A window with nothing but the picture (W)").click()
    window = opened.value
    assert window.evaluate("[...document.body.children].map((each) => each.localName)") == [
        "canvas"
    ]
    window.wait_for_function("document.querySelector('canvas').width > 100")
    wait_pictures(live, 3)
    counted = (
        "() => [...document.querySelector('canvas').getContext('2d').getImageData(9, 9, 9, 9).data]"
    )
    assert any(window.evaluate(counted))
    window.close()
    expect(live.get_by_label("A window with nothing but the picture (W)")).to_have_attribute(
        "aria-pressed", "false"
    )
    live.evaluate("window.open = () => null")
    live.keyboard.press("Shift")
    live.get_by_label("A window with nothing but the picture (W)").click()
    expect(live.get_by_role("alert")).to_contain_text("opens no window")


def test_a_model_without_styles_has_no_strip_and_one_with_them_gets_it_back(live: Page) -> None:
    models = live.get_by_role("combobox", name="Model")
    models.select_option("loopback")
    expect(live.get_by_role("radio", name="Night", exact=True)).to_be_hidden()
    wait_pictures(live, 3)
    models.select_option("restyle")
    expect(live.get_by_role("radio", name="Night", exact=True)).to_be_visible()
    wait_pictures(live, 3)


def test_on_a_phone_all_is_within_reach(film: Film) -> None:
    page = film(viewport=PHONE)
    press(page, "Start")
    wait_pictures(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = page.evaluate(
        f"""() => [...{SHADOW}.querySelectorAll('.looking button, .controls button')]
        .filter((each) => each.checkVisibility())
        .map((each) => each.getBoundingClientRect().height)"""
    )
    assert min(heights) >= 44
    press(page, "Stop")
    wait_source(page, "stopped")
