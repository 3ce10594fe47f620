"""``/camera`` as strangers find it: other browsers, keys alone, two cameras, pages that sleep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.camera.film import CAM, VIDEO, Film, press, wait_pictures, wait_source
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

STRANGE = [
    "--use-fake-device-for-media-stream=device-count=2",
    "--host-resolver-rules=MAP camera.test 127.0.0.1",
]
# Stands in for a browser that plays no sound before a press; evaluating here counts as one.
QUIET = """const Real = AudioContext; let pressed = false;
  addEventListener('click', () => { pressed = true; }, true);
  window.AudioContext = class extends Real {
    get state() { return pressed ? super.state : 'suspended'; }
    resume() { return pressed ? super.resume() : new Promise(() => undefined); } };"""
FOCUSED = """() => { let at = document.activeElement;
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at.getAttribute('aria-label') || at.textContent.trim(); }"""


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    """Add a second camera, and a name for the server that is no secure one."""
    return [*chromium_args, *STRANGE]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    models = ("loopback", "metronome")
    with Thread(Config(models=models, port=0, hosts=("camera.test",))) as server:
        yield server.url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    return partial(open_page, f"{server}/camera")


def pick(page: Page, model: str) -> None:
    page.get_by_role("combobox", name="Model").select_option(model)
    page.wait_for_function(f"(model) => {CAM}.diagnostics.model === model", arg=model)


def test_sound_that_waits_for_the_user_is_offered_and_pictures_go_on(
    server: str, open_page: Open
) -> None:
    page = open_page(
        f"{server}/camera?transport=websocket", before=QUIET
    )  # whose sound is measured
    pick(page, "metronome")
    page.evaluate(f"{CAM}.start()")
    offered = page.get_by_role("alert")
    expect(offered).to_contain_text("The browser plays sound after you allow it.")
    wait_pictures(page)
    assert page.evaluate(f"{CAM}.diagnostics.stats.offsetMs") is None
    press(page, "Play sound")
    page.wait_for_function(f"{CAM}.diagnostics.stats.offsetMs !== null")
    expect(offered).to_be_hidden()


def test_a_model_that_takes_no_pictures_puts_the_cameras_light_out(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    pick(page, "metronome")
    wait_source(page, "stopped")
    assert page.evaluate(f"{VIDEO}.srcObject") is None
    expect(page.locator(".device select")).to_be_hidden()
    wait_pictures(page)
    pick(page, "loopback")
    wait_source(page, "live")
    wait_pictures(page)


def test_a_model_that_was_chosen_plays_nothing_before_start(film: Film) -> None:
    page = film()
    page.evaluate(f"{CAM}.addEventListener('frame', () => (window.shown = paints))")
    page.evaluate("window.paints = window.shown = 0")
    page.evaluate("(function next() { paints += 1; requestAnimationFrame(next); })()")
    pick(page, "metronome")
    page.wait_for_function("paints - shown > 60")  # it has 25 pictures a second
    expect(page.get_by_role("alert")).to_be_hidden()


def test_of_two_cameras_the_chosen_one_films_and_is_shown(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    label = f"{VIDEO}.srcObject.getVideoTracks()[0].label"
    chosen = page.locator(".device select")
    shown = f"{CAM}.shadowRoot.querySelector('.device select').selectedOptions[0].text"
    assert page.evaluate(shown) == page.evaluate(label), "that which the browser took"
    chosen.select_option(label="fake_device_1")
    page.wait_for_function(f"{VIDEO}.srcObject && {label} === 'fake_device_1'")
    wait_source(page, "live")
    wait_pictures(page)
    assert page.evaluate(shown) == "fake_device_1"


def test_a_page_that_was_put_to_sleep_goes_on(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    wait_pictures(page, 10)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_who_comes_back_to_the_page_finds_it_ready_and_the_camera_off(
    film: Film, server: str
) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    page.goto(f"{server}/")
    page.go_back()
    page.wait_for_function(f"{CAM}?.diagnostics.state === 'open'")
    assert page.evaluate(f"{VIDEO}.srcObject") is None
    press(page, "Start")
    wait_pictures(page)


def test_all_can_be_reached_by_keys_in_the_order_in_which_it_is_read(film: Film) -> None:
    page = film()
    expect(page.get_by_role("combobox", name="Model")).to_be_visible()
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(page.evaluate(FOCUSED))
    ways = ["Mirror the pictures", "Send the microphone's sound", "Sound"]
    looks = ["Beside", "Record with sound"]  # nothing is shown yet that could be saved
    assert names.pop(2).startswith("WebRTC where it can"), "what it goes by"
    assert names[:7] == ["Draw", "Talking head", "Start", "Camera", *ways]
    assert names[7:9] == looks
    assert names[9] in ("Full screen (F)", "Model")
    assert {"Model", "Delay, ms"} & {*names[9:]}
    page.get_by_role("radio", name="Camera").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Screen")).to_be_focused()
    expect(page.get_by_role("radio", name="Screen")).to_be_checked()


def test_a_phone_that_shares_no_screen_is_offered_none(film: Film) -> None:
    page = film(before="delete MediaDevices.prototype.getDisplayMedia")
    expect(page.get_by_role("radio", name="Clip")).to_be_visible()
    assert page.get_by_role("radio", name="Screen").count() == 0


def test_a_page_that_is_not_secure_says_so_and_offers_no_useless_button(
    film: Film, server: str, open_page: Open
) -> None:
    page = open_page(f"{server.replace('127.0.0.1', 'camera.test')}/camera")
    assert page.evaluate("isSecureContext") is False
    press(page, "Start")
    expect(page.get_by_role("alert")).to_contain_text("secure pages alone. Open the page by https")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.get_by_role("radio", name="Camera")).to_be_visible()
