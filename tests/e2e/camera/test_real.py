"""The page "Camera" with the real server: the null models, and the way from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.camera.film import CAM, PICTURE, Film, pixel, press, wait_pictures
from tests.e2e.sheet import Open
from tests.e2e.talk import overhear

from livedraft.protocol import messages as wire
from livedraft.protocol.messages import Key, Media, Message
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Thread(Config(models=("echo", "loopback", "metronome"), port=0)) as server:
        yield server.url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    # What goes over it is overheard; test_peer.py has the other way.
    return partial(open_page, f"{server}/camera?transport=websocket")


def codecs(messages: Iterable[Message]) -> set[tuple[str, str]]:
    return {(each.track, each.codec) for each in messages if isinstance(each, Media)}


def once(page: Page, method: str, instead: str) -> None:
    """Have the next call of a browser's method do something else."""
    page.evaluate(
        f"""() => {{ const [, kind, name] = /(\\w+)\\.(\\w+)/.exec('{method}');
        const {{ prototype }} = window[kind], usual = prototype[name];
        prototype[name] = function (...given) {{
            prototype[name] = usual;
            {instead} }}; }}"""
    )


def with_codec(film: Film, codec: str) -> tuple[Page, list[Message], list[Message]]:
    """Return a page that films in a codec, and what it sends and gets."""
    page = film()
    sent, came = overhear(page)
    page.evaluate(f"(codec) => {CAM}.setAttribute('codec', codec)", codec)
    page.wait_for_function(f"{CAM}.diagnostics.state === 'open'")
    press(page, "Start")
    wait_pictures(page, 5)
    return page, sent, came


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


def test_another_model_is_the_session_s_own_and_its_tracks_are_heeded_at_once(film: Film) -> None:
    page = film()
    sent, came = overhear(page)
    page.reload()
    press(page, "Start")
    wait_pictures(page)
    menu = page.get_by_role("combobox", name="Model")
    for model in ("echo", "loopback", "metronome", "loopback"):
        menu.select_option(model)
        page.wait_for_function(f"{CAM}.diagnostics.model === '{model}'")
        wait_pictures(page, 5)
        expect(menu).to_have_value(model)
    page.wait_for_function(f"{CAM}.diagnostics.stats.offsetMs !== null")
    assert sum(isinstance(each, wire.Open) for each in sent) == 1
    assert [each.model["id"] for each in came if isinstance(each, wire.Switched)] == [
        *("echo", "loopback", "metronome", "loopback")
    ]
    assert [each for each in came if isinstance(each, wire.Error)] == []
    press(page, "Stop")
    begun = len(came)
    menu.select_option("metronome")
    page.wait_for_function(f"{CAM}.diagnostics.model === 'metronome'")
    press(page, "Start")
    wait_pictures(page, 5)
    since = came[begun:]
    assert [each for each in since if isinstance(each, wire.Error)] == []


def test_the_panel_offers_what_the_model_heeds_and_nothing_else(film: Film) -> None:
    page = film()
    expect(page.get_by_role("slider")).to_have_accessible_name("Delay, ms")
    for model, named in (("metronome", "Beat, ms"), ("loopback", "Delay, ms")):
        page.get_by_role("combobox", name="Model").select_option(model)
        page.wait_for_function(f"{CAM}.diagnostics.model === '{model}'")
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


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_a_codec_goes_both_ways(film: Film, codec: str) -> None:
    page, sent, came = with_codec(film, codec)
    wait_pictures(page, 20)
    r, g, b, _ = pixel(page, 0.25, 0.75)
    assert g > 100 > max(r, b), "the fake camera's green"
    page.wait_for_function(f"{CAM}.diagnostics.stats.offsetMs !== null")
    assert codecs(sent) == {("camera", codec), ("microphone", "opus")}
    assert codecs(came) == {("video", codec), ("audio", "opus")}
    keys = [m.key for m in came if isinstance(m, Media) and m.track == "video"]
    assert keys[0]
    assert sum(keys) < len(keys)


def test_a_broken_frame_is_mended_both_ways(film: Film) -> None:
    page, sent, came = with_codec(film, "vp8")
    once(page, "VideoDecoder.decode", "throw new Error('spoilt');")
    wait_pictures(page, 5)
    once(page, "EncodedVideoChunk.copyTo", "given[0].fill(0);")
    wait_pictures(page, 10)
    assert Key(track="video") in sent
    assert Key(track="camera") in came
    for each in (sent, came):
        assert sum(m.key for m in each if isinstance(m, Media) and m.codec == "vp8") > 1
    assert codecs(sent) == {("camera", "vp8"), ("microphone", "opus")}, "and goes on"


def test_a_line_that_cannot_carry_pictures_is_spared_them(film: Film) -> None:
    page = film()
    press(page, "Start")
    wait_pictures(page)
    sent, came = overhear(page)
    page.evaluate(
        "Object.defineProperty(WebSocket.prototype, 'bufferedAmount', { get: () => 1e5 })"
    )
    with page.expect_websocket():
        pass
    wait_pictures(page, 10)
    [opening] = [each for each in sent if isinstance(each, wire.Open)]
    assert opening.resume
    video = {codec for track, codec in codecs(sent) if track == "camera"}
    assert video <= {"h264", "vp8"}
    assert video == {codec for track, codec in codecs(came) if track == "video"}


def test_where_the_encoder_fails_pictures_go_on(film: Film) -> None:
    page, sent, _ = with_codec(film, "vp8")
    once(page, "VideoEncoder.encode", "throw new Error('spoilt');")
    wait_pictures(page, 10)
    assert {"vp8", "jpeg"} == {codec for track, codec in codecs(sent) if track == "camera"}
    expect(page.get_by_role("alert")).to_be_hidden()
