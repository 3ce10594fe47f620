"""Where no UDP passes, ``<livedraft-camera>`` works by the WebSocket, and says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.camera.film import CAM, press, wait_pictures
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

# A firewall's: relays alone might pass, and there are none.
BLOCKED = """window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); }
};"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("loopback",), port=0)) as server:
        yield server.url


def test_it_works_before_webrtc_is_even_given_up(url: str, open_page: Open) -> None:
    page = open_page(f"{url}/camera?transport=auto", before=BLOCKED)
    press(page, "Start")
    wait_pictures(page, 10)
    told = page.evaluate(f"{CAM}.diagnostics")
    assert (told["transport"], told["fallback"]) == ("websocket", "")
    page.evaluate(f"""() => {{ window.states = new Set();
        {CAM}.addEventListener('diagnostics', ({{ detail }}) => states.add(detail.state)); }}""")
    page.wait_for_function(f"{CAM}.diagnostics.fallback")
    wait_pictures(page, 10)
    assert "reconnecting" not in page.evaluate("[...states]"), "the session never noticed"
