"""LoRAs that cannot be attached, or detached: what is refused or fails has changed nothing."""

import asyncio
from pathlib import Path

import pytest
from tests.memory import MemoryClient
from tests.runtime.tint import HEARS, Tint, drawn, grey, known, serving, shade

from livedraft.errors import (
    LivedraftError,
    ModelFailed,
    ModelNotFound,
    SessionClosed,
    WeightsError,
)
from livedraft.protocol.messages import (
    Ack,
    ClientMessage,
    Error,
    Input,
    Loras,
    Message,
    Open,
    ParamsUpdate,
    Refine,
)
from livedraft.runtime.config import Config
from livedraft.runtime.engine.watch import ModelHangs
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio


REFUSED: dict[str, tuple[str, str, str, type[LivedraftError], str]] = {
    "a damaged file": ("new", "fits x", "", WeightsError, "is damaged"),
    "a file of another model": ("new", "other 1", "", WeightsError, "is for none of tint, echo"),
    "a model that takes none": ("new", "fits 1", "echo", WeightsError, "is for none of echo"),
    "no model": ("new", "fits 1", "tont", ModelNotFound, "no model 'tont'"),
    "a name that is taken": ("old", "fits 1", "", WeightsError, "has a LoRA 'old'"),
    "no name": ("Ä b", "fits 1", "", WeightsError, "cannot be the name"),
    "a file that breaks the model": ("new", "breaks 1", "", ModelFailed, "does not fit after all"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_changes_nothing_and_is_told_to_nobody(
    case: str, tmp_path: Path
) -> None:
    name, text, model, error, match = REFUSED[case]
    file = tmp_path / "file.txt"
    file.write_text(text)
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("old", shade(tmp_path, 40))
        opened = await client.open(HEARS)
        with pytest.raises(error, match=match) as caught:
            await server.adapters.attach(name, file, model)
        assert caught.value.fix
        assert service.models["tint"]["loras"] == opened.model["loras"]
        assert grey(await drawn(client, 1, loras={"old": 1})) == 40, "and nothing was told before"


async def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    async with serving() as (server, _):
        with pytest.raises(WeightsError, match=r"gone\.txt"):
            await server.adapters.attach("new", tmp_path / "gone.txt")
        with pytest.raises(WeightsError, match="no LoRA 'new' is attached"):
            await server.adapters.detach("new")


@pytest.mark.parametrize("asked", ["params", "refine", "input", "open"])
async def test_a_name_that_is_none_is_refused_at_once(asked: str, tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("dark", shade(tmp_path, 40))
        wrong = {"loras": {"drak": 1}}
        if asked == "open":
            await client.say(Open(params=wrong))
        else:
            await client.open(HEARS)
            await drawn(client, 1, loras={"dark": 1})
            messages: dict[str, ClientMessage] = {
                "params": ParamsUpdate(id=2, params=wrong),
                "refine": Refine(id=2, params=wrong),
                "input": Input(id=2, inputs={}, params=wrong),
            }
            await client.say(messages[asked])
        error = await client.hear(Error)
        assert (error.code, error.message) == ("invalid_params", "no LoRA 'drak'")
        assert error.fix == "did you mean 'dark'?"
        if asked != "open":
            assert grey(await drawn(client, 3, steps=1)) == 40, "what was in force stays"


async def test_a_fault_in_detach_leaves_it_where_it_is(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("stays", shade(tmp_path, 0))
        await client.open(HEARS)
        with pytest.raises(ModelFailed, match="it stays"):
            await server.adapters.detach("stays")
        told: list[Loras] = []
        await client.say(ParamsUpdate(id=1, params={"loras": {"stays": 1}}))
        while isinstance(message := await client.hear(Message), Loras):
            told.append(message)
        assert isinstance(message, Ack)
        assert [lora["name"] for lora in told[-1].loras] == ["stays"]


async def test_an_attach_that_hangs_is_given_up_and_nobody_may_name_it(tmp_path: Path) -> None:
    async with serving(model_s=0.2) as (server, service), MemoryClient(service) as client:
        opened = await client.open(HEARS)
        with pytest.raises(ModelHangs, match="attach of the model 'tint' has not returned"):
            await server.adapters.attach("slow", shade(tmp_path, 40, "hangs"))
        assert "attach of the model 'tint'" in service.unready
        with pytest.raises(ModelHangs):
            await server.adapters.attach("dark", shade(tmp_path, 40))
        assert not opened.model["loras"]
        Tint.gate.set()


def test_a_server_that_has_ended_attaches_nothing(tmp_path: Path) -> None:
    with known():
        with Thread(Config(models=("tint",), port=0, log_level="error")) as server:
            with pytest.raises(WeightsError):
                server.detach_lora("dark")
        with pytest.raises(SessionClosed, match="has ended"):
            server.attach_lora("dark", shade(tmp_path, 40))


async def test_a_file_that_cannot_be_read_to_its_end_holds_nobody_up(tmp_path: Path) -> None:
    async with serving(drain_s=0.1) as (server, service), MemoryClient(service) as client:
        await client.open(HEARS)
        reading = asyncio.create_task(server.adapters.attach("new", shade(tmp_path, 1, "stuck")))
        await asyncio.to_thread(Tint.held.wait)
        assert grey(await drawn(client, 1, steps=1)) == 0
        reading.cancel()
        await asyncio.wait([reading])
        await server.adapters.attach("dark", shade(tmp_path, 40))
        assert [lora["name"] for lora in (await client.hear(Loras)).loras] == ["dark"]


async def test_a_model_has_so_many_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livedraft.runtime.models.adapters.MOST", 2)
    file = shade(tmp_path, 40)
    async with serving() as (server, _):
        await server.adapters.attach("one", file)
        await server.adapters.attach("two", file)
        with pytest.raises(WeightsError, match="tint has 2 LoRAs"):
            await server.adapters.attach("three", file)
        await server.adapters.attach("two", file, instead=True)
