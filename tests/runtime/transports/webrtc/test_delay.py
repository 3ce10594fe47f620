"""What would make pictures late: that they are held back, before decoding or where shown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from fractions import Fraction
from typing import Any

import httpx
import numpy as np
import pytest
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from av import AudioFrame, VideoFrame
from tests.runtime.transports.webrtc.caller import Caller, Colours, Tone, soon

from livedraft.protocol.messages import Ack, Media
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.webrtc.reception import whole

pytestmark = pytest.mark.anyio
DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ID = 14
MANY = 200  # frames


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("loopback",), port=0)) as server:
        yield server.url


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


class Once(Colours):
    """A camera that sends one frame, when it is told to, and then none."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def recv(self) -> VideoFrame:
        """Return the frame."""
        await self.go.wait()
        self.go.clear()
        return await super().recv()


class Fast(Colours):
    """A camera of hundreds of frames a second."""

    def __init__(self) -> None:
        super().__init__()
        self.many = asyncio.Event()

    async def recv(self) -> VideoFrame:
        """Return the next frame."""
        await asyncio.sleep(0.002)
        frame = VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "rgb24")
        frame.pts, frame.time_base = 3000 * self.number, Fraction(1, 90_000)
        self.number += 1
        if self.number == MANY:
            self.many.set()
        return frame


class Ten(Tone):
    """A microphone that sends ten packets, when it is told to, and then none."""

    def __init__(self) -> None:
        super().__init__()
        self.left = asyncio.Semaphore(0)

    async def recv(self) -> AudioFrame:
        """Return the next."""
        await self.left.acquire()
        return await super().recv()

    def go(self) -> None:
        """Send them."""
        for _ in range(10):
            self.left.release()


