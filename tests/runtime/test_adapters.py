"""LoRAs that come and go while a server serves: what is refused, who is told, what is finished."""

import asyncio
from pathlib import Path

import pytest
from tests.runtime.tint import Tint, known, serving, shade

from livedraft.client import AsyncClient
from livedraft.errors import (
    InvalidParams,
    LivedraftError,
    ModelFailed,
    ModelNotFound,
    SessionClosed,
    WeightsError,
)
from livedraft.media.images import decode
from livedraft.protocol.messages import (
    Ack,
    ClientMessage,
    Error,
    Frame,
    Input,
    Loras,
    Message,
    Open,
    ParamsUpdate,
    Refine,
    Stage,
)
from livedraft.runtime.config import Config
from livedraft.runtime.engine.watch import ModelHangs
from livedraft.runtime.running import Thread
from livedraft.runtime.transports.memory import MemoryClient

pytestmark = pytest.mark.anyio

HEARS = Open(features=["loras"], accept=["image/png"])


def grey(frame: Frame) -> int:
    """Return the shade of a picture."""
    value = decode(frame.image).convert("L").getpixel((0, 0))
    assert isinstance(value, int)
    return value


async def drawn(client: MemoryClient, id: int, **params: object) -> Frame:
    """Change params and return the picture that follows."""
    await client.say(ParamsUpdate(id=id, params=params))
    assert (await client.hear(Ack)).id == id
    frame = await client.hear(Frame)
    await client.say(Ack(seq=frame.seq))
    return frame


async def until_frame(client: MemoryClient) -> tuple[list[Loras], Frame]:
    """Return the next picture, and what was told of LoRAs before it."""
    told: list[Loras] = []
    while isinstance(message := await client.hear(Message), Loras):
        told.append(message)
    assert isinstance(message, Frame), message
    return told, message


