"""A server for tests of clients: the protocol's server end over a real socket, no model behind it.

It sends each input and each piece of media back as it came. A test tells it to hold its answers,
to refuse, to break connections and to forget sessions.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from PIL import Image
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from livedraft.errors import InvalidParams, LivedraftError, ProtocolError, SessionUnknown
from livedraft.errors import did_you_mean as closest
from livedraft.media.images import decode, encode
from livedraft.protocol import connection as protocol
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import MAX_MESSAGE_BYTES
from livedraft.protocol.features import FEATURES, MEDIA

DEFAULTS: Mapping[str, Any] = {"prompt": "", "seed": 42, "steps": 4, "strength": 0.5}
MODEL: Mapping[str, Any] = {
    "id": "fake",
    "title": "Sends back what it gets",
    "width": 64,
    "height": 64,
    "inputs": [{"name": "sketch", "width": 64, "height": 64, "alpha": True, "required": False}],
    "params_schema": {"properties": {name: {} for name in DEFAULTS}},
}

MEDIA_WINDOW_US = 500_000  # of each track


@dataclass(slots=True)
class Seat:
    """What one session keeps, over all its connections."""

    params: dict[str, Any]
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    sketch: bytes = b""
    last_id: int = 0


class FakeServer:
    """Serve on a free loopback port within ``async with``; ``url`` is its address."""

    def __init__(
        self,
        *,
        window: int = 2,
        port: int = 0,
        preview: bool = False,
        tracks: Sequence[wire.Track] = (),
        features: Sequence[str] = FEATURES,
    ) -> None:
        self.url = ""
        self.port = port
        self.received: deque[wire.ClientMessage] = deque(maxlen=10_000)  # of all connections
        self.refusals: deque[LivedraftError] = deque()  # the next ``open`` each are refused so
        self.queue: list[int] = []  # positions told before a session opens
        self.failures: deque[LivedraftError] = deque()  # the next jobs each fail so
        self.held = False  # whether answers wait for ``release``
        self._window = window
        self._preview = preview  # whether a refine sends one preview
        self.features = features  # that it does
        self.tracks = list(tracks)  # what comes on those that lead in goes out as it came
        self._seats: dict[str, Seat] = {}
        self._talks: list[_Talk] = []
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._talk, "127.0.0.1", self.port, subprotocols=[Subprotocol(wire.SUBPROTOCOL)]
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def inputs(self) -> list[wire.Input]:
        """Return the inputs that came, oldest first."""
        return [message for message in self.received if isinstance(message, wire.Input)]

    def drop(self) -> None:
        """Break every connection without a goodbye."""
        for talk in self._talks:
            talk.socket.transport.abort()

    def forget(self) -> None:
        """Lose the sessions, as a server that starts anew."""
        self._seats.clear()

    async def release(self) -> None:
        """Answer what was held back, the newest only, and hold no more."""
        self.held = False
        for talk in list(self._talks):
            await talk.answer()

    async def _talk(self, socket: ServerConnection) -> None:
        talk = _Talk(self, socket, protocol.ServerConnection(self._window, MAX_MESSAGE_BYTES))
        self._talks.append(talk)
        try:
            async for data in socket:
                try:
                    message = talk.line.receive(data)
                except ProtocolError as error:
                    await talk.refuse(error, fatal=talk.line.state != "open")
                    continue
                self.received.append(message)
                await talk.take(message)
        except ConnectionClosed:
            pass  # clients may go
        finally:
            self._talks.remove(talk)

    def seat(self, opening: wire.Open) -> Seat:
        """Return a new session's state, or the one that is continued."""
        if not opening.resume:
            seat = Seat({**DEFAULTS, **checked(opening.params)})
            self._seats[seat.token] = seat
            return seat
        if opening.resume not in self._seats:
            raise SessionUnknown("no such session", fix="open afresh")
        return self._seats[opening.resume]

    @property
    def previews(self) -> bool:
        """Whether a refine sends a preview."""
        return self._preview


