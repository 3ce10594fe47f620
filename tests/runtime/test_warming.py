"""What is made before the first user comes: each shape of a plan, and what one that fails costs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from tests.memory import MemoryClient
from tests.runtime.sized import Call, Dancing, Mute, Sized, Wide

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Error, Open
from livedraft.runtime.config import Config
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.echo import Echo, EchoJob
from livedraft.runtime.models.metronome import Metronome
from livedraft.runtime.plan import Size
from livedraft.runtime.server import Server
from livedraft.runtime.warming import Shape, warm_up

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the models of this file by name."""
    load, ours = MODELS.load, {"sized": Sized, "wide": Wide, "mute": Mute, "dancing": Dancing}
    monkeypatch.setattr(MODELS, "load", lambda name: ours.get(name) or load(name))
    monkeypatch.setattr(Sized, "calls", [])
    monkeypatch.setattr(Sized, "shapes", set())
    monkeypatch.setattr(Sized, "breaks", (0, 0))
    monkeypatch.setattr(Sized, "fails", ("", 0))


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    made: list[Engine] = []
    yield made
    for engine in made:
        engine.close()


async def warmed(engines: list[Engine], model: Any, plan: Plan) -> list[str]:
    """Return what was told while a model was warmed up."""
    engines.append(Engine(models={model.info.id: model}))
    told: list[str] = []

    def hear(made: int, every: Sequence[Shape]) -> None:
        told.append(f"{every[made]} ({made} of {len(every)})" if made < len(every) else "all")

    await warm_up(engines[-1], model.info.id, plan, hear)
    return told


async def test_each_shape_is_made_in_drafts_and_refines_for_one_and_for_many(
    engines: list[Engine],
) -> None:
    told = await warmed(engines, Sized(), Plan(sizes=(Size(128, 128),), batches=(3,)))
    made = [call for call in Sized.calls if call.verb == "prepare"]
    assert made == [
        Call("prepare", many, size, stage)
        for many in (1, 3)
        for size in (32, 128)
        for stage in ("draft", "final")
    ]
    assert Sized.calls[:3] == [made[0], Call("step", 1), Call("emit", 1)]
    assert Sized.calls[-4:] == [made[-1], Call("step", 3), Call("step", 3), Call("emit", 3)]
    assert Sized.shapes == {(32, 32, 4), (64, 64, 4)}, "no larger than clients send it"
    assert told[0] == "a draft (0 of 8)"
    assert told[-2:] == ["3 refines at once at 128x128 (7 of 8)", "all"]


async def test_width_and_height_are_params_too(engines: list[Engine]) -> None:
    await warmed(engines, Wide(), Plan(sizes=(Size(64, 96),)))
    assert Wide.asked == {(32, 32), (64, 96)}


@pytest.mark.parametrize(
    ("model", "plan", "says", "fix"),
    [
        (Sized(), Plan(sizes=(Size(48, 48),)), "a draft at 48x48: size: Input", "32 | 64 | 128"),
        (Sized(), Plan(sizes=(Size(64, 32),)), "another shape", "64x32 out of sized.sizes"),
        (Wide(), Plan(sizes=(Size(65, 32),)), "width: Input should be a multiple", "width takes"),
        (Echo(), Plan(sizes=(Size(64, 64),)), "one size alone", "64x64 out of echo.sizes"),
        (Sized(), Plan(batches=(2, 5)), "5 drafts at once: it takes 4 at a time", "4 at the most"),
        (Sized(), Plan(batches=(30,)), "30 drafts at once: it takes 4 at a time", "4 at the most"),
    ],
)
async def test_a_shape_that_cannot_be_is_told_by_its_name(
    engines: list[Engine], model: Any, plan: Plan, says: str, fix: str
) -> None:
    with pytest.raises(ModelFailed, match=says) as caught:
        await warmed(engines, model, plan)
    assert fix in caught.value.fix


async def test_video_comes_at_the_sizes_of_the_plan_and_sound_as_the_input_wants_it(
    engines: list[Engine],
) -> None:
    await warmed(engines, Dancing(), Plan(sizes=(Size(96, 64),), batches=(2,)))
    own, planned = ("camera", (1, 360, 640, 3)), ("camera", (1, 64, 96, 3))
    music = ("music", (320, 2))
    assert Dancing.came == [
        *(own, music) * 2,
        *(planned, music) * 2,
        *(own, music) * 4,
        *(planned, music) * 4,
    ]