async def test_a_session_under_way_hears_of_a_lora_and_may_name_it(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        opened = await client.open(HEARS)
        assert (opened.features, list(opened.model["loras"])) == (["loras"], [])
        assert grey(await drawn(client, 1, steps=1)) == 0
        assert await server.adapters.attach("dark", shade(tmp_path, 40)) == ["tint"]
        told = await client.hear(Loras)
        assert (told.model, told.params["loras"]) == ("tint", {})
        assert told.loras == [{"name": "dark", "title": "Dark", "description": ""}]
        assert grey(await drawn(client, 2, loras={"dark": 0.5})) == 20
        async with MemoryClient(service) as newcomer:
            assert (await newcomer.open()).model["loras"] == told.loras
        assert service.models["tint"]["loras"] == told.loras
        assert service.models["echo"]["loras"] == ()


async def test_who_did_not_ask_to_hear_may_name_it_all_the_same(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await client.open(Open(accept=["image/png"]))
        await server.adapters.attach("dark", shade(tmp_path, 40))
        assert grey(await drawn(client, 1, loras={"dark": 1})) == 40


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


async def test_a_refine_that_runs_is_finished_as_it_was_begun(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("dark", shade(tmp_path, 40))
        await client.open(HEARS)
        await drawn(client, 1, loras={"dark": 1})
        await client.say(Refine(id=2, params={"held": True, "steps": 4}))
        await asyncio.to_thread(Tint.held.wait)
        going = asyncio.gather(
            server.adapters.attach("light", shade(tmp_path, 90)), server.adapters.detach("dark")
        )
        assert not going.done(), "a change takes its turn between calls"
        Tint.gate.set()
        told, final = await until_frame(client)
        await going
        assert (final.stage, final.id, grey(final)) == (Stage.FINAL, 2, 40)
        assert final.params["loras"] == {"dark": 1}, "as it was made"
        await client.say(Ack(seq=final.seq))
        await client.say(Refine(id=3))
        more, final = await until_frame(client)
        assert (grey(final), final.params["loras"]) == (0, {})
        assert [lora["name"] for lora in [*told, *more][-1].loras] == ["light"]


async def test_what_is_begun_after_a_detach_is_made_without_it(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("dark", shade(tmp_path, 40))
        await server.adapters.attach("light", shade(tmp_path, 90))
        await client.open(HEARS)
        frame = await drawn(client, 1, loras={"dark": 1, "light": 1})
        assert grey(frame) == 130
        assert await server.adapters.detach("dark") == ["tint"]
        told = await client.hear(Loras)
        assert [lora["name"] for lora in told.loras] == ["light"]
        assert told.params["loras"] == {"light": 1}
        frame = await drawn(client, 2, steps=1)
        assert (grey(frame), frame.params["loras"]) == (90, {"light": 1})
        await client.say(Refine(id=3))
        final = await client.hear(Frame)
        assert (final.stage, grey(final), final.params["loras"]) == (Stage.FINAL, 90, {"light": 1})


async def test_parked_and_resumed_sessions_know_what_there_is(tmp_path: Path) -> None:
    async with serving() as (server, service):
        await server.adapters.attach("dark", shade(tmp_path, 40))
        async with MemoryClient(service) as client:
            opened = await client.open(HEARS)
            assert grey(await drawn(client, 1, loras={"dark": 1})) == 40
            await client.leave()
        await server.adapters.attach("light", shade(tmp_path, 90))
        await server.adapters.detach("dark")
        await server.adapters.attach("dark", shade(tmp_path, 70))
        async with MemoryClient(service) as client:
            again = await client.open(HEARS.model_copy(update={"resume": opened.resume}))
            assert again.resumed
            assert [lora["name"] for lora in again.model["loras"]] == ["light", "dark"]
            assert again.params["loras"] == {}, "the name stands for something else by now"
            assert grey(await drawn(client, 2, steps=1)) == 0
            assert grey(await drawn(client, 3, loras={"dark": 1, "light": 0.5})) == 115


async def test_one_in_the_place_of_another_goes_on_under_its_name(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service) as client:
        await server.adapters.attach("dark", shade(tmp_path, 40))
        await client.open(HEARS)
        assert grey(await drawn(client, 1, loras={"dark": 1})) == 40
        await server.adapters.attach("dark", shade(tmp_path, 70), instead=True)
        told = await client.hear(Loras)
        assert told.params["loras"] == {"dark": 1}
        assert grey(await drawn(client, 2, steps=1)) == 70
        broken = shade(tmp_path, 90, "breaks")
        with pytest.raises(ModelFailed):
            await server.adapters.attach("dark", broken, instead=True)
        told = await client.hear(Loras)
        assert (told.loras, told.params["loras"]) == ([], {}), "the old one made room for it"


async def test_a_slow_reader_holds_nobody_up_and_hears_the_newest(tmp_path: Path) -> None:
    async with serving() as (server, service), MemoryClient(service, depth=1) as client:
        await client.open(HEARS)
        for n in range(50):
            await server.adapters.attach(f"n{n}", shade(tmp_path, n + 1))
        heard = 0
        while len((await client.hear(Loras)).loras) < 50:
            heard += 1
        assert heard < 5, "what nobody has read yet is told once"


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


async def test_clients_take_what_there_is_without_opening_anew(tmp_path: Path) -> None:
    with known(), Thread(Config(models=("tint",), port=0, log_level="error")) as server:
        async with AsyncClient(server.url) as client, client.session("tint") as session:
            attached = await asyncio.to_thread(server.attach_lora, "dark", shade(tmp_path, 40))
            assert attached == ["tint"]
            await session.update(loras={"dark": 1.0})
            assert [lora.title for lora in session.model.loras] == ["Dark"]
            assert [lora.name for lora in (await client.models())[0].loras] == ["dark"]
            frame = await session.next_frame()
            assert frame is not None
            assert frame.image.convert("L").getpixel((0, 0)) == 40
            assert await asyncio.to_thread(server.detach_lora, "dark") == ["tint"]
            with pytest.raises(InvalidParams, match="no LoRA 'dark'"):
                await session.update(loras={"dark": 1.0})
            assert (session.model.loras, session.params["loras"]) == ((), {})


def test_a_server_that_has_ended_attaches_nothing(tmp_path: Path) -> None:
    with known():
        with Thread(Config(models=("tint",), port=0, log_level="error")) as server:
            with pytest.raises(WeightsError):
                server.detach_lora("dark")
        with pytest.raises(SessionClosed, match="has ended"):
            server.attach_lora("dark", shade(tmp_path, 40))
