"""Broken messages of a server: none holds a client or breaks it in a way that is not told."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgpack
import pytest
from PIL import Image
from tests.fuzz.test_messages import broken_bytes, odd_inside, odd_key, odd_value, same
from tests.sdk.client.hostile import frame, opened, talking
from websockets.asyncio.server import ServerConnection

from livedraft.client import AsyncClient
from livedraft.client.session import AsyncSession
from livedraft.client.terms import Retry, Timeouts
from livedraft.errors import LivedraftError
from livedraft.media.images import encode
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import server_codec
from livedraft.protocol.connection import ClientConnection

pytestmark = pytest.mark.anyio

MESSAGES = 20_000
SESSIONS = 80
SEED = 20_262
PICTURE = encode(Image.new("RGB", (4, 4), "teal"))
SKETCH = Image.new("RGB", (8, 8))
SOUND: list[wire.ServerMessage] = [
    opened(),
    opened(resumed=True, last_id=5),
    frame(id=1, image=PICTURE, timings={"queued": 1.0, "sent": 2.0}),
    frame(id=2, stage=wire.Stage.FINAL, image=PICTURE),
    frame(id=3, stage=wire.Stage.PREVIEW, image=PICTURE),
    wire.Media(track="a", id=3, pts=1, duration=1, codec="opus", data=b"x", seq=4),
    wire.Ack(id=1, params={"seed": 1}),
    wire.Queued(position=1),
    wire.Error(code="invalid_params", message="no", id=1),
    wire.Error(code="model_failed", message="no", id=2),
    wire.Error(code="server_busy", message="no", fatal=True),
    wire.Close(code="draining"),
    wire.Close(code="idle"),
]
LIMITS = Timeouts(update_s=0.05, frame_s=0.05, refine_s=0.05, open_s=0.3, queue_s=0.1, close_s=0.1)


def mutant(rng: random.Random) -> bytes:
    """Return one message, mostly broken in some way."""
    message = rng.choice(SOUND)
    fields: dict[str, Any] = {n: getattr(message, n) for n in type(message).model_fields}
    fields = rng.choices([same, odd_inside, odd_value, odd_key], [5, 3, 3, 1])[0](rng, fields)
    packed = cast(bytes, msgpack.packb(fields))
    return broken_bytes(rng, packed) if rng.random() < 0.2 else packed


def test_no_message_of_a_server_breaks_the_protocol_s_end() -> None:
    rng = random.Random(SEED)
    taken = refused = longest = 0
    line = ClientConnection()
    for _ in range(MESSAGES):
        if line.state == "closed" or rng.random() < 0.02:
            line = ClientConnection()
            line.receive(server_codec().encode(opened()))
        try:
            line.receive(mutant(rng))
            taken += 1
        except LivedraftError as error:
            longest = max(longest, len(str(error)))
            refused += 1
    assert longest < 2500
    assert min(taken, refused) > MESSAGES / 10


async def use(session: AsyncSession, rng: random.Random) -> Counter[str]:
    """Do what users do until the session is over; return how the calls ended, by code."""
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: session.update(seed=rng.randrange(9)),
        session.refine,
        session.next_frame,
        lambda: session.send(SKETCH),
        session.cancel,
    ]
    ends: Counter[str] = Counter()
    for call in [session.open, *rng.choices(calls, k=6)]:
        try:
            await call()
        except LivedraftError as error:
            ends[error.code] += 1
            if session.state == "closed":
                break
        else:
            ends["fine"] += 1
    return ends


async def test_no_server_breaks_a_session() -> None:
    rng = random.Random(SEED)
    ends: Counter[str] = Counter()

    async def lie(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(server_codec().encode(opened()))
        for _ in range(rng.randrange(8)):
            await socket.send(mutant(rng))
        await socket.wait_closed()

    quick = Retry(attempts=1, first_s=0.001, longest_s=0.001)
    async with talking(lie) as url:
        for _ in range(SESSIONS):
            async with AsyncClient(url, timeouts=LIMITS, retry=quick) as client:
                session = client.session()
                async with asyncio.timeout(20):
                    ends += await use(session, rng)
                    await session.close()
                assert "the session failed" not in str(session._over), session._over
    assert {"fine", "timed_out", "bad_message", "session_idle"} < set(ends), ends
