"""A fake server of two models that reads as large as each says, and breaks where it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.fake_server import MODEL
from tests.sdk.client.drawn import QUICK
from tests.sdk.client.hostile import CODEC, frame, opened, talking
from websockets.asyncio.server import ServerConnection

from livedraft.client import AsyncClient
from livedraft.client.terms import Timeouts
from livedraft.errors import InvalidParams, LivedraftError
from livedraft.media.images import decode
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import client_codec

LATE = Timeouts(update_s=5, frame_s=5, refine_s=5, close_s=0.1)
SMALL = dict(MODEL, id="small", default=True)
LARGE = dict(
    MODEL,
    id="large",
    inputs=[{"name": "drawing", "width": 128, "height": 128, "alpha": True, "required": False}],
)


class Two:
    """Drafts with ``small`` or ``large``: sends back what it gets, with the params in force."""

    def __init__(self) -> None:
        self.models = [SMALL, LARGE]
        self.model = SMALL
        self.params: dict[str, Any] = {"prompt": "", "seed": 42, "steps": 4}
        self.heard: list[wire.ClientMessage] = []
        # By type, of the next message: whether the line breaks "before" it takes effect or "after".
        self.breaks: dict[str, str] = {}
        self.mute = False
        self.resumes = True
        self.features = ["media", "models"]
        self.last_id = 0

    def of(self, kind: type[wire.Message]) -> list[Any]:
        """Return what came of a kind."""
        return [message for message in self.heard if isinstance(message, kind)]

    async def talk(self, socket: ServerConnection) -> None:
        first = client_codec().decode(await socket.recv())
        assert isinstance(first, wire.Open)
        self.heard.append(first)
        resumed = bool(first.resume)
        if resumed and not self.resumes:
            await socket.send(
                CODEC.encode(wire.Error(code="session_unknown", message="gone", fatal=True))
            )
            return await socket.close(4404)
        if not resumed:
            self.last_id = 0
            self.model = next(each for each in self.models if first.model in (each["id"], ""))
            self.params |= first.params
        await socket.send(
            CODEC.encode(
                opened(
                    model=self.model,
                    params=self.params,
                    resumed=resumed,
                    last_id=self.last_id,
                    features=self.features,
                )
            )
        )
        seq = 0
        while True:
            message = client_codec().decode(await socket.recv())
            self.heard.append(message)
            how = self.breaks.pop(message.type, "")
            if how == "before":
                return socket.transport.abort()
            said = self._answers(message)
            if how == "after":
                return socket.transport.abort()
            for each in said:
                if isinstance(each, wire.Frame):
                    seq += 1
                    each = each.model_copy(update={"seq": seq})
                await socket.send(CODEC.encode(each))

    def _answers(self, message: wire.ClientMessage) -> list[wire.ServerMessage]:
        if self.mute or not isinstance(message, (wire.Input, wire.ParamsUpdate, wire.Switch)):
            return []
        self.last_id = message.id
        picture = b""
        said: list[wire.ServerMessage] = []
        try:
            if isinstance(message, wire.Switch):
                said.append(self._switched(message))
            else:
                self.params |= message.params
                said.append(wire.Ack(id=message.id, params=message.params))
        except LivedraftError as error:
            return [wire.Error(**error.to_wire(), id=message.id)]
        name = self.model["inputs"][0]["name"]
        if not isinstance(message, wire.ParamsUpdate):
            assert set(message.inputs) <= {name}, "which the model has"
            picture = message.inputs.get(name, b"")
        if picture:
            width, height = decode(picture).size
            said.append(
                frame(
                    id=message.id,
                    model=self.model["id"],
                    image=picture,
                    width=width,
                    height=height,
                    params=self.params,
                )
            )
        return said

    def _switched(self, message: wire.Switch) -> wire.Switched:
        if "style" in message.params and message.model == "small":
            raise InvalidParams("no parameter 'style'", fix="leave it out")
        self.model = next(each for each in self.models if each["id"] == message.model)
        kept = {name: value for name, value in self.params.items() if name != "steps"}
        self.params = {"steps": 8} | kept | message.params
        return wire.Switched(id=message.id, model=self.model, params=self.params)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Tell of the models over HTTP."""
        body = json.dumps({"models": self.models}).encode()
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=body)


@asynccontextmanager
async def two_models(timeouts: Timeouts = LATE) -> AsyncIterator[tuple[Two, AsyncClient]]:
    """Serve them; yield the server and a client of it."""
    two = Two()
    transport = httpx.MockTransport(two.answer)
    async with (
        talking(two.talk) as url,
        AsyncClient(url, retry=QUICK, timeouts=timeouts, transport=transport) as client,
    ):
        yield two, client


async def heard(two: Two, enough: Callable[[Two], bool]) -> None:
    """Wait until the server has heard enough; its loop is ours, so yielding is enough."""
    async with asyncio.timeout(5):
        while not enough(two):
            await asyncio.sleep(0)
