"""How far loading is: what a folder of weights tells of it, and how long is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from livedraft.protocol.messages import Loading
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.plan import Part, Plan
from livedraft.runtime.readiness import Readiness
from livedraft.runtime.transports.progress import tell_progress

pytestmark = pytest.mark.anyio


async def test_a_folder_of_weights_says_which_networks_are_still_to_come(tmp_path: Path) -> None:
    SDTurbo.tiny().save(tmp_path)
    told: list[Part] = []
    SDTurbo.load(str(tmp_path), Plan(report=told.append))
    sizes = {
        name: sum(file.stat().st_size for file in (tmp_path / name).glob("*.safetensors"))
        for name in ("text_encoder", "unet", "vae")
    }
    assert [set(part.missing) for part in told] == [
        {"text_encoder", "unet", "vae"},
        {"unet", "vae"},
        {"vae"},
        set(),
    ]
    assert {part.total for part in told} == {sum(sizes.values())}
    assert [part.done for part in told][1:] == [
        sizes["text_encoder"],
        sizes["text_encoder"] + sizes["unet"],
        sum(sizes.values()),
    ]


async def test_how_long_is_left_follows_from_how_fast_it_went() -> None:
    now = 0.0
    readiness = Readiness(lambda: now)
    readiness.attach({"a": "a"})
    readiness.begin("a")
    readiness.hear("a", Part("loading", 0, 100))
    await asyncio.sleep(0)
    assert readiness.retry_after_s == 5, "nobody can tell yet"
    now = 10.0
    readiness.hear("a", Part("loading", 25, 100))
    await asyncio.sleep(0)
    assert readiness.retry_after_s == 30
    now = 1000.0
    assert readiness.retry_after_s == 60
    readiness.warm("a", 2, ["one", "other"])
    assert readiness.of("a") is None
    assert str(readiness.standings[0]) == "a is ready"


async def test_a_model_that_comes_back_to_its_device_stays_served() -> None:
    readiness = Readiness()
    readiness.attach({"a": "a", "b": "b"})
    assert readiness.is_to_come("a")
    readiness.warm("a", 1, ["one"])
    readiness.bring_back("a", Part("loading", 1, 4))
    readiness.bring_back("b", Part("loading", 1, 4))  # it is warmed up for the first time
    await asyncio.sleep(0)
    assert [each.state for each in readiness.standings] == ["loading", "loading"]
    assert readiness.why_not("a") is None
    assert str(readiness.why_not("b")).startswith("'b' is not there yet: Loading b, 25 %")
    assert not readiness.settled
    readiness.warm("b", 1, ["one"])
    readiness.hear("b", Part("warming", 1, 3, "pieces"))
    await asyncio.sleep(0)
    assert readiness.why_not("b") is None
    assert readiness.settled, "both are served, though neither stands there"
    readiness.bring_back("a", None)
    await asyncio.sleep(0)
    assert readiness.standings[0].state == "ready"


async def test_what_comes_again_once_it_was_over_is_told_again() -> None:
    readiness, said = Readiness(), asyncio.Queue[str]()

    async def send(message: Loading) -> None:
        said.put_nowait(message.message)

    readiness.attach({"a": "a"})
    readiness.warm("a", 1, ["one"])
    telling = asyncio.create_task(tell_progress(readiness, lambda: ["a"], send))
    half = Part("warming", 1, 2, "pieces")
    for _ in range(2):  # sizes, each warmed by two pieces
        readiness.hear("a", half)
        async with asyncio.timeout(5):
            assert "50 %" in await said.get()
        readiness.hear("a", half._replace(done=2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    telling.cancel()
