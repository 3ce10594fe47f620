"""Pictures and sound of ``<livedraft-camera>`` go up, come back, and survive what lines do."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from tests.e2e.camera.double import CAMERA, VOICE, Double, track
from tests.e2e.camera.film import CAM, VIDEO, Film, of, pixel, press, wait_pictures, wait_source
from tests.e2e.sheet import PHONE

from livedraft.protocol.messages import Error


def test_what_the_camera_sees_comes_back_and_is_confirmed(film: Film, double: Double) -> None:
    page = film()
    expect(page.get_by_text("Nothing is sent before you press Start.")).to_be_visible()
    assert double.came == []
    assert {"media", "keys"} <= set(double.opens[0].features)
    assert {"jpeg", "pcm-s16"} <= set(double.opens[0].codecs)
    press(page, "Start")
    wait_pictures(page, 10)
    r, g, b, _ = pixel(page, 0.25, 0.75)
    assert g > 100 > max(r, b), "the fake camera's green"
    frames = of(double, "camera")
    assert all(frame.codec == "jpeg" and frame.key for frame in frames)
    assert [frame.pts for frame in frames] == sorted({frame.pts for frame in frames})
    expect(page.locator(".pill")).to_have_text("Live")
    page.get_by_role("button", name="camera to picture").click()
    expect(page.get_by_text("Left out here")).to_be_visible()
    press(page, "Stop")
    wait_source(page, "stopped")
    page.wait_for_function(f"!{CAM}.shadowRoot.querySelector('.line').checkVisibility()")
    assert page.evaluate(f"{VIDEO}.srcObject") is None, "the camera's light is out"
    assert double.confirmed <= set(range(1, double.seq + 1))
    assert len(double.confirmed) >= 10


def test_the_microphone_comes_as_packets_of_20_ms_and_is_heard_again(
    film: Film, double: Double
) -> None:
    page = film()
    press(page, "Start")
    page.wait_for_function(f"{CAM}.diagnostics.stats?.offsetMs !== null && {CAM}.diagnostics.stats")
    wait_pictures(page, 5)
    sound = of(double, "voice")
    assert {(m.rate, m.channels, m.duration, len(m.data)) for m in sound} == {
        (16000, 1, 20_000, 640)
    }
    while not any(max(media.data) for media in of(double, "voice")):
        wait_pictures(page)  # it beeps once a second
    page.get_by_label("Send the microphone's sound").click()
    expect(page.get_by_label("Send the microphone's sound")).to_have_attribute(
        "aria-pressed", "false"
    )
    page.get_by_label("Sound", exact=True).click()
    wait_pictures(page, 5)


def test_stop_and_start_again(film: Film) -> None:
    page = film()
    for _ in range(2):
        press(page, "Start")
        wait_pictures(page)
        press(page, "Stop")
        wait_source(page, "stopped")
    expect(page.get_by_text("Stopped: nothing is sent.")).to_be_attached()


def test_a_lost_line_comes_back_and_pictures_go_on(film: Film, double: Double) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    double.hang_up()
    page.wait_for_function(f"{CAM}.diagnostics.state === 'open'")
    wait_pictures(page)
    assert len(double.opens) == 2
    assert double.opens[1].resume == "secret 1"


@pytest.mark.parametrize("codec", ["vp8", "webp"])
def test_another_codec_is_sent_and_shown(film: Film, double: Double, codec: str) -> None:
    double.tracks = CAMERA
    page = film()
    page.evaluate(f"(codec) => {CAM}.setAttribute('codec', codec)", codec)
    press(page, "Start")
    wait_pictures(page, 10)
    frames = of(double, "camera")
    assert {frame.codec for frame in frames} == {codec}
    assert frames[0].key
    assert all(frame.key for frame in frames) is (codec == "webp")
    _, g, _, _ = pixel(page, 0.25, 0.75)
    assert g > 100
    double.hang_up()
    page.wait_for_function(f"{CAM}.diagnostics.state === 'open'")
    wait_pictures(page)


def test_a_refused_session_is_told(film: Film, double: Double) -> None:
    fix = "use a name of GET /v1/models"
    double.refuse = Error(
        code="model_not_found", message="no model 'loopback'", fix=fix, fatal=True
    )
    page = film(live=False)
    expect(page.get_by_role("alert")).to_contain_text("No model 'loopback'.")
    expect(page.locator(".pill")).to_have_text("Disconnected")
    double.refuse = None
    press(page, "Try again")
    expect(page.locator(".pill")).to_have_text("Ready")


def test_sound_and_pictures_of_a_model_without_inputs(film: Film, double: Double) -> None:
    async def play(double: Double, socket: Any) -> None:
        for n in range(100):
            pts = 20_000 * n
            await double.send(
                socket,
                track="sound",
                pts=pts,
                duration=20_000,
                codec="pcm-s16",
                rate=16000,
                channels=1,
                data=bytes(640),
            )

    double.tracks = (track("picture", "out", "video"), VOICE[1])
    double.script = play
    page = film()
    expect(page.get_by_role("radiogroup", name="Source")).to_be_hidden()
    expect(page.get_by_label("Send the microphone's sound")).to_be_hidden()
    expect(page.locator(".sent")).to_be_hidden()
    press(page, "Start")
    page.wait_for_function(f"{CAM}.diagnostics.stats !== null")


@pytest.mark.parametrize("viewport", [{"width": 1100, "height": 800}, PHONE])
def test_all_can_be_named_and_hit_by_a_finger_and_nothing_overflows(
    film: Film, viewport: dict[str, int]
) -> None:
    page = film(viewport=viewport)
    press(page, "Start")
    wait_pictures(page)
    faults = page.evaluate(f"""() => [...{CAM}.shadowRoot.querySelectorAll('button, input, select')]
        .filter((each) => each.checkVisibility())
        .map((each) => {{ const box = (each.closest('label') ?? each).getBoundingClientRect();
          const name = each.ariaLabel || each.getAttribute('aria-label') || each.innerText;
          return [name, Math.round(Math.min(box.width, box.height))]; }})
        .filter(([name, size]) => !name || size < 44)""")
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_starts_and_stops_and_the_state_is_said(film: Film) -> None:
    page = film()
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    wait_pictures(page)
    expect(page.locator("[role=status]").last).to_have_text("Live")
    page.keyboard.press("Enter")
    wait_source(page, "stopped")
    expect(page.locator("[role=status]").last).to_have_text("Stopped")
