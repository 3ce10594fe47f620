"""Packets that never come: they are asked for again, and left behind at the next key frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from livedraft.runtime.transports.webrtc.mending import Head
from livedraft.runtime.transports.webrtc.reception import begins_key

pytestmark = pytest.mark.anyio
KEY, DELTA = 0, 1  # the lowest bit of a frame of VP8 (RFC 6386, 9.1)


class Receiver:
    """What a receiver of pictures has, and what it asks for."""

    def __init__(self) -> None:
        self.buffer = JitterBuffer(capacity=512, is_video=True)
        self._RTCRtpReceiver__jitter_buffer = self.buffer
        self.again: list[list[int]] = []
        self.keys = 0

    async def _send_rtcp_nack(self, source: int, lost: list[int]) -> None:
        self.again.append(lost)

    async def _send_rtcp_pli(self, source: int) -> None:
        self.keys += 1

    def come(self, number: int, kind: int, *, frame: int) -> Any:
        """Have a packet come, which is a frame; return the frame that is whole now."""
        packet: Any = RtpPacket(sequence_number=number % 2**16, timestamp=frame, marker=1)
        descriptor = VpxPayloadDescriptor(partition_start=1, partition_id=0)
        packet.payload, packet._data = bytes(descriptor) + bytes([kind]), bytes([kind])
        return self.buffer.add(packet)[1]


def looking(receiver: Receiver) -> Callable[[int], Any]:
    head = Head(receiver)

    async def look(times: int) -> None:
        for _ in range(times):
            await head.look()

    return look


@pytest.mark.parametrize("first", [100, 2**16 - 2])  # the latter: numbers begin again in between
async def test_what_never_comes_is_left_behind_at_the_next_key_frame(first: int) -> None:
    receiver = Receiver()
    look = looking(receiver)
    for at in (0, 1, 3, 4):  # 2 is lost, and so is what is sent again
        receiver.come(first + at, DELTA, frame=at)
    await look(2)
    assert (receiver.again, receiver.keys) == ([[(first + 2) % 2**16]], 0)
    await look(2)
    assert receiver.keys == 1, "it has waited for long enough"
    assert receiver.come(first + 5, KEY, frame=5) is None, "which alone mends nothing"
    await look(1)
    whole = receiver.come(first + 6, DELTA, frame=6)
    assert (whole.timestamp, whole.data) == (5, bytes([KEY]))


async def test_what_lacks_is_asked_for_however_much_came_since() -> None:
    receiver = Receiver()
    look = looking(receiver)
    for at in (0, *range(2, 402)):
        receiver.come(at, DELTA, frame=at)
    await look(5)
    assert receiver.again[0] == [1]
    assert receiver.keys == 1


async def test_what_comes_twice_and_long_after_stops_nothing() -> None:
    """aiortc takes it for a sender that began anew."""
    receiver = Receiver()
    look = looking(receiver)
    for at in range(150):
        receiver.come(at, DELTA, frame=at)
    receiver.come(3, DELTA, frame=3)
    receiver.come(150, DELTA, frame=150)
    await look(5)
    assert receiver.keys == 1
    receiver.come(151, KEY, frame=151)
    await look(1)
    assert receiver.come(152, DELTA, frame=152).timestamp == 151


def test_receivers_ask_as_they_are_told_to_here() -> None:
    assert callable(RTCRtpReceiver._send_rtcp_nack)
    assert callable(RTCRtpReceiver._send_rtcp_pli)


@pytest.mark.parametrize(
    ("mime", "data", "begins"),
    [
        ("video/H264", b"\0\0\0\1\x09\x10\0\0\0\1\x67\1\0\0\1\x65\1", True),  # a delimiter first
        ("video/H264", b"\0\0\0\1\x06\1\0\0\1\x65\1", True),  # what tells of it first
        ("video/H264", b"\0\0\0\1\x09\x30\0\0\0\1\x41\1", False),
        ("video/VP8", b"\x10", True),
        ("video/VP8", b"\x11", False),
        ("video/VP8", b"", False),
    ],
)
def test_a_key_frame_is_known_by_all_its_parts(mime: str, data: bytes, begins: bool) -> None:
    assert begins_key(mime, data) == begins


async def test_what_comes_late_is_all_that_is_wanted() -> None:
    receiver = Receiver()
    look = looking(receiver)
    for at in (0, 2, 3):
        receiver.come(at, DELTA, frame=at)
    await look(3)
    assert receiver.again == [[1], [1]]
    receiver.come(1, DELTA, frame=1)
    await look(9)
    assert (len(receiver.again), receiver.keys) == (2, 0)


async def test_a_key_frame_is_asked_for_again_but_not_at_every_look() -> None:
    receiver = Receiver()
    look = looking(receiver)
    for at in (0, 2):
        receiver.come(at, DELTA, frame=at)
    await look(21)
    assert 3 <= receiver.keys <= 4


async def test_where_nothing_lacks_nothing_is_asked_for() -> None:
    receiver = Receiver()
    look = looking(receiver)
    await look(5)
    for at in range(3):
        receiver.come(at, DELTA, frame=at)
        await look(5)
    assert (receiver.again, receiver.keys) == ([], 0)
