"""The page "Camera" with the real server: the null models, and the way from one to another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import expect
from tests.e2e.camera.film import CAM, PICTURE, Film, pixel, press, wait_pictures
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Thread(Config(models=("echo", "loopback", "metronome"), port=0)) as server:
        yield server.url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    return partial(open_page, f"{server}/camera")


def test_the_camera_comes_back_by_loopback_with_its_sound(film: Film) -> None:
    page = film()
    expect(page.get_by_role("combobox", name="Model")).to_have_value("loopback")
    press(page, "Start")
    wait_pictures(page, 20)
    r, g, b, _ = pixel(page, 0.25, 0.75)
    assert g > 100 > max(r, b), "the fake camera's green"
    page.wait_for_function(f"{CAM}.diagnostics.stats.offsetMs !== null")
    assert page.evaluate(f"{CAM}.diagnostics.stats.roundTripMs") > 0
    press(page, "Stop")
    press(page, "Start")
    wait_pictures(page)


def test_a_model_of_single_pictures_takes_the_camera_too(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    page.get_by_role("combobox", name="Model").select_option("echo")
    page.wait_for_function(f"{CAM}.diagnostics.model === 'echo'")
    wait_pictures(page, 10)
    size = page.evaluate(f"[{PICTURE}.width, {PICTURE}.height]")
    assert size[0] == size[1], "the model's shape, not the camera's"
    _, g, _, _ = pixel(page, 0.25, 0.75)
    assert g > 100


def test_the_panel_offers_what_the_model_heeds_and_nothing_else(film: Film) -> None:
    page = film()
    expect(page.get_by_role("slider")).to_have_accessible_name("Delay, ms")
    for model, named in (("metronome", "Beat, ms"), ("loopback", "Delay, ms")):
        page.get_by_role("combobox", name="Model").select_option(model)
        page.wait_for_function(f"{CAM}.studio.live.session.model?.id === '{model}'")
        expect(page.get_by_role("slider")).to_have_accessible_name(named)
        for field in page.get_by_role("textbox"), page.get_by_role("spinbutton"):
            expect(field).to_have_count(0)
        expect(page.get_by_role("button", name="More")).to_have_count(0)
    page.get_by_role("combobox", name="Model").select_option("echo")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
    expect(page.get_by_role("button", name="More")).to_be_visible()


def test_a_model_without_inputs_plays_by_itself_until_stop(film: Film) -> None:
    page = film()
    page.get_by_role("combobox", name="Model").select_option("metronome")
    expect(page.get_by_role("radiogroup", name="Source")).to_be_hidden()
    press(page, "Start")
    wait_pictures(page, 10)
    expect(page.locator(".pill")).to_have_text("Live")
    page.wait_for_function(f"{CAM}.diagnostics.stats.offsetMs !== null")
    press(page, "Stop")
    press(page, "Start")
    wait_pictures(page, 10)
