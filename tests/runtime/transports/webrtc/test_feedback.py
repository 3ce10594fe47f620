"""Bad networks: packets that are lost and late, ways that bear less, and a line that breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fractions import Fraction
from functools import cache

import httpx
import numpy as np
import pytest
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)
from av import VideoFrame
from benchmarks.lossy import Network
from tests.runtime.transports.webrtc.caller import Caller, Colours, soon

from livedraft.media.codecs import Film, VideoDecoder
from livedraft.protocol.messages import Ack, Media
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.webrtc.rate import Rate

pytestmark = pytest.mark.anyio
SIDE = 256  # px


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("loopback",), port=0)) as server:
        yield server.url


@asynccontextmanager
async def calling(url: str, camera: Colours) -> AsyncIterator[Caller]:
    """Call with a camera, and confirm what comes."""
    async with (
        httpx.AsyncClient(base_url=url) as http,
        Caller(http, camera, receive=("video",)) as caller,
    ):
        await caller.hello(features=["media", "rtp"])

        async def confirm() -> None:
            while True:
                caller.say(Ack(seq=(await caller.hear(Media)).seq))

        confirming = asyncio.create_task(confirm())
        try:
            yield caller
        finally:
            confirming.cancel()


@cache
def moving(number: int, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of waves that move, with some noise: it takes the bits that it is given."""
    down, across = np.indices((side, side)) / side
    time = number / 30
    waves = [
        127 + 60 * np.sin(20 * across + 3 * time * k + 9 * down * k) + 50 * np.sin(31 * down * k)
        for k in (1, 1.7, 2.3)
    ]
    noise = np.random.default_rng(number).normal(0, 4, (side, side, 3))
    return np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


class Waves(Colours):
    """A camera whose pictures take as many bits as they are given."""

    async def recv(self) -> VideoFrame:
        """Return the next frame at its time."""
        await asyncio.sleep(1 / 30)
        pixels = moving(self.number % 30, self.size[0])
        frame = VideoFrame.from_ndarray(pixels, "rgb24")
        frame.pts, frame.time_base = 3000 * self.number, Fraction(1, 90_000)
        self.number += 1
        return frame


async def test_with_5_percent_lost_and_50_ms_of_jitter_the_picture_goes_on(url: str) -> None:
    async with calling(url, Colours()) as caller:
        assert len(await caller.greys(2)) == 2
        network = Network(caller.pc, loss=0.05, jitter_s=0.05)
        for _ in range(4):
            assert len(await caller.greys(8)) == 8
        assert network.lost > 0


async def test_after_a_line_that_broke_the_picture_comes_back(url: str) -> None:
    async with calling(url, Colours()) as caller:
        assert len(await caller.greys(2)) == 2
        network = Network(caller.pc)
        network.broken = True
        await asyncio.sleep(
            2
        )  # the fault's own length: shorter than after which a peer is given up
        assert network.lost > 0
        network.broken = False
        assert len(await caller.greys(8)) == 8


async def test_what_the_other_end_says_that_it_loses_is_heeded(url: str) -> None:
    async with calling(url, Waves((384, 384))) as caller:
        network = Network(caller.pc)

        async def taken(frames: int) -> float:
            """Return the bytes that a frame takes on the way here."""
            before = network.came
            for _ in range(frames):
                await soon(caller.tracks["video"].recv())
            return (network.came - before) / frames

        await taken(20)
        usual = await taken(40)
        able = (each for each in caller.pc.getReceivers() if each.getSynchronizationSources())
        [receiver] = [each for each in able if each.track.kind == "video"]
        [source] = receiver.getSynchronizationSources()
        half = RtcpReceiverInfo(
            ssrc=source.source,
            fraction_lost=128,
            packets_lost=9,
            highest_sequence=1,
            jitter=0,
            lsr=0,
            dlsr=0,
        )
        for _ in range(8):
            await receiver.transport._send_rtp(bytes(RtcpRrPacket(ssrc=1, reports=[half])))
        await taken(20)
        assert await taken(40) < 0.7 * usual


def test_losses_take_off_and_good_reports_give_back() -> None:
    told: list[float] = []
    rate = Rate(lambda share, most: told.append(share))
    rate.lost(0.05)
    assert told == []
    rate.lost(0.2)
    assert told == [pytest.approx(0.9)]
    for _ in range(100):
        rate.lost(1.0)
    assert rate.share == pytest.approx(0.1)
    for _ in range(100):
        rate.lost(0.0)
    assert rate.share == 1.0


def test_reports_of_other_sources_say_nothing() -> None:
    rate = Rate(lambda share, most: None)
    ours = RtcpReceiverInfo(
        ssrc=7, fraction_lost=128, packets_lost=1, highest_sequence=1, jitter=0, lsr=0, dlsr=0
    )
    rate.heard(RtcpRrPacket(ssrc=1, reports=[ours]), 8)
    assert rate.share == 1.0
    rate.heard(RtcpRrPacket(ssrc=1, reports=[ours]), 7)
    assert rate.share == pytest.approx(0.75)
    for fci in (b"", b"REMB", b"\x00" * 8, pack_remb_fci(90_000, [8])):
        rate.heard(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci), 7)
    assert rate.most == 0
    remb = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=pack_remb_fci(90_000, [7]))
    rate.heard(remb, 7)
    assert rate.most == 90_000
    for _ in range(10):
        rate.lost(0.0)
    assert (rate.share, rate.most) == (1.0, 0)  # nothing is lost any more


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_a_film_takes_what_its_way_bears_and_can_be_followed(codec: str) -> None:
    film, decoder = Film(codec), VideoDecoder(codec)
    number = 0

    def bits_a_second(frames: int) -> float:
        nonlocal number
        made = 0
        for _ in range(frames):
            packet = film.encode(moving(number, SIDE), number * 33_333, 33_333)
            [shown] = decoder.decode(packet)
            assert shown.frames.shape == (1, SIDE, SIDE, 3)
            made += 8 * len(packet.data)
            number += 1
        return made * 30 / frames

    bits_a_second(30)
    usual = bits_a_second(60)
    film.rate(1.0, 75_000)
    bits_a_second(30)
    lower = bits_a_second(60)
    assert lower < 0.8 * usual
    film.rate(1.0, 0)
    bits_a_second(30)
    assert bits_a_second(60) > (lower + usual) / 2


def test_a_little_less_is_no_reason_for_a_key_frame() -> None:
    film = Film("vp8")
    pixels = np.full((SIDE, SIDE, 3), 90, np.uint8)
    assert film.encode(pixels, 0, 33_333).key
    film.rate(0.9, 0)
    assert not film.encode(pixels, 33_333, 33_333).key
    film.key()
    assert film.encode(pixels, 66_666, 33_333).key
    film.rate(0.4, 0)
    assert film.encode(pixels, 100_000, 33_333).key
