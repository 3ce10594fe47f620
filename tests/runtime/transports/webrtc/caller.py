"""A client over WebRTC: aiortc at the other end of real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from fractions import Fraction
from typing import Any, Self, TypeVar

import httpx
import numpy as np
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame, VideoFrame

from livedraft.protocol.codec import Data, client_codec, server_codec
from livedraft.protocol.messages import ClientMessage, Close, Message, Open, Opened

M = TypeVar("M", bound=Message)
T = TypeVar("T")
_LIMIT_S = 20


class Colours(MediaStreamTrack):
    """A camera: a grey that tells the frame's number, 30 frames a second."""

    kind = "video"

    def __init__(self, size: tuple[int, int] = (64, 48)) -> None:
        super().__init__()
        self.size = size
        self.number = 0

    async def recv(self) -> VideoFrame:
        """Return the next frame at its time."""
        await asyncio.sleep(1 / 30)
        grey = 40 + 8 * (self.number % 20)
        pixels = np.full((self.size[1], self.size[0], 3), grey, np.uint8)
        frame = VideoFrame.from_ndarray(pixels, "rgb24")
        frame.pts, frame.time_base = 3000 * self.number, Fraction(1, 90_000)
        self.number += 1
        return frame


class Tone(MediaStreamTrack):
    """A microphone: 440 Hz in pieces of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    async def recv(self) -> AudioFrame:
        """Return the next piece at its time."""
        await asyncio.sleep(0.02)
        at = (np.arange(960) + 960 * self.number) / 48_000
        samples = (12_000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples[None], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, 960 * self.number
        frame.time_base = Fraction(1, 48_000)
        self.number += 1
        return frame


class Offerer:
    """One end of a peer connection that offers, to one of the server's paths."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        path: str,
        *tracks: MediaStreamTrack,
        receive: tuple[str, ...] = (),
        ice: RTCConfiguration | None = None,
    ) -> None:
        self.http = http
        self.path = path
        self.pc = RTCPeerConnection(
            ice or RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.location = self.tag = self.links = ""
        self.tracks: dict[str, MediaStreamTrack] = {}  # that came, by kind
        self.pc.on("track", lambda track: self.tracks.__setitem__(track.kind, track))
        for track in tracks:
            self.pc.addTransceiver(track, "sendonly")
        for kind in receive:
            self.pc.addTransceiver(kind, "recvonly")

    async def __aenter__(self) -> Self:
        answer = await self.offer()
        assert answer.status_code == 201, answer.text
        self.location, self.tag = answer.headers["location"], answer.headers["etag"]
        self.links = answer.headers.get("link", "")
        await self.pc.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pc.close()

    async def offer(self) -> httpx.Response:
        """Offer; return what the server says."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return await self.post(self.pc.localDescription.sdp)

    async def tried(self) -> httpx.Response:
        """Offer, and leave; return what the server says."""
        try:
            return await self.offer()
        finally:
            await self.pc.close()

    async def post(self, sdp: str | bytes, kind: str = "application/sdp") -> httpx.Response:
        """Post what may be an offer; return what the server says."""
        return await self.http.post(self.path, content=sdp, headers={"Content-Type": kind})

    async def delete(self) -> httpx.Response:
        """Have the server end this peer."""
        return await self.http.delete(self.location)

    async def lose_a_key_frame(self) -> None:
        """Tell the server, as a decoder does, that nothing can be decoded (RFC 4585, 6.3.1)."""
        able = (each for each in self.pc.getReceivers() if each.getSynchronizationSources())
        [receiver] = [each for each in able if each.track.kind == "video"]
        [source] = receiver.getSynchronizationSources()
        await receiver._send_rtcp_pli(source.source)

    async def greys(self, count: int) -> set[int]:
        """Return so many different frames of ``Colours`` that come."""
        seen: set[int] = set()
        while len(seen) < count:
            frame = await soon(self.tracks["video"].recv())
            assert isinstance(frame, VideoFrame)
            seen.add(round(float(frame.to_ndarray(format="gray").mean()) / 8))
        return seen


class Caller(Offerer):
    """Calls a server: offers tracks and a data channel, and speaks messages over it."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *tracks: MediaStreamTrack,
        receive: tuple[str, ...] = (),
        ice: RTCConfiguration | None = None,
    ) -> None:
        super().__init__(http, "/v1/webrtc", *tracks, receive=receive, ice=ice)
        self._in, self._out = server_codec(), client_codec()
        self._came: asyncio.Queue[Message] = asyncio.Queue()
        self._parts: list[bytes] = []
        self.channel = self.pc.createDataChannel("livedraft")
        self.channel.on("message", self._take)
        self.open = asyncio.Event()
        self.closed = asyncio.Event()
        self.channel.on("open", self.open.set)
        self.channel.on("close", self.closed.set)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await soon(self.open.wait())
        return self

    def open_session(self, **fields: Any) -> None:
        """Ask for a session."""
        self.say(Open(**fields))

    async def opened(self) -> Opened:
        """Wait for it."""
        return await self.hear(Opened)

    async def hello(self, **fields: Any) -> Opened:
        """Open a session."""
        self.open_session(**fields)
        return await self.opened()

    def say(self, message: ClientMessage) -> None:
        """Send a message in parts of 1,000 bytes."""
        data = self._out.encode(message)
        assert isinstance(data, bytes)
        for at in range(0, len(data), 1000):
            self.channel.send(bytes([at + 1000 < len(data)]) + data[at : at + 1000])

    async def hear(self, *kinds: type[M]) -> M:
        """Return the next message of these kinds; others before it are let go."""
        while True:
            message = await soon(self._came.get())
            if isinstance(message, kinds):
                return message
            assert Close in kinds or not isinstance(message, Close), message

    def _take(self, data: Data) -> None:
        if isinstance(data, str):
            self._came.put_nowait(self._in.decode(data))
            return
        self._parts.append(data[1:])
        if not data[0]:
            self._came.put_nowait(self._in.decode(b"".join(self._parts)))
            self._parts = []


async def soon(work: Awaitable[T]) -> T:
    """Return what work gives; a test that waits for ever tells where."""
    async with asyncio.timeout(_LIMIT_S):
        return await work
