"""A page of one's own with Chromium's own WebRTC: a camera to a model, its picture in a <video>."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from tests.e2e.conftest import Site
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config

PAGE = """<!doctype html><title>WebRTC</title><link rel="icon" href="data:,">
<video id="back" autoplay muted playsinline></video>
<script>
const told = window.told = { pieces: 0, state: "", opened: null };
async function call() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const peer = window.peer = new RTCPeerConnection();
  peer.addTransceiver(stream.getVideoTracks()[0], { direction: "sendonly", streams: [stream] });
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.ontrack = ({ track }) => { back.srcObject = new MediaStream([track]); };
  peer.onconnectionstatechange = () => { told.state = peer.connectionState; };
  const channel = peer.createDataChannel("livedraft");
  channel.onopen = () => channel.send(JSON.stringify(
    { type: "open", v: 1, features: ["media", "rtp"] }));
  channel.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "opened") told.opened = message;
    if (message.type !== "media") return;
    told.pieces += 1;
    channel.send(JSON.stringify({ type: "ack", seq: message.seq }));
  };
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  const body = peer.localDescription.sdp;
  const answer = await fetch("/v1/webrtc", { method: "POST", headers, body });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}
call().catch((error) => { told.failed = String(error); });
</script>"""


@pytest.fixture(scope="module")
def served() -> Config:
    return Config(models=("loopback",), port=0)


@pytest.fixture
def camera(site: Site, open_page: Open) -> Iterator[Page]:
    page = open_page(site.page(PAGE), live=False)
    page.wait_for_function("told.pieces > 20 || told.failed")
    assert page.evaluate("told.failed") is None
    yield page
    page.evaluate("peer.close()")


def test_the_camera_comes_back_in_its_colours_and_moves(camera: Page) -> None:
    shown = """() => { const canvas = new OffscreenCanvas(back.videoWidth, back.videoHeight);
        const context = canvas.getContext("2d"); context.drawImage(back, 0, 0);
        return [back.videoWidth, back.videoHeight,
          [...context.getImageData(10, 10, 1, 1).data]]; }"""
    camera.wait_for_function("back.videoWidth > 2")
    width, height, corner = camera.evaluate(shown)
    assert (width, height) == (320, 240)
    red, green, blue, _ = corner
    assert green > red + 40, corner  # Chromium's camera is green
    assert green > blue + 40, corner
    assert camera.evaluate("told.state") == "connected"
