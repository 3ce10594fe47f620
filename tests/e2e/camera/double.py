"""A test double of a media server: it speaks the protocol by a script and runs no model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import Close, Error, Media, Opened, Track
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server


def track(name: str, way: Any, kind: Any, **more: Any) -> Track:
    """Return a track with any size and rate."""
    codecs = ["pcm-s16"] if kind == "audio" else ["jpeg", "webp", "vp8", "h264"]
    usual = {"policy": "latest" if way == "in" else "", "max_s": 0.0, "codecs": codecs}
    sizes = {"width": 0, "height": 0, "rate": 0.0, "channels": 0, "required": False}
    return cast(Track, {"name": name, "way": way, "kind": kind, **usual, **sizes, **more})


CAMERA = (track("camera", "in", "video"), track("picture", "out", "video"))
VOICE = (
    track("voice", "in", "audio", rate=16000.0, channels=1),
    track("sound", "out", "audio", rate=16000.0, channels=1),
)


@dataclass
class Double:
    """What the double does, and what came to it."""

    tracks: tuple[Track, ...] = (*CAMERA, *VOICE)
    model: dict[str, Any] = field(default_factory=dict)
    refuse: Error | None = None  # instead of opening
    echo: bool = True  # give back what comes, video as video and sound as sound
    behind: int = 0  # pieces that it keeps before it gives the oldest back, so that it is late
    script: Callable[[Double, WebSocket], Awaitable[None]] | None = None
    opens: list[Any] = field(default_factory=list)
    came: list[Media] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    kept: list[Media] = field(default_factory=list)
    seq: int = 0
    line: WebSocket | None = None
    loop: asyncio.AbstractEventLoop | None = None

    async def send(self, socket: WebSocket, **fields: Any) -> None:
        """Send a piece."""
        self.seq += 1
        media = Media.model_validate({"id": 0, "duration": 33_333, "seq": self.seq} | fields)
        await socket.send_bytes(_bytes(media))

    def hang_up(self) -> None:
        """Break the line, as a network does."""
        assert self.line is not None
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.line.close(1011), self.loop).result(5)

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="livedraft.v1")
        self.line, self.loop = socket, asyncio.get_running_loop()
        codec = client_codec()
        try:
            self.opens.append(codec.decode(await socket.receive_bytes()))
            if self.refuse:
                await socket.send_bytes(_bytes(self.refuse))
                await socket.close(4400)
                return
            await socket.send_bytes(_bytes(self._opened()))
            script = asyncio.ensure_future(self.script(self, socket)) if self.script else None
            try:
                while not isinstance(message := codec.decode(await socket.receive_bytes()), Close):
                    await self._take(socket, message)
            finally:
                if script:
                    script.cancel()
        except WebSocketDisconnect:
            pass

    async def _take(self, socket: WebSocket, message: Any) -> None:
        if message.type == "ack":
            self.confirmed.add(message.seq)
        if message.type != "media":
            return
        self.came.append(message)
        self.kept.append(message)
        if not self.echo or len(self.kept) <= self.behind:
            return
        message = self.kept.pop(0)
        kind = next(each["kind"] for each in self.tracks if each["name"] == message.track)
        back = next(e["name"] for e in self.tracks if e["way"] == "out" and e["kind"] == kind)
        keys = ("id", "pts", "duration", "codec", "key", "rate", "channels", "data")
        same = {key: getattr(message, key) for key in keys}
        await self.send(socket, track=back, timings={"model": 1.0, "sent": 2.0}, **same)

    def _opened(self) -> Opened:
        model = {"id": "double", "title": "Double", "inputs": [], "width": 640, "height": 360}
        schema: dict[str, Any] = {"properties": {}}
        return Opened(
            session="s",
            resume=f"secret {len(self.opens)}",
            model={"alpha": False, "draft_steps": 1, "max_steps": 1, "params_schema": schema}
            | model
            | self.model,
            params={},
            window=2,
            max_message_bytes=2**23,
            max_pixels=2**24,
            features=["media"],
            tracks=list(self.tracks),
            media_window_ms=500,
        )


def _bytes(message: Any) -> bytes:
    data = server_codec().encode(message)
    assert isinstance(data, bytes)
    return data


@contextmanager
def double_server(double: Double) -> Iterator[str]:
    """Serve the browser's files and, in place of the runtime, the double; give the address."""

    def mount(server: Server, url: str) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket":
                await double.serve(WebSocket(scope, receive, send))
            elif scope.get("path") == "/v1/ice-servers":
                await JSONResponse({"webrtc": False, "iceServers": []})(scope, receive, send)
            else:
                await server.app(scope, receive, send)

        return app

    with Thread(Config(models=("echo",), port=0), mount) as server:
        yield server.url
