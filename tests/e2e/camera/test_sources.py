"""Where pictures come from: cameras that fail, screens, clips; each told in plain words."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.camera.double import CAMERA, Double
from tests.e2e.camera.film import (
    PICTURE,
    TOLD,
    VIDEO,
    Film,
    of,
    pixel,
    press,
    wait_pictures,
    wait_source,
)
from tests.e2e.sheet import PIXEL
from tests.sdk.media.codecs.films import sounds, tone

# Stands in for a browser whose device fails so: Chromium's fake devices never do.
FAILING = """navigator.mediaDevices.getUserMedia = async (wanted) => {{
  throw new DOMException('stand-in', wanted.video ? '{name}' : 'NotAllowedError'); }}"""
REFUSED = [
    ("NotAllowedError", "media_denied", "This page may not use the camera."),
    ("NotFoundError", "media_missing", "No camera was found."),
    ("NotReadableError", "media_busy", "The camera does not start"),
    ("TypeError", "media_failed", "The camera failed"),
]


@pytest.mark.parametrize(("name", "code", "words"), REFUSED)
def test_why_there_is_no_camera_is_told_in_plain_words(
    film: Film, double: Double, name: str, code: str, words: str
) -> None:
    double.tracks = CAMERA
    page = film(before=FAILING.format(name=name))
    page.evaluate(TOLD)
    press(page, "Start")
    expect(page.get_by_role("alert")).to_contain_text(words)
    wait_source(page, "failed")
    [told] = page.evaluate("told")
    assert told["code"] == code
    assert told["fix"]
    assert told["retryable"]
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert double.came == []


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "media_insecure"),
        (
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })",
            "media_unsupported",
        ),
    ],
)
def test_a_page_that_can_have_no_camera_says_how_it_could(
    film: Film, double: Double, before: str, code: str
) -> None:
    double.tracks = CAMERA
    page = film(before=before)
    page.evaluate(TOLD)
    press(page, "Start")
    page.wait_for_function("told.length > 0")
    assert page.evaluate("told[0].code") == code
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_device_that_is_pulled_out_is_told(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    page.evaluate(f"{VIDEO}.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_contain_text("The camera was taken away.")
    wait_source(page, "failed")
    press(page, "Start")
    wait_pictures(page)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_screen_goes_in_place_of_the_camera(film: Film, double: Double) -> None:
    # Stands in for the browser's own picker, which a headless one has not.
    before = """navigator.mediaDevices.getDisplayMedia = async () => {
      const canvas = document.createElement('canvas'); canvas.width = 320; canvas.height = 640;
      const paint = canvas.getContext('2d');
      const draw = () => { paint.fillStyle = '#00f'; paint.fillRect(0, 0, 320, 640);
        requestAnimationFrame(draw); };
      draw(); return canvas.captureStream(30); };"""
    double.tracks = CAMERA
    page = film(before=before)
    page.get_by_role("radio", name="Screen").click()
    press(page, "Start")
    wait_pictures(page)
    r, g, b, _ = pixel(page, 0.5, 0.5)
    assert b > 200 > max(r, g)
    assert page.evaluate(f"[{PICTURE}.width, {PICTURE}.height]") == [320, 640], "its own shape"
    page.get_by_role("radio", name="Camera").click()
    page.wait_for_function(f"({PIXEL})({PICTURE}, 0.25, 0.75)[1] > 100")


# Stands in for a camera of any size and rate: it paints green, in which a corner changes.
ANY = """navigator.mediaDevices.getUserMedia = async () => {{
  const canvas = document.createElement('canvas'); canvas.width = {wide}; canvas.height = {high};
  const paint = canvas.getContext('2d');
  let count = 0;
  const draw = () => {{
    paint.fillStyle = count++ % 2 ? '#060' : '#070'; paint.fillRect(0, 0, 9, 9); }};
  paint.fillStyle = '#0c0'; paint.fillRect(0, 0, {wide}, {high});
  setInterval(draw, {each_ms}); return canvas.captureStream(); }};"""


def test_a_portrait_camera_of_4k_and_60_frames_sends_no_more_than_a_model_takes(
    film: Film, double: Double
) -> None:
    double.tracks = CAMERA
    page = film(before=ANY.format(wide=2160, high=3840, each_ms=16))
    press(page, "Start")
    wait_pictures(page, 3)
    wide, high = page.evaluate(f"[{PICTURE}.width, {PICTURE}.height]")
    assert wide * high <= 640 * 360
    assert abs(wide / high - 2160 / 3840) < 0.01, "its own shape"
    assert pixel(page, 0.5, 0.9)[1] > 150
    came = of(double, "camera")
    gaps = [after.pts - before.pts for before, after in pairwise(came)]
    assert min(gaps) >= 0.8 * 1e6 / 30 - 1


def test_a_phone_that_is_turned_is_seen_whole(film: Film, double: Double) -> None:
    double.tracks = CAMERA
    stays = ANY.replace("const paint", "window.camera = canvas; const paint")
    page = film(before=stays.format(wide=640, high=320, each_ms=16))
    press(page, "Start")
    wait_pictures(page, 3)
    assert page.evaluate(f"[{PICTURE}.width, {PICTURE}.height]") == [640, 320]
    for wide, high in ((320, 640), (640, 320)):
        page.evaluate("([w, h]) => Object.assign(camera, { width: w, height: h })", [wide, high])
        page.wait_for_function(
            f"([w, h]) => {PICTURE}.width === w && {PICTURE}.height === h", arg=[wide, high]
        )


def test_a_camera_of_one_frame_a_second_is_no_failure(film: Film, double: Double) -> None:
    double.tracks = CAMERA
    page = film(before=ANY.format(wide=320, high=240, each_ms=1000))
    page.evaluate(TOLD)
    press(page, "Start")
    wait_pictures(page, 4)
    came = of(double, "camera")
    gaps = [after.pts - before.pts for before, after in pairwise(came)]
    assert sum(gap > 700_000 for gap in gaps) >= 2
    assert page.evaluate("told") == []
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".pill")).to_have_text("Live")


CLIP = """async () => {
  const canvas = document.createElement('canvas'); canvas.width = 320; canvas.height = 180;
  const paint = canvas.getContext('2d'), parts = [];
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' });
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let i = 0; i < 20; i++) {
    paint.fillStyle = i % 2 ? '#f00' : '#e00'; paint.fillRect(0, 0, 320, 180);
    await new Promise(requestAnimationFrame); }
  recorder.stop(); await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(bytes.reduce((all, byte) => all + String.fromCharCode(byte), '')); }"""


def test_a_clip_is_sent_over_and_over(film: Film, double: Double, tmp_path: Path) -> None:
    double.tracks = CAMERA
    page = film()
    clip = tmp_path / "clip.webm"
    clip.write_bytes(base64.b64decode(page.evaluate(CLIP)))
    page.get_by_role("radio", name="Clip").click()
    expect(page.get_by_text("Drop a clip here, or open one.")).to_be_visible()
    page.locator("input[type=file]").set_input_files(clip)
    wait_pictures(page, 30)  # longer than it is
    r, g, _, _ = pixel(page, 0.5, 0.5)
    assert r > 180
    assert g < 60
    clip.write_bytes(sounds(tone(1.0), "mp4", "aac"))
    page.locator("input[type=file]").set_input_files(clip)
    expect(page.get_by_role("alert")).to_contain_text("This clip has no pictures.")
    clip.write_bytes(b"no clip")
    page.locator("input[type=file]").set_input_files(clip)
    expect(page.get_by_role("alert")).to_contain_text("This browser cannot play the clip.")
