"""Twenty thousand broken messages: none crashes a connection, and sessions go on as they were."""

import base64
import json
import random
import re
from typing import Any, cast

import msgpack
import pytest
from PIL import Image
from tests.doubles import FakeClock
from tests.memory import MemoryClient

from livedraft.errors import CODES
from livedraft.media import images
from livedraft.protocol.codec import Data, server_codec
from livedraft.protocol.messages import Ack, Error, Frame, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

MESSAGES = 20_000
BATCH = 20  # fewer than the refusals in a row that end a session
SEED = 20_261

PICTURE = images.encode(Image.new("RGB", (16, 16), "teal"))
MAPS: list[dict[str, Any]] = [
    {"type": "input", "id": 1, "inputs": {"sketch": PICTURE}, "params": {"seed": 3}},
    {"type": "input", "id": 2, "inputs": {"sketch": b""}},
    {"type": "params", "id": 3, "params": {"prompt": "a fox", "seed": 5, "delay_ms": 0.5}},
    {"type": "refine", "id": 4, "params": {"steps": 2}},
    {
        "type": "media",
        "id": 5,
        "track": "sketch",
        "pts": 6,
        "duration": 7,
        "codec": "jpeg",
        "data": PICTURE,
    },
    {"type": "interrupt", "id": 6},
    {"type": "cancel"},
    {"type": "ack", "seq": 1},
    {"type": "open", "v": 1, "model": "echo", "params": {}, "accept": ["image/png"]},
    {"type": "frame", "seq": 1, "id": 1},
]
ODD: list[Any] = [
    None, True, -1, 0, 2**53, 2**64 - 1, -(2**63), 1.5, float("nan"), float("inf"), "", "x" * 5000,
    "\x00", b"", b"\xff\xd8\xff", PICTURE[:40], [], {}, [[]], {"": {}}, {"seed": {}}, {"a": [None]},
    "\U0001f98a", "data:,", "data:image/png;base64,%",
]  # fmt: skip


def nested(depth: int) -> bytes:
    """Return a map whose value is nested so deep, packed by hand."""
    return b"\x82\xa4type\xa6params\xa6params" + b"\x91" * depth + b"\xc0"


