"""Clients over WebRTC: aiortc with a camera whose frames tell when they were taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from functools import cache
from typing import Any, cast

import httpx
import msgpack
import numpy as np
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from livedraft.runtime.transports.webrtc.reception import decode_at_once

_BITS = 16  # of a frame's number, black and white along its upper edge
_CYCLE = 30  # pictures of a camera before they come again
_READY_S = 30.0


class Camera(MediaStreamTrack):
    """Waves that move, at a steady rate; each frame bears its number."""

    kind = "video"

    def __init__(self, size: int, fps: float) -> None:
        super().__init__()
        self.taken: dict[int, float] = {}  # s, by number
        self._size = size
        self._fps = fps
        for number in range(_CYCLE):
            waves(number, size)  # now, and not between frames
        self._start = time.perf_counter()
        self._number = 0

    async def recv(self) -> VideoFrame:
        """Return the next frame at its time."""
        self._number += 1
        due = self._start + self._number / self._fps
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        pixels = waves(self._number % _CYCLE, self._size).copy()
        side = self._size // _BITS
        for bit in range(_BITS):
            pixels[:side, bit * side : (bit + 1) * side] = 255 * (self._number >> bit & 1)
        frame = VideoFrame.from_ndarray(pixels, "rgb24")
        frame.pts, frame.time_base = round(self._number * 90_000 / self._fps), Fraction(1, 90_000)
        self.taken[self._number] = time.perf_counter()
        return frame


class Ages:
    """How old the frames of a camera are where they are shown, ms."""

    def __init__(self, camera: Camera) -> None:
        self.found: list[float] = []
        self.newest = 0.0  # s, when the newest frame that was shown was taken
        self.seen = asyncio.Event()  # set by each
        self._camera = camera

    async def watch(self, track: MediaStreamTrack) -> None:
        """Look at each frame that comes, until the track ends."""
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                taken = self._camera.taken.get(_number(frame))
                if taken is not None:
                    self.found.append((time.perf_counter() - taken) * 1e3)
                    self.newest = max(self.newest, taken)
                    self.seen.set()
        except MediaStreamError:
            pass


@cache
def waves(number: int, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of waves and some noise, (size, size, 3): it takes the bits it is given."""
    down, across = np.indices((size, size)) / size
    turn = 2 * np.pi * number / _CYCLE
    rows = [
        127 + 60 * np.sin(20 * across * k + turn + 9 * down) + 50 * np.sin(31 * down * k - turn)
        for k in (1, 1.7, 2.3)
    ]
    noise = np.random.default_rng(number).normal(0, 4, (size, size, 3))
    return np.clip(np.stack(rows, -1) + noise, 0, 255).astype(np.uint8)


@asynccontextmanager
async def offered(
    url: str,
    path: str,
    camera: Camera | None,
    opening: dict[str, Any] | None = None,
    receives: bool = True,
    on_peer: Callable[[RTCPeerConnection], None] = lambda pc: None,
) -> AsyncIterator[MediaStreamTrack | None]:
    """Offer to a server; give the video that comes back, once it is connected.

    With ``opening`` a session is opened over a data channel, and what comes is confirmed there.
    """
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    came: list[MediaStreamTrack] = []
    connected = asyncio.Event()
    pc.on("track", came.append)
    pc.on("connectionstatechange", lambda: connected.set() if _connected(pc) else None)
    if camera is not None:
        pc.addTransceiver(camera, "sendonly")
    if receives:
        pc.addTransceiver("video", "recvonly")
    for receiver in pc.getReceivers():
        decode_at_once(receiver)  # as browsers do, and aiortc alone does not
    if opening is not None:
        _confirming(pc.createDataChannel("livedraft"), opening)
    on_peer(pc)
    try:
        await pc.setLocalDescription(await pc.createOffer())
        async with httpx.AsyncClient(base_url=url, timeout=_READY_S) as http:
            headers = {"Content-Type": "application/sdp"}
            answer = await http.post(path, content=pc.localDescription.sdp, headers=headers)
        answer.raise_for_status()
        await pc.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        async with asyncio.timeout(_READY_S):
            await connected.wait()
        videos = [track for track in came if track.kind == "video"]
        yield videos[-1] if videos else None
    finally:
        await pc.close()


def _connected(pc: RTCPeerConnection) -> bool:
    return bool(pc.connectionState == "connected")


def _confirming(channel: RTCDataChannel, opening: dict[str, Any]) -> None:
    """Open a session as the channel opens, and confirm all that it is told of."""

    def say(message: dict[str, Any]) -> None:
        if channel.readyState == "open":
            channel.send(b"\0" + cast(bytes, msgpack.packb(message)))

    def heard(data: bytes) -> None:
        message = msgpack.unpackb(data[1:])
        if message["type"] in ("media", "frame") and message.get("seq") is not None:
            say({"type": "ack", "seq": message["seq"]})
        if message["type"] == "error":
            raise RuntimeError(message["message"])

    channel.on("open", lambda: say({"type": "open", **opening}))
    channel.on("message", heard)


def _number(frame: VideoFrame) -> int:
    grey = frame.to_ndarray(format="gray")
    side = grey.shape[1] // _BITS
    middle = grey[side // 4 : side - side // 4]
    bits = (
        middle[:, bit * side + side // 4 : (bit + 1) * side - side // 4] for bit in range(_BITS)
    )
    return sum(int(each.mean() > 127) << bit for bit, each in enumerate(bits))
