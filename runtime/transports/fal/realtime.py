"""``/OWNER/APP/realtime``: fal's realtime clients at a session of ours.

Each message asks for a picture, and the newest wins: what comes faster than pictures are made is
merged, so no ``max_buffering`` is needed. Messages are msgpack or JSON, and answered in kind.
Sources: fal's clients for Python (1.0) and JavaScript (1.10), and its runner.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

import msgpack
from starlette.websockets import WebSocket

from livedraft.errors import BadMessage, LivedraftError, Unauthorized
from livedraft.protocol.codec import Data, client_codec, from_json, json_bytes, server_codec
from livedraft.protocol.codec import unpacked as from_msgpack
from livedraft.protocol.messages import (
    Ack,
    Close,
    Error,
    Frame,
    Input,
    Open,
    Opened,
    Refine,
    Stage,
)
from livedraft.protocol.values import check

from ...clock import Clock
from ..channel import Gone
from ..connection import Connection
from ..data_uris import data_uri
from ..lines import Lines
from ..patience import FORGIVEN, REFUSALS, Bucket
from ..security import bearer
from ..service import Service
from ..websocket import WebSocketChannel
from .words import Asked, asked_of

_MOST_WAITING = 64  # messages that came and are not read: the socket holds its client back
_MOST_ASKED = 256  # messages whose answers may still come


class FalChannel:
    """A WebSocket whose client speaks fal's words, as a channel of our messages."""

    lines: Lines | None = None

    def __init__(self, websocket: WebSocket, model: str, clock: Clock) -> None:
        self._socket = WebSocketChannel(websocket)
        self._described: Mapping[str, Any] = {}
        self._opened = asyncio.Event()
        self._refusals = Bucket(REFUSALS, FORGIVEN, clock)
        self._text = False  # whether the newest message was JSON
        self._asked: OrderedDict[int, Asked] = OrderedDict()  # by the id of its message
        self._id = 0
        self._in = server_codec()
        self._out = client_codec()
        self._came: asyncio.Queue[Data | Gone] = asyncio.Queue(_MOST_WAITING)
        self._acks: asyncio.Queue[Data] = asyncio.Queue()
        self._first = self._out.encode(Open(model=model, accept=["image/jpeg", "image/png"]))

    async def read(self) -> None:
        """Read the client until it leaves."""
        while True:
            try:
                await self._came.put(await self._socket.receive())
            except Gone as gone:
                await self._came.put(gone)
                return

    async def receive(self) -> Data:
        """Return the next message in our words; raise Gone at the end."""
        if self._first:
            said, self._first = self._first, b""
            return said
        await self._opened.wait()
        while True:
            if not self._acks.empty():
                return self._acks.get_nowait()
            came = asyncio.ensure_future(self._came.get())
            confirmed = asyncio.ensure_future(self._acks.get())
            try:
                await asyncio.wait([came, confirmed], return_when=asyncio.FIRST_COMPLETED)
            finally:
                came.cancel()
                confirmed.cancel()
            if confirmed.done() and not confirmed.cancelled():
                self._acks.put_nowait(confirmed.result())
            if came.done() and not came.cancelled():
                said = await self._translated(came.result())
                if said:
                    return said

    def widen(self) -> None:
        """Let whole messages in."""
        self._socket.widen()

    async def send(self, data: Data) -> None:
        """Say a message of ours in fal's words, where it has such."""
        message = self._in.decode(data)
        if isinstance(message, Opened):
            self._described = message.model
            self._opened.set()
        elif isinstance(message, Frame):
            if message.stage is not Stage.PREVIEW:
                await self._socket.send(self._answer(message))
            self._acks.put_nowait(self._out.encode(Ack(seq=message.seq)))
        elif isinstance(message, Error):
            await self._refuse(message.code, f"{message.message} ({message.fix})")
        elif isinstance(message, Close):
            self._opened.set()

    async def close(self, code: int, reason: str) -> None:
        """End."""
        await self._socket.close(code, reason)

    async def _translated(self, came: Data | Gone) -> Data:
        """Return a message in our words; nothing for one that is refused."""
        if isinstance(came, Gone):
            raise came
        self._text = isinstance(came, str)
        try:
            asked = asked_of(_fields(came), self._described)
        except LivedraftError as error:
            self._refusals.refuse(error)
            await self._refuse(error.code, str(error))
            return b""
        self._id += 1
        steps = asked.params.get("steps")
        said = Input(id=self._id, inputs=asked.inputs, params=asked.params)
        if type(steps) is int and steps > self._described["draft_steps"]:
            self._acks.put_nowait(self._out.encode(Refine(id=self._id + 1)))
            self._id += 1
        self._asked[said.id] = self._asked[self._id] = asked
        if len(self._asked) > _MOST_ASKED:
            self._asked.popitem(last=False)
        return self._out.encode(said)

    def _answer(self, frame: Frame) -> Data:
        asked = self._asked.get(frame.id) or Asked()
        picture: dict[str, Any] = {
            "width": frame.width,
            "height": frame.height,
            "content_type": frame.mime,
        }
        if self._text or asked.as_url:
            picture["url"] = data_uri(frame.image, frame.mime)
        if not self._text:
            picture["content"] = frame.image
        answer = {
            "images": [picture],
            "seed": frame.seed,
            "prompt": frame.params.get("prompt", ""),
            "num_inference_steps": frame.steps,
            "has_nsfw_concepts": [False],  # nobody looks
            "timings": {"inference": frame.timings.get("model", 0.0) / 1e3},
            "request_id": asked.request_id,
            "ignored": asked.ignored,
        }
        if asked.request_id is None:
            del answer["request_id"]
        return json_bytes(answer).decode() if self._text else cast(bytes, msgpack.packb(answer))

    async def _refuse(self, code: str, reason: str) -> None:
        """Say an error as fal's runner does: JSON, whatever the client speaks."""
        error = {"type": "x-fal-error", "error": code.upper(), "reason": reason}
        await self._socket.send(json_bytes(error).decode())


async def realtime(websocket: WebSocket) -> None:
    """Serve one client of fal's; the app is the name of a model."""
    service: Service = websocket.app.state.service
    await websocket.accept()
    given = bearer(websocket.headers.get("authorization"))
    channel = FalChannel(websocket, websocket.path_params["app"], service.clock)
    try:
        service.gate.check_token(websocket.query_params.get("fal_jwt_token", ""), given)
    except Unauthorized:
        unauthorized = {"status": "error", "error": "Unauthorized"}
        await websocket.send_text(json_bytes(unauthorized).decode())
        await websocket.close(1008, "Unauthorized")
        return
    connection = Connection(service, channel, service.config.token, service.owner(websocket.client))
    reading = asyncio.create_task(channel.read())
    try:
        await connection.run()
    finally:
        reading.cancel()


def _fields(data: Data) -> Mapping[str, Any]:
    fields = from_json(data) if isinstance(data, str) else from_msgpack(data)
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise BadMessage("a message is an object", fix='send {"prompt": …}')
    check(fields)
    return fields