def same(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Change nothing: a message that is fine, at least in another order."""
    return fields


def odd_value(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Change one value of a message."""
    fields[rng.choice(list(fields))] = rng.choice(ODD)
    return fields


def odd_inside(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Change one value of the params or pictures, which the model's schema judges."""
    for name in ("params", "inputs"):
        if fields.get(name):
            inside = dict(fields[name])
            inside[rng.choice([*inside, "strength"])] = rng.choice(ODD)
            return fields | {name: inside}
    return fields


def odd_key(rng: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Misspell, add or take away a key."""
    key = rng.choice(list(fields))
    how = rng.randrange(3)
    if how == 0:
        fields[key[::-1] + "x"] = fields.pop(key)
    elif how == 1:
        fields["".join(rng.choices("abcxyz\u00e9\x00", k=rng.randrange(12)))] = rng.choice(ODD)
    else:
        del fields[key]
    return fields


def broken_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    at = rng.randrange(len(data) + 1)
    how = rng.randrange(5)
    if how == 0:
        flipped = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if how == 1:
        return data[:at]
    if how == 2:
        return data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]
    if how == 3:
        return data + data
    return nested(rng.choice([1, 50, 600, 10_000]))


def text_of(fields: dict[str, Any]) -> str:
    """Return a message as JSON, pictures in base64."""
    return json.dumps(fields, default=lambda value: base64.b64encode(value).decode())


def mutant(rng: random.Random, newest: int) -> Data:
    """Return one message, mostly broken in some way; its id is mostly above ``newest``."""
    fields = dict(rng.choice(MAPS))
    if "id" in fields:
        fields["id"] = newest + rng.randrange(30)
    if "pts" in fields:
        fields["pts"] = fields["id"]
    if rng.random() < 1 / 500:
        fields = {"type": "close"}
    change = rng.choices([same, odd_inside, odd_value, odd_key], [5, 4, 1, 1])[0]
    fields = change(rng, fields)
    if rng.random() < 0.4:
        text = text_of(fields).encode()
        return (broken_bytes(rng, text) if rng.random() < 0.3 else text).decode(errors="replace")
    packed = cast(bytes, msgpack.packb(fields))
    return broken_bytes(rng, packed) if rng.random() < 0.3 else packed


class Attacker:
    """A client that sends mutants and checks, after each batch, that its session still lives."""

    def __init__(self, service: Service, rng: random.Random) -> None:
        self.rng = rng
        self.clock = service.clock = FakeClock()
        self.service = service
        self.lives = self.refusals = self.frames = self.marks = 0
        self._base = 0  # ids that count lie above it
        self._codec = server_codec()

    async def attack(self, messages: int) -> None:
        """Send so many mutants, over as many connections as it takes."""
        sent = 0
        while sent < messages:
            self.lives += 1
            self._base = 0
            async with MemoryClient(self.service, depth=4 * BATCH) as client:
                await client.open(Open(params={"delay_ms": 0}, features=["media", "talk"]))
                while sent < messages:
                    for turn in range(BATCH):
                        message = mutant(self.rng, self._base + 30 * turn)
                        await client.channel.put(message)
                    sent += BATCH
                    self.clock.advance(60)  # what was refused is forgiven by then
                    if not await self._still_there(client):
                        break
                else:
                    await client.leave(done=True)
                await client.serving  # raises what no client may cause

    async def _still_there(self, client: MemoryClient) -> bool:
        """Change a param and see it in force; False if the session was ended by the rules.

        Every tenth time wait for what it shapes, too: frames come as fast as the machine is.
        """
        mark = self.rng.randrange(2**32)
        self._base += 1000
        in_force = False
        await client.say(ParamsUpdate(id=self._base, params={"seed": mark}))
        while (data := await client.channel.get()) is not None:
            answer = self._codec.decode(data)
            if isinstance(answer, Frame):
                self.frames += 1
                await client.say(Ack(seq=answer.seq))
                if in_force and answer.id >= self._base:
                    return True
            elif isinstance(answer, Error):
                assert answer.code in CODES
                self.refusals += 1
                if in_force and answer.id == self._base:
                    return True  # a damaged picture waited with it
                higher = re.match(rf"id {self._base} after id (\d+)", answer.message)
                if higher is not None:  # a flipped bit made a great id
                    self._base = int(higher[1]) + 1000
                    if self._base >= 2**53 - 2000:
                        return await self._leave(client)
                    await client.say(ParamsUpdate(id=self._base, params={"seed": mark}))
            elif isinstance(answer, Ack) and answer.id == self._base:
                assert answer.params == {"seed": mark}
                self.marks += 1
                in_force = True
                if self.marks % 10:
                    return True
        assert client.channel.closed is not None
        assert client.channel.closed[0] in (1000, 4400)
        return False

    async def _leave(self, client: MemoryClient) -> bool:
        await client.leave(done=True)
        return False


async def test_no_message_breaks_a_connection() -> None:
    async with Server(Config(models=("echo",))) as service:
        attacker = Attacker(service, random.Random(SEED))
        await attacker.attack(MESSAGES)
        assert service.admission.taken == len(service.parking) == 0
        # The mutants were neither all refused nor all harmless, and few ended their session.
        assert MESSAGES / 4 < attacker.refusals < MESSAGES
        assert attacker.frames > attacker.marks / 20
        assert attacker.marks > MESSAGES / BATCH / 2
        assert 1 < attacker.lives < MESSAGES / BATCH / 4

        async with MemoryClient(service) as client:
            await client.open()
            await client.say(ParamsUpdate(id=1, params={"seed": 7}))
            await client.hear(Ack)
            assert (await client.hear(Frame)).seed == 7


async def test_the_mutants_are_the_same_each_time() -> None:
    one, other = random.Random(SEED), random.Random(SEED)
    assert [mutant(one, 0) for _ in range(100)] == [mutant(other, 0) for _ in range(100)]
