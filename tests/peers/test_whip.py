"""WHIP and WHEP clients from npm in Chromium: they publish and view, and none knows livedraft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.camera.film import FAKE_DEVICES

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

from .conftest import Visit

PLAYS = "document.querySelector('video').videoWidth > 2"
PUBLISHERS = {
    "whip-whep": """
        import { WHIPClient } from "whip-whep/whip.js";
        navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(async (stream) => {
          const peer = new RTCPeerConnection();
          const direction = "sendonly";
          for (const each of stream.getTracks()) peer.addTransceiver(each, { direction });
          const client = new WHIPClient();
          await client.publish(peer, ADDRESS, TOKEN);
          window.leave = () => client.stop();
        });""",
    "@eyevinn/whip-web-client": """
        import { WHIPClient } from "@eyevinn/whip-web-client";
        navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(async (stream) => {
          const client = new WHIPClient({ endpoint: ADDRESS, opts: { authkey: TOKEN } });
          await client.ingest(stream);
          await client.getResourceUrl();
          window.leave = () => client.destroy();
        });""",
}
VIEWERS = {
    "whip-whep": """
        import { WHEPClient } from "whip-whep/whep.js";
        const peer = new RTCPeerConnection(), stream = new MediaStream();
        for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
        document.querySelector("video").srcObject = stream;
        peer.ontrack = ({ track }) => stream.addTrack(track);
        const client = new WHEPClient();
        client.view(peer, ADDRESS, TOKEN).then(() => { window.leave = () => client.stop(); });""",
    "@eyevinn/webrtc-player": """
        import { WebRTCPlayer } from "@eyevinn/webrtc-player";
        const video = document.querySelector("video");
        const player = new WebRTCPlayer({ video, type: "whep", iceServers: [] });
        player.load(new URL(ADDRESS), TOKEN).then(() => {
          window.leave = () => player.destroy();
        });""",
}


@pytest.fixture(scope="session")
def chromium_args(chromium_args: list[str]) -> list[str]:
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture(scope="module")
def url(site: tuple[Path, str]) -> Iterator[str]:
    config = Config(models=("loopback",), port=0, origins=(site[1],), max_sessions=4)
    with Thread(config) as server:
        yield server.url


def program(text: str, url: str, token: str = "undefined") -> str:
    return f'const ADDRESS = "{url}", TOKEN = {token};{text}'


@pytest.mark.parametrize("publisher", PUBLISHERS)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_one_client_publishes_another_views(
    visit: Visit, url: str, publisher: str, viewer: str
) -> None:
    name = f"{list(PUBLISHERS).index(publisher)}{list(VIEWERS).index(viewer)}"
    address = f"{url}/v1/whip/{name}"
    sends = visit(program(PUBLISHERS[publisher], f"{address}?model=loopback"))
    sends.wait_for_function("typeof leave === 'function'")
    # Its viewer sends candidates without If-Match, which RFC 9725 (4.3.2) has refused with 428:
    # the picture is there all the same.
    sees = visit(program(VIEWERS[viewer], f"{url}/v1/whep/{name}"), forgive="status 428")
    sees.wait_for_function(PLAYS)
    sees.wait_for_function("typeof leave === 'function'")
    sees.evaluate("leave()")
    sends.evaluate("leave()")
