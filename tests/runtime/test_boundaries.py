"""A fault of our own, put where nobody thought of one: its session is told, the others go on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from tests.asking import asking
from tests.memory import MemoryClient

from livedraft.media import images
from livedraft.protocol.messages import (
    Ack,
    Close,
    Error,
    Frame,
    Input,
    Message,
    ParamsUpdate,
    Refine,
)
from livedraft.runtime.config import Config
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.server import Server
from livedraft.runtime.sessions import lane
from livedraft.runtime.sessions.parking import Parking
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.scheduler import Scheduler
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

SKETCH = images.encode(Image.linear_gradient("L").convert("RGB"))

WITHIN_S = 5.0


class Odd(Exception):
    """A fault that no code expects."""


def breaking(times: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return something that raises so many times, and then does what it should."""
    left = [times]

    def broken(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise Odd("put here by a test")
        return real(*args, **kwargs)

    return broken


async def heard(client: MemoryClient) -> Message:
    """Return the next message that is no confirmation."""
    while True:
        data = await client.channel.get()
        assert data is not None, f"closed: {client.channel.closed}"
        message: Message = client._in.decode(data)
        if not isinstance(message, Ack):
            return message


async def draws(client: MemoryClient, id: int) -> None:
    """See a session served."""
    await client.say(Input(id=id, inputs={"sketch": SKETCH}))
    assert (await client.hear(Frame)).id == id


async def nothing_is_left(service: Service) -> None:
    """See every place free, nothing under way, and the server drained at once."""
    assert (service.admission.taken, len(service.parking), service.live) == (0, 0, {})
    await service.drain()
    runner = service._runner
    assert runner is not None
    assert runner.under_way == 0


PLACES: dict[str, tuple[object, str, Message]] = {
    "decoding": (images, "decode", Input(id=1, inputs={"sketch": SKETCH})),
    "encoding": (images, "encode", Input(id=1, inputs={"sketch": SKETCH})),
    "encoding a refine": (images, "encode", Refine(id=1, params={"steps": 1})),
    "counting a call": (Scheduler, "charge", ParamsUpdate(id=1, params={})),
    "taking where a job stands": (lane, "advance", ParamsUpdate(id=1, params={})),
    "taking a picture": (Runner, "_show", ParamsUpdate(id=1, params={})),
    "calling the engine": (lane, "turn_of", ParamsUpdate(id=1, params={})),
    "making a call": (Calls, "step", ParamsUpdate(id=1, params={})),
    "standing in line": (Runner, "_line_up", Input(id=1, inputs={"sketch": SKETCH})),
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_session_is_told_of_a_fault_and_goes_on(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, message = PLACES[place]
    async with (
        asyncio.timeout(WITHIN_S),
        Server(Config(models=("echo",))) as service,
        MemoryClient(service) as other,
        MemoryClient(service) as client,
    ):
        await other.open()
        await client.open()
        monkeypatch.setattr(where, name, breaking(1, getattr(where, name)))
        await client.say(message)  # type: ignore[arg-type]  # each is a client's
        told = await heard(client)
        assert isinstance(told, Error)
        assert (told.code, told.id, told.fatal) == ("engine", 1, False)
        assert "Odd" in told.message
        await draws(client, 2)
        await draws(other, 1)
        await client.leave(done=True)
        await other.leave(done=True)
        await nothing_is_left(service)


@pytest.mark.parametrize("name", ["input", "begin"])
async def test_a_connection_ends_with_a_fault_that_is_its_own(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        asyncio.timeout(WITHIN_S),
        Server(Config(models=("echo",))) as service,
        MemoryClient(service) as other,
        MemoryClient(service) as client,
    ):
        await other.open()
        await client.open()
        monkeypatch.setattr(Session, name, breaking(1, getattr(Session, name)))
        await client.say(Input(id=1, inputs={"sketch": SKETCH}))
        told = await client.hear(Error)
        assert (told.code, told.fatal) == ("engine", True)
        await client.hear(Close)
        assert (await client.ended())[0] == 1011
        await draws(other, 1)
        await other.leave(done=True)
        await nothing_is_left(service)


async def test_a_session_that_cannot_be_closed_gives_its_place_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asyncio.timeout(WITHIN_S), Server(Config(models=("echo",))) as service:
        client = MemoryClient(service)
        await client.open()
        monkeypatch.setattr(Session, "close", breaking(1, Session.close))
        await client.channel.leave(done=True)
        with pytest.raises(Odd):
            await client.serving
        await nothing_is_left(service)


async def test_an_expiry_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    caught = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: caught.append(context))
    async with (
        asyncio.timeout(WITHIN_S),
        Server(Config(models=("echo",), resume_s=0.02)) as service,
    ):
        ended = asyncio.Event()
        expire = breaking(1, Parking.expire)

        def look(parking: Parking) -> None:
            expire(parking)
            if not len(parking):
                ended.set()

        client = MemoryClient(service)
        await client.open()
        await client.leave()
        monkeypatch.setattr(Parking, "expire", look)
        await ended.wait()
        assert [type(each["exception"]) for each in caught] == [Odd]


async def test_a_request_is_answered_with_its_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(Config(models=("echo",)))
    async with (
        asyncio.timeout(WITHIN_S),
        server as service,
        asking(server) as c,
    ):
        for name in ("decode", "encode"):
            with monkeypatch.context() as patch:
                patch.setattr(images, name, breaking(1, getattr(images, name)))
                answer = await c.post("/v1/generate", files={"sketch": ("s.png", SKETCH)})
            assert answer.status_code == 500, name
            error = answer.json()["error"]
            assert (error["code"], "Odd" in error["message"]) == ("engine", True), name
        assert (await c.post("/v1/generate", json={})).status_code == 200
        await nothing_is_left(service)
