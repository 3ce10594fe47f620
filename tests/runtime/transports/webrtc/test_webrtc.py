"""WebRTC with a real peer: protocol 1 over a data channel, video and sound as RTP both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import numpy as np
import pytest
from aiortc.sdp import SessionDescription
from av import AudioFrame
from tests.runtime.transports.talks import SKETCH
from tests.runtime.transports.webrtc.caller import Caller, Colours, Tone, soon

from livedraft.media.codecs import hardware
from livedraft.protocol.messages import Ack, Error, Frame, Input, Media, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.webrtc import answering

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("loopback", "echo"), port=0)) as server:
        yield server.url


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_a_camera_goes_to_the_model_and_comes_back(http: httpx.AsyncClient) -> None:
    async with Caller(http, Colours(), Tone(), receive=("video", "audio")) as caller:
        opened = await caller.hello(features=["media", "rtp"])
        assert opened.features == ["media", "rtp"]
        assert [track["codecs"] for track in opened.tracks if track["way"] == "out"] == [
            ["rtp"]
        ] * 2
        media = await caller.hear(Media)
        assert (media.codec, media.data) == ("rtp", b"")
        caller.say(Ack(seq=media.seq))

        async with confirming(caller):
            assert len(await caller.greys(4)) == 4
            loud = 0.0
            while loud < 6_000:
                sound = await soon(caller.tracks["audio"].recv())
                assert isinstance(sound, AudioFrame)
                loud = max(loud, float(np.abs(sound.to_ndarray().astype(float)).max()))


@asynccontextmanager
async def confirming(caller: Caller) -> AsyncIterator[None]:
    """Confirm all that comes meanwhile."""

    async def confirm() -> None:
        while True:
            caller.say(Ack(seq=(await caller.hear(Media)).seq))

    work = asyncio.create_task(confirm())
    try:
        yield
    finally:
        work.cancel()


async def test_a_gpus_encoder_has_h264_go_and_where_it_fails_the_processor_encodes(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "works", lambda: True)
    monkeypatch.setattr(hardware, "NAME", "no_such_encoder")  # as one that takes no more lines
    async with Caller(http, Colours(), receive=("video",)) as caller:
        assert ["video/H264", "video/VP8"] == agreed(caller)
        await caller.hello(features=["media", "rtp"])
        async with confirming(caller):
            assert len(await caller.greys(4)) == 4
    assert "NVENC takes no line of 64 × 48 px" in caplog.text


async def test_without_a_gpu_vp8_goes(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "works", lambda: False)
    async with Caller(http, Colours(), receive=("video",)) as caller:
        assert agreed(caller) == ["video/VP8"]


def agreed(caller: Caller) -> list[str]:
    """Return the codecs of the video that comes back, the first of which is sent."""
    answer = SessionDescription.parse(caller.pc.remoteDescription.sdp)
    [media] = [
        each for each in answer.media if (each.kind, each.direction) == ("video", "sendonly")
    ]
    names = [codec.mimeType for codec in media.rtp.codecs if codec.name != "rtx"]
    return list(dict.fromkeys(names))


async def test_drawing_goes_over_the_data_channel_alone(http: httpx.AsyncClient) -> None:
    async with Caller(http) as caller:
        opened = await caller.hello(model="echo", features=["media", "rtp"])
        assert opened.features == ["media", "rtp"]
        caller.say(Input(id=1, inputs={"sketch": SKETCH}))
        frame = await caller.hear(Frame)
        assert (frame.id, frame.image[:3]) == (1, b"\xff\xd8\xff")


async def test_the_last_of_a_thousand_params_is_applied_and_confirmed(
    http: httpx.AsyncClient,
) -> None:
    async with Caller(http) as caller:
        await caller.hello(model="echo")
        for id in range(1, 1001):
            caller.say(ParamsUpdate(id=id, params={"seed": id}))
        confirmed = 0
        while confirmed < 1000:
            heard: Ack | Frame = await caller.hear(Ack, Frame)
            if isinstance(heard, Frame):
                caller.say(Ack(seq=heard.seq))
            else:
                confirmed = heard.id or 0
        caller.say(Input(id=1001, inputs={"sketch": SKETCH}))
        frame = await caller.hear(Frame)
        while frame.id != 1001:
            caller.say(Ack(seq=frame.seq))
            frame = await caller.hear(Frame)
        assert frame.seed == 1000


async def test_what_is_told_is_wrong_is_refused_and_the_session_goes_on(
    http: httpx.AsyncClient,
) -> None:
    async with Caller(http) as caller:
        await caller.hello(model="echo")
        caller.say(Input(id=1, inputs={"sketch": b"no picture"}))
        assert (await caller.hear(Error)).code == "invalid_image"
        caller.say(Input(id=2, inputs={"sketch": SKETCH}))
        assert (await caller.hear(Frame)).id == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"v=0", b"\xff\xfe", b"{}", b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", b"m=" * 20_000],
)
async def test_what_is_no_offer_is_refused_with_what_to_send(
    http: httpx.AsyncClient, body: bytes
) -> None:
    answer = await Caller(http).post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["fix"]


async def test_an_offer_of_another_type_or_without_a_channel(http: httpx.AsyncClient) -> None:
    caller = Caller(http)
    answer = await caller.post("v=0", "application/json")
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/sdp")


async def test_a_peer_is_ended_by_its_address(http: httpx.AsyncClient) -> None:
    async with Caller(http) as caller:
        await caller.hello(model="echo")
        assert (await caller.delete()).status_code == 200
        await soon(caller.closed.wait())
        assert (await caller.delete()).status_code == 404


async def test_a_session_goes_on_over_another_peer(http: httpx.AsyncClient) -> None:
    async with Caller(http) as caller:
        opened = await caller.hello(model="echo", params={"seed": 7})
    async with Caller(http) as again:
        resumed = await again.hello(resume=opened.resume)
        assert (resumed.session, resumed.resumed) == (opened.session, True)
        assert resumed.params["seed"] == 7


async def test_without_the_extra_it_is_said_what_to_install(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "find_spec", lambda name: None)
    answer = await Caller(http).post("v=0")
    assert answer.status_code == 501
    assert "livedraft[webrtc]" in answer.json()["error"]["fix"]