class Hasty(Caller):
    """A caller that offers, as Chromium does, to be told how long to hold frames back."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.packets: list[bytes] = []

    async def post(self, sdp: str | bytes, kind: str = "application/sdp") -> httpx.Response:
        """Offer."""
        assert isinstance(sdp, str)
        told = f"a=extmap:{ID} {DELAY}\r\n"
        answer = await super().post(sdp.replace("a=mid:1\r\n", f"a=mid:1\r\n{told}"))
        self.answer = answer.text
        assert self.pc.sctp is not None, "there is a data channel"
        transport: Any = self.pc.sctp.transport
        heard = transport._handle_rtp_data

        async def hear(data: bytes, arrival_time_ms: int) -> None:
            self.packets.append(data)
            await heard(data, arrival_time_ms=arrival_time_ms)

        transport._handle_rtp_data = hear
        return answer


async def test_a_frame_is_there_without_the_next_one(http: httpx.AsyncClient) -> None:
    camera = Once()
    async with Caller(http, camera, receive=("video",)) as caller:
        await caller.hello(features=["media", "rtp"])
        for _ in range(2):
            camera.go.set()
            caller.say(Ack(seq=(await caller.hear(Media)).seq))


async def test_what_a_slow_decoder_cannot_take_is_left_out(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, gate, late, fresh = Vp8Decoder.decode, threading.Event(), list[int](), asyncio.Event()
    loop = asyncio.get_running_loop()

    def decode(decoder: Vp8Decoder, frame: Any) -> list[Any]:
        gate.wait()
        if frame.timestamp > 3000 * MANY:
            loop.call_soon_threadsafe(fresh.set)
        elif not fresh.is_set():
            late.append(frame.timestamp)
        return usual(decoder, frame)

    monkeypatch.setattr(Vp8Decoder, "decode", decode)
    camera = Fast()
    async with Caller(http, camera):
        try:
            await soon(camera.many.wait())
            gate.set()
            await soon(fresh.wait())
            assert 0 < len(late) < MANY // 2
        finally:
            gate.set()


async def test_sound_is_there_without_what_follows(http: httpx.AsyncClient) -> None:
    microphone = Ten()
    async with Caller(http, microphone, receive=("audio",)) as caller:
        await caller.hello(features=["media", "rtp"])
        microphone.go()
        heard = 0
        while heard < 9 * 20_000:  # µs; of the last, the resampler keeps some
            media = await caller.hear(Media)
            heard += media.duration
            caller.say(Ack(seq=media.seq))


async def test_who_calls_is_asked_to_show_frames_at_once(http: httpx.AsyncClient) -> None:
    async with Hasty(http, Colours(), receive=("video",)) as caller:
        assert caller.answer.count(f"a=extmap:{ID} {DELAY}") == 1
        await caller.hello(features=["media", "rtp"])
        assert len(await caller.greys(2)) == 2
        asked = bytes([ID << 4 | 2, 0, 0, 50])  # RFC 8285, 4.2: three bytes; 0 and 500 ms
        assert [data[:40] for data in caller.packets if asked not in data] == []


async def test_who_does_not_offer_to_be_told_is_not(http: httpx.AsyncClient) -> None:
    async with Caller(http, Colours(), receive=("video",)) as caller:
        await caller.hello(features=["media", "rtp"])
        assert len(await caller.greys(2)) == 2


def packet(number: int, time: int, marker: int = 0) -> Any:
    """Return a packet that a receiver has read."""
    made: Any = RtpPacket(sequence_number=number, timestamp=time, marker=marker)
    made._data = bytes([number])
    return made


def put(buffer: JitterBuffer, sound: bool, *packets: RtpPacket) -> list[list[bytes]]:
    """Return what each packet makes whole."""
    made = []
    for each in packets:
        buffer.add(each)
        made.append([frame.data for frame in whole(buffer, sound)])
    return made


def test_all_that_one_late_packet_held_back_goes_with_it() -> None:
    buffer = JitterBuffer(capacity=16, is_video=True)
    first, late = packet(1, 0), packet(2, 0, 1)
    after = [packet(3, 10, 1), packet(4, 20), packet(5, 20, 1)]
    assert put(buffer, False, first, late) == [[], [b"\1\2"]]
    buffer = JitterBuffer(capacity=16, is_video=True)
    # aiortc itself gives the first when another time begins, and no more than it.
    assert put(buffer, False, first, after[2], late) == [[], [], [b"\1\2"]]
    buffer = JitterBuffer(capacity=16, is_video=True)
    assert put(buffer, False, first, after[1], after[2]) == [[], [], []]
    buffer.add(packet(3, 10, 1))
    assert put(buffer, False, late)[0][-1:] == [b"\4\5"]


def test_a_picture_whose_last_packet_is_not_marked_ends_where_another_begins() -> None:
    """As those are given that one late packet held back."""
    buffer = JitterBuffer(capacity=16, is_video=True)
    late, cut, after = packet(2, 5, 1), [packet(3, 10), packet(4, 10)], packet(5, 20, 1)
    assert put(buffer, False, packet(1, 0, 1), *cut, after) == [[b"\1"], [], [], []]
    assert put(buffer, False, late)[0][-2:] == [b"\3\4", b"\5"]


def test_padding_behind_a_picture_is_no_picture() -> None:
    """An empty one would be the end for a decoder."""
    buffer = JitterBuffer(capacity=16, is_video=True)
    padding = packet(2, 0)
    padding._data = b""
    assert put(buffer, False, packet(1, 0, 1), padding, packet(3, 10, 1)) == [[b"\1"], [], [b"\3"]]


def test_sound_waits_for_a_lost_packet_until_four_others_are_there() -> None:
    buffer = JitterBuffer(capacity=16, prefetch=4)
    there = [packet(n, 960 * n) for n in (1, 2, 4, 5, 6, 7, 8)]
    assert put(buffer, True, *there) == [
        [b"\1"],
        [b"\2"],
        [],
        [],
        [],
        [b"\4", b"\5", b"\6", b"\7"],
        [b"\10"],
    ]
