"""A model's fault ends one job: each of the zoo's, over WebSocket and over HTTP."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.runtime.zoo.raised import RAISED
from tests.runtime.zoo.zoo import FAULTS, Zoo

from livedraft.client import AsyncClient
from livedraft.errors import (
    ConfigError,
    InvalidImage,
    InvalidParams,
    LivedraftError,
    MissingExtraError,
    ModelFailed,
    OutOfMemory,
    SessionClosed,
)
from livedraft.runtime.config import Config
from livedraft.runtime.engine.faults import of_model
from livedraft.runtime.running import Thread, running

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "zoo"  # an installed package with entry points

GREY = Image.new("RGB", (16, 16), (90, 90, 90))
WITHIN_S = 1.0  # whatever came before
ENDS_S = 20.0  # a server that hangs


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Give the address of one server, for all of them in turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        with Thread(Config(models=("echo", "zoo"), port=0)) as server:
            yield server.url


@pytest.fixture
async def client(url: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(url) as made:
        yield made


def counted(url: str) -> dict[str, float]:
    """Return the server's gauges."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


async def all_is_well(client: AsyncClient, url: str) -> None:
    """See ``echo`` served within a second, and no place or session left taken."""
    async with asyncio.timeout(WITHIN_S):
        image = await client.generate(model="echo", seed=7, steps=1)
        assert image.convert("L").getpixel((0, 0)) == 7
    async with asyncio.timeout(5):
        while (found := counted(url))["livedraft_sessions"]:
            await asyncio.sleep(0)
    assert (found["livedraft_queue"], found["livedraft_parked"]) == (0, 0)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_fails_its_job_and_nothing_else(
    client: AsyncClient, url: str, fault: str
) -> None:
    if fault == "prepare gives key that cannot be compared":
        with suppress(ModelFailed):  # with the key before it, so one must be known
            await client.generate(model="zoo", fault=fault)
    async with asyncio.timeout(ENDS_S), client.session("zoo") as session:
        with pytest.raises(ModelFailed) as caught:
            await session.refine(fault=fault)
        assert caught.value.fix
        await session.send(GREY)  # the session goes on
        assert await session.next_frame() is not None
    with pytest.raises(ModelFailed):
        await client.generate(model="zoo", fault=fault)
    await all_is_well(client, url)


@pytest.mark.parametrize("name", RAISED)
async def test_what_open_raises_fails_the_job(
    client: AsyncClient, url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Zoo, "opening", name)
    async with client.session("zoo") as session:
        with pytest.raises(ModelFailed):
            await session.refine()
        monkeypatch.setattr(Zoo, "opening", "")
        await session.refine()
    await all_is_well(client, url)


@pytest.mark.parametrize("name", RAISED)
async def test_what_close_raises_is_nobodys_fault(
    client: AsyncClient, url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Zoo, "closing", name)
    before = Zoo.closed
    async with client.session("zoo") as session:
        await session.refine()
    async with asyncio.timeout(5):
        while Zoo.closed == before:
            await asyncio.sleep(0)
    await all_is_well(client, url)


@pytest.mark.parametrize("name", RAISED)
async def test_what_a_validator_raises_refuses_the_params(
    client: AsyncClient, url: str, name: str
) -> None:
    async with asyncio.timeout(ENDS_S), client.session("zoo") as session:
        with pytest.raises(InvalidParams):
            await session.update(judged=name)
        await session.refine()
    await all_is_well(client, url)


async def test_a_model_cannot_write_to_a_sessions_pictures(client: AsyncClient, url: str) -> None:
    async with client.session("zoo") as session:
        await session.send(GREY)
        assert await session.next_frame() is not None
        with pytest.raises(ModelFailed):
            await session.refine(fault="writes to its input")
    await all_is_well(client, url)


async def test_the_server_stops_in_peace_after_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    async with asyncio.timeout(20):
        async with running(Config(models=("zoo",), port=0)) as url, AsyncClient(url) as client:
            asked = [client.generate(model="zoo", fault=fault) for fault in FAULTS[:16]]
            answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {ModelFailed}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), OutOfMemory),
        (ModelFailed("x" * 9999, fix="y" * 9999), ModelFailed),
        (InvalidImage("odd", fix="send another"), InvalidImage),
        (ConfigError("no device", fix="leave it out"), ConfigError),
        (MissingExtraError("lora", "this model"), MissingExtraError),
        (SessionClosed("it says"), ModelFailed),
    ],
)
def test_what_is_told_is_made_anew_and_short(error: Exception, kind: type[Any]) -> None:
    told = of_model(error, "a test")
    assert type(told) is kind
    assert told is not error
    assert told.__traceback__ is None
    assert len(told.message) + len(told.fix) < 1000
    if kind is type(error) and isinstance(error, LivedraftError):
        assert error.message.startswith(told.message)
        assert error.fix.startswith(told.fix)
