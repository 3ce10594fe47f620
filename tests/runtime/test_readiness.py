"""How far loading is: what a folder of weights tells of it, and how long is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.plan import Part, Plan
from livedraft.runtime.readiness import Readiness

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
    readiness.begin("a", "A")
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
    assert str(readiness.standings[0]) == "A is ready"
