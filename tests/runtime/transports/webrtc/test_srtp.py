"""Packets between a socket and its tracks: at once, and what strangers send stops nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from pylibsrtp import Error
from tests.runtime.transports.webrtc.caller import Caller, Colours, soon

from livedraft.protocol.messages import Ack, Media
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.webrtc.network import transports
from livedraft.runtime.transports.webrtc.srtp import Wire, at_once, hear

pytestmark = pytest.mark.anyio
STRANGE = (
    *(b"", b"\x80", b"\x80\xc8" + bytes(30), bytes([0x90]) * 200, b"\xff" * 40, b"\x16" * 50),
    *(bytes([0x90]) * 2000, b"\x80\xc8" + bytes(2000)),  # more than libsrtp has room for
)


@asynccontextmanager
async def connected(heard: bool) -> AsyncIterator[tuple[RTCPeerConnection, list[int]]]:
    """Have aiortc send a camera to itself; give who hears it, and what waited for a task."""
    sends, hears = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    waited: list[int] = []
    try:
        sends.addTrack(Colours())
        await sends.setLocalDescription(await sends.createOffer())
        await hears.setRemoteDescription(sends.localDescription)
        for transport in transports(hears):
            queue: Any = transport.transport._connection._queue
            put = queue.put_nowait

            def noted(item: Any, put: Any = put) -> None:
                waited.extend(item[0][:1] if item else ())
                put(item)

            queue.put_nowait = noted
            if heard:
                hear(transport)
        await hears.setLocalDescription(await hears.createAnswer())
        await sends.setRemoteDescription(hears.localDescription)
        yield hears, waited
    finally:
        await asyncio.gather(sends.close(), hears.close())


@pytest.mark.parametrize("heard", [True, False])
async def test_what_comes_is_heard_without_a_task_that_is_woken(heard: bool) -> None:
    async with connected(heard) as (pc, waited):
        [receiver] = pc.getReceivers()
        await soon(receiver.track.recv())
        [transport] = transports(pc)
        waited.clear()
        before = transport._RTCDtlsTransport__rx_packets  # by which silence is told
        for _ in range(20):
            await soon(receiver.track.recv())
        assert any(127 < first < 192 for first in waited) is not heard
        assert transport._RTCDtlsTransport__rx_packets >= before + 18


async def test_nothing_that_a_stranger_sends_ends_a_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = Config(models=("loopback",), port=0)
    with Thread(config) as server:
        async with (
            httpx.AsyncClient(base_url=server.url) as http,
            Caller(http, Colours(), receive=("video",)) as caller,
        ):
            await caller.hello(features=["media", "rtp"])
            confirming = asyncio.create_task(_confirm(caller))
            assert len(await caller.greys(2)) == 2
            assert caller.pc.sctp is not None
            connection: Any = caller.pc.sctp.transport.transport._connection
            address = connection._nominated[1].remote_addr
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as stranger:
                for data in STRANGE:
                    stranger.sendto(data, address)
            assert len(await caller.greys(12)) == 12
            confirming.cancel()
    assert [said for said in caplog.records if said.name == "asyncio"] == []  # of a loop's handler


async def test_where_nobody_is_nothing_is_sent() -> None:
    async with connected(True) as (pc, _):
        [transport] = transports(pc)
        Wire(transport).send([(bytes(12), b"")])  # not connected yet


async def test_what_is_too_long_waits_for_no_handshake() -> None:
    async with connected(True) as (pc, waited):
        [transport] = transports(pc)
        take = transport.transport._connection.data_received
        take(bytes([0x90]) * 1501, 1)
        assert waited == []
        take(bytes([0x90]) * 1500, 1)
        assert waited == [0x90]
        [receiver] = pc.getReceivers()
        await soon(receiver.track.recv())


async def test_a_packet_that_fits_no_datagram_is_a_fault_of_ours() -> None:
    async with connected(True) as (pc, _):
        [receiver] = pc.getReceivers()
        await soon(receiver.track.recv())
        [transport] = transports(pc)
        with pytest.raises(ValueError, match="1512 bytes"):
            Wire(transport).send([(bytes(12), bytes(1500))])
        with pytest.raises(Error, match="cannot be protected"):
            Wire(transport).send([(b"", b"")])


def test_what_begins_to_wait_is_a_fault_of_ours() -> None:
    async def gone() -> None:
        raise ConnectionError

    async def waits() -> None:
        await asyncio.sleep(0)

    at_once(gone())
    with pytest.raises(RuntimeError, match="wait"):
        at_once(waits())


async def _confirm(caller: Caller) -> None:
    while True:
        caller.say(Ack(seq=(await caller.hear(Media)).seq))
