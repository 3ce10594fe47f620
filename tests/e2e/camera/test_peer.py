"""``<livedraft-camera>`` goes by WebRTC with a real server, else by the WebSocket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.camera.film import CAM, pixel, press, wait_pictures, wait_source
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.webrtc import answering, calling

CALLED = calling.Call  # imported with aiortc here: the first call would have to wait for that
VIA = f"{CAM}.diagnostics.transport"
RESUMED = f"""() => {{ window.resumed = [];
    {CAM}.addEventListener('ready', ({{ detail }}) => resumed.push(detail.resumed)); }}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("loopback",), port=0)) as server:
        yield server.url


@pytest.fixture
def camera(url: str, open_page: Open) -> Page:
    return open_page(f"{url}/camera?transport=auto")


def wait_via(page: Page, via: str) -> None:
    page.wait_for_function(f"(via) => {VIA} === via", arg=via)


def test_the_camera_goes_by_webrtc_and_comes_back_with_a_reading(camera: Page) -> None:
    wait_via(camera, "webrtc")
    camera.evaluate(f"{CAM}.measure = true")
    press(camera, "Start")
    wait_pictures(camera, 30)
    r, g, b, _ = pixel(camera, 0.25, 0.75)
    assert g > 100 > max(r, b), "the fake camera's green"
    camera.wait_for_function(f"{CAM}.diagnostics.stats.glass?.count > 10")
    glass = camera.evaluate(f"{CAM}.diagnostics.stats.glass")
    assert 0 < glass["p50"] <= glass["p95"] < 10_000
    camera.wait_for_function(f"{CAM}.diagnostics.stats.rtp?.route")
    camera.get_by_role("button", name="fps").click()
    expect(camera.get_by_text("WebRTC, direct")).to_be_visible()
    expect(camera.get_by_text("Glass to glass, p50 / p95")).to_be_visible()
    press(camera, "Stop")
    wait_source(camera, "stopped")


def test_where_webrtc_breaks_the_session_goes_on_by_the_websocket(
    url: str, open_page: Open
) -> None:
    page = open_page("about:blank", live=False)
    calls: list[str] = []
    page.on("response", lambda answer: calls.append(answer.headers.get("location", "")))
    page.goto(f"{url}/camera?transport=auto")
    page.wait_for_function(f"{CAM} && {VIA} === 'webrtc'")
    page.evaluate(RESUMED)
    press(page, "Start")
    wait_pictures(page)
    [called] = [call for call in calls if "/v1/webrtc/" in call]
    assert page.evaluate("(path) => fetch(path, { method: 'DELETE' }).then(({ ok }) => ok)", called)
    wait_via(page, "websocket")
    wait_pictures(page)
    assert page.evaluate("resumed") == [True], "one break, and the same session"
    assert page.evaluate(f"{CAM}.diagnostics.fallback")


def test_who_wants_the_websocket_makes_no_call(url: str, open_page: Open) -> None:
    page = open_page("about:blank", live=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/camera?transport=websocket")
    page.wait_for_function(f"{CAM}?.diagnostics.state === 'open'")
    press(page, "Start")
    wait_pictures(page)
    assert page.evaluate(VIA) == "websocket"
    assert not [address for address in asked if "webrtc" in address or "ice" in address]


def test_a_server_without_the_extra_is_used_by_the_websocket(
    camera: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_via(camera, "webrtc")
    monkeypatch.setattr(answering, "find_spec", lambda name: None)
    camera.reload()
    camera.wait_for_function(f"{CAM}?.diagnostics.fallback.includes('no WebRTC')")
    press(camera, "Start")
    wait_pictures(camera)
    assert camera.evaluate(VIA) == "websocket"


def test_webrtc_alone_needs_no_websocket(url: str, open_page: Open) -> None:
    page = open_page(f"{url}/camera?transport=webrtc", live=False)
    page.wait_for_function(f"{CAM}?.diagnostics.state === 'open'")
    assert page.evaluate(VIA) == "webrtc"
    press(page, "Start")
    wait_pictures(page)


def test_the_page_lets_its_visitor_choose_what_it_goes_by(url: str, open_page: Open) -> None:
    page = open_page(f"{url}/camera")
    choice, now = page.get_by_label("Goes by"), page.locator(".by output")
    expect(choice).to_have_value("auto")
    expect(now).to_have_text("Now by WebRTC.")
    press(page, "Start")
    wait_pictures(page)
    choice.select_option("websocket")
    expect(now).to_have_text("Now by the WebSocket.")
    wait_source(page, "live")
    wait_pictures(page)
    expect(page.get_by_role("button", name="fps")).to_contain_text("WebSocket")
    page.reload()
    expect(choice).to_have_value("websocket")