async def test_what_has_no_end_is_begun_and_left(engines: list[Engine]) -> None:
    assert len(await warmed(engines, Metronome(), Plan(batches=(4,)))) == 5
    await warmed(engines, Mute(), Plan())
    assert 0 < Mute.steps < 1000


async def test_states_are_freed_also_of_what_failed(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[None] = []
    monkeypatch.setattr(Sized, "open", lambda model: opened.append(None))
    monkeypatch.setattr(Sized, "close", lambda model, state: opened.pop())
    await warmed(engines, Sized(), Plan(batches=(2,)))
    assert not opened
    monkeypatch.setattr(Sized, "breaks", (32, 1))
    with pytest.raises(ModelFailed, match="no memory left"):
        await warmed(engines, Sized(), Plan())
    assert not opened


@pytest.mark.parametrize("name", sorted(MODELS.targets()))
async def test_every_model_that_ships_can_be_warmed_up(engines: list[Engine], name: str) -> None:
    model = MODELS.load(name).tiny()
    batches = (2,) if model.room("any") > 1 else ()
    assert len(await warmed(engines, model, Plan(batches=batches))) == 3 + 2 * len(batches)


@pytest.mark.parametrize("verb", ["prepare", "step", "emit"])
async def test_a_batch_that_fails_together_is_told_though_each_alone_would_do(
    engines: list[Engine], verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sized, "fails", (verb, 3))
    with pytest.raises(ModelFailed, match="3 drafts at once: the machine has no memory left"):
        await warmed(engines, Sized(), Plan(batches=(2, 3)))


async def test_a_shape_that_fails_costs_its_model_and_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Sized, "breaks", (128, 1))
    config = Config(models=("sized", "echo"), plans=("sized.sizes=64+128",))
    with caplog.at_level(logging.INFO):
        async with Server(config) as service, MemoryClient(service) as client:
            assert list(service.models) == ["echo"]
            await client.say(Open(model="sized"))
            assert "sized cannot make a draft at 128x128" in (await client.hear(Error)).message
    said = [record.getMessage() for record in caplog.records]
    assert "warming up sized: a refine at 64x64 (4 of 6)" in said
    assert "warming up echo: a draft (1 of 2)" in said


async def test_it_is_told_what_is_waited_for_and_no_lane_waits_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_go, echoed = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    emit = Echo.emit

    def waits(self: Sized, jobs: Sequence[EchoJob]) -> None:
        let_go.wait()
        Echo.step(self, jobs)

    def shows(self: Echo, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        loop.call_soon_threadsafe(echoed.set)
        return emit(self, jobs)

    monkeypatch.setattr(Sized, "step", waits)
    monkeypatch.setattr(Echo, "emit", shows)
    config = Config(models=("sized=/srv/private", "echo"), plans=("echo.lane=other",))
    server = Server(config)
    load, loading = Sized.load, threading.Event()

    def loads(source: str, plan: Plan) -> Sized:
        loading.wait()
        return load(source, plan)

    monkeypatch.setattr(Sized, "load", loads)
    transport = httpx.ASGITransport(server.app)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        server.app.router.lifespan_context(server.app),
    ):
        try:
            await asyncio.sleep(0)  # the server's own task begins
            early = await client.get("/readyz")
            assert "private" not in early.text, "and not where from"
            assert {name: told["state"] for name, told in early.json()["models"].items()} == {
                "sized": "waiting",
                "echo": "waiting",
            }
            loading.set()
            async with asyncio.timeout(20):
                await echoed.wait()
            answer = await client.get("/readyz")
        finally:
            loading.set()
            let_go.set()
        assert answer.status_code == 503
        told = answer.json()
        assert told["why"] == "Warming up Null model, 0 of 2 shapes"
        assert told["models"]["sized"] == {
            "state": "warming",
            "done": 0,
            "total": 2,
            "unit": "shapes",
            "missing": ["a draft", "a refine"],
        }
        assert answer.headers["retry-after"] == str(told["retry_after_s"]) == "5"
        await asyncio.wrap_future(server.ready)
        told = (await client.get("/readyz")).json()
        assert told["ready"]
        assert {each["state"] for each in told["models"].values()} == {"ready"}
