"""Broken and costly pictures over live sessions: each is answered, and the session goes on."""

import random
from pathlib import Path

import pytest
from PIL import Image
from tests.memory import MemoryClient

from livedraft.media import images
from livedraft.protocol.messages import Ack, Error, Frame, Input, Message, Open
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

CASES = sorted((Path(__file__).parents[1] / "sdk" / "media" / "cases").iterdir())
GOOD = images.encode(Image.new("RGB", (16, 16), "teal"))
SEED = 20_263
MUTANTS = 20  # of each case


def mutants(path: Path) -> list[bytes]:
    """Return a case as it is, cut, and with bytes changed."""
    rng, data = random.Random(f"{SEED} {path.name}"), path.read_bytes()
    made = [data]
    for _ in range(MUTANTS):
        broken = bytearray(data[: rng.choice([len(data), rng.randrange(1, len(data))])])
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        made.append(bytes(broken))
    return made


async def answer(client: MemoryClient, id: int, picture: bytes) -> Frame | Error:
    """Send a picture; return what is said of it."""
    await client.say(Input(id=id, inputs={"sketch": picture}))
    while True:
        said = await client.hear(Message)
        if isinstance(said, Frame):
            await client.say(Ack(seq=said.seq))
        if isinstance(said, Frame | Error) and said.id == id:
            return said


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
async def test_each_picture_is_answered_and_the_session_goes_on(path: Path) -> None:
    async with Server(Config(models=("echo",))) as service:
        async with MemoryClient(service) as client:
            await client.open()
            for id, picture in enumerate(mutants(path)):
                said = await answer(client, 2 * id + 1, picture)
                if isinstance(said, Error):
                    assert (said.code, said.fatal) == ("invalid_image", False)
                    assert said.fix
                assert isinstance(await answer(client, 2 * id + 2, GOOD), Frame)
        assert service.admission.taken == 0


async def dropped(service: Service, owner: str) -> str:
    """Open a session with a picture and lose the line; return its token."""
    client = MemoryClient(service, owner=owner)
    opened = await client.open()
    await answer(client, 1, GOOD)
    await client.leave()
    return opened.resume


async def test_who_opens_and_drops_sessions_flushes_nobody_else() -> None:
    async with Server(Config(models=("echo",), max_sessions=2)) as service:
        kept = await dropped(service, "192.0.2.1")
        flood = [await dropped(service, "6.6.6.6") for _ in range(10)]
        assert len(service.parking) == 4
        async with MemoryClient(service, owner="192.0.2.99") as client:  # another address by now
            assert (await client.open(Open(resume=kept))).resumed
        async with MemoryClient(service, owner="6.6.6.6") as client:
            await client.say(Open(resume=flood[0]))
            assert (await client.hear(Error)).code == "session_unknown"
