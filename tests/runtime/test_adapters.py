"""LoRAs that come and go while a server serves: what is refused, who is told, what is finished."""

import asyncio
from pathlib import Path

import pytest
from tests.memory import MemoryClient
from tests.runtime.tint import HEARS, Tint, drawn, grey, known, serving, shade, until_frame

from livedraft.client import AsyncClient
from livedraft.errors import (
    InvalidParams,
    ModelFailed,
)
from livedraft.protocol.messages import (
    Ack,
    Frame,
    Loras,
    Open,
    Refine,
    Stage,
)
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio


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