class _Talk:
    """One connection."""

    def __init__(
        self, server: FakeServer, socket: ServerConnection, line: protocol.ServerConnection
    ) -> None:
        self.socket = socket
        self.line = line
        self._server = server
        self._seat: Seat | None = None
        self._due: tuple[int, wire.Stage, dict[str, Any]] | None = None  # depth 1, newest wins
        self._echoes: deque[wire.Media] = deque()  # that wait for the client to confirm others

    async def take(self, message: wire.ClientMessage) -> None:
        if isinstance(message, wire.Open):
            await self._open(message)
        elif isinstance(message, (wire.Input, wire.ParamsUpdate, wire.Refine)):
            await self._work(message)
        elif isinstance(message, wire.Media):
            await self._echo(message)
        elif isinstance(message, wire.Cancel):
            self._due = None
        elif isinstance(message, wire.Ack):
            await self.answer()
        elif isinstance(message, wire.Ping):
            await self._send(wire.Pong(id=message.id))

    async def answer(self) -> None:
        """Send the frame that is due, if the client takes one."""
        while self._echoes and not self._server.held:
            if self.line.unacked_us(self._echoes[0].track) >= MEDIA_WINDOW_US:
                break
            media = self._echoes.popleft()
            seq = self.line.next_seq(media.id, media.track, media.duration)
            await self._send(media.model_copy(update={"seq": seq}))
        seat = self._seat
        if self._server.held or not self.line.ready or self._due is None or seat is None:
            return
        (id, stage, params), self._due = self._due, None
        if self._server.failures:
            await self.refuse(self._server.failures.popleft(), id=id)
        elif stage is wire.Stage.FINAL and self._server.previews:
            await self._send(frame(self.line, id, wire.Stage.PREVIEW, params, seat.sketch))
            await self._send(frame(self.line, id, stage, params, seat.sketch))
        else:
            await self._send(frame(self.line, id, stage, params, seat.sketch))

    async def _echo(self, media: wire.Media) -> None:
        try:
            self.line.check(media)
        except LivedraftError as error:
            await self.refuse(error, id=media.id)
            return
        assert self._seat is not None
        self._seat.last_id = media.id
        self._echoes.append(media)
        await self.answer()

    async def refuse(
        self, error: LivedraftError, *, id: int | None = None, fatal: bool = False
    ) -> None:
        await self._send(wire.Error(**error.to_wire(), id=id, fatal=fatal))
        if fatal:
            await self._send(wire.Close(code=error.code))
            await self.socket.close(4400)

    async def _open(self, opening: wire.Open) -> None:
        try:
            if self._server.refusals:
                raise self._server.refusals.popleft()
            seat = self._server.seat(opening)
        except LivedraftError as error:
            await self.refuse(error, fatal=True)
            return
        for position in self._server.queue:
            await self._send(wire.Queued(position=position))
        self._seat = seat
        self.line.resume(seat.last_id)
        await self._send(
            wire.Opened(
                session=seat.token[:4],
                resume=seat.token,
                resumed=bool(opening.resume),
                last_id=seat.last_id,
                model=dict(MODEL),
                params=seat.params,
                window=self.line.window,
                max_message_bytes=MAX_MESSAGE_BYTES,
                max_pixels=4096**2,
                features=[each for each in opening.features if each in self._server.features],
                tracks=self._server.tracks if MEDIA in opening.features else [],
                media_window_ms=MEDIA_WINDOW_US // 1000,
            )
        )

    async def _work(self, message: wire.Input | wire.ParamsUpdate | wire.Refine) -> None:
        assert self._seat is not None
        self._seat.last_id = message.id
        try:
            params = checked(message.params)
        except InvalidParams as error:
            await self.refuse(error, id=message.id)
            return
        if isinstance(message, wire.Refine):
            self._due = (message.id, wire.Stage.FINAL, self._seat.params | params)
        else:
            self._seat.params |= params
            self._due = (message.id, wire.Stage.DRAFT, self._seat.params)
        if isinstance(message, wire.Input):
            self._seat.sketch = message.inputs.get("sketch", self._seat.sketch)
        elif isinstance(message, wire.ParamsUpdate):
            await self._send(wire.Ack(id=message.id, params=self._seat.params))
        await self.answer()

    async def _send(self, message: wire.ServerMessage) -> None:
        await self.socket.send(self.line.send(message))


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return params whose names are known; raise InvalidParams for others."""
    for name in params:
        if name not in DEFAULTS:
            raise InvalidParams(f"no param '{name}'", fix=closest(name, DEFAULTS))
    return dict(params)


def frame(
    line: protocol.ServerConnection,
    id: int,
    stage: wire.Stage,
    params: Mapping[str, Any],
    sketch: bytes,
) -> wire.Frame:
    """Return a frame that shows the sketch, or a grey one where there is none."""
    image = decode(sketch) if sketch else Image.new("RGB", (64, 64), "grey")
    steps = int(params["steps"])
    return wire.Frame(
        seq=line.next_seq(id),
        id=id,
        stage=stage,
        model=str(MODEL["id"]),
        seed=int(params["seed"]),
        step=steps - 1 if stage is wire.Stage.PREVIEW else steps,
        steps=steps,
        params=dict(params),
        mime="image/png",
        width=image.width,
        height=image.height,
        image=encode(image),
        timings={"queued": 0.0, "sent": 1.0, "model": 0.5},
    )
