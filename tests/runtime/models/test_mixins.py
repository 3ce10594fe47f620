"""Params that several models share, and a model that has none, on every way to a picture."""

import base64
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from livedraft import AsyncClient
from livedraft.cli import main
from livedraft.errors import InvalidParams
from livedraft.media.chunks import Still
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Job, ModelInfo, Params, Request
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.models.metronome import Metronome
from livedraft.runtime.models.mixins import (
    LoraParams,
    PromptParams,
    SeedParams,
    StepsParams,
    seed_of,
    steps_of,
)
from livedraft.runtime.models.null import Null
from livedraft.runtime.models.params import merge
from livedraft.runtime.running import running


class Bare(Null[Params, None, Job]):
    """A picture model that no param changes."""

    info: ModelInfo = replace(Echo.info, id="bare", draft_steps=2, max_steps=8, preview_every=0)
    params: ClassVar[type[Params]] = Params

    def open(self) -> None:
        pass

    def prepare(self, items: Sequence[tuple[None, Request[Params]]]) -> list[Job]:
        return [Job("bare", request.steps) for _, request in items]

    def step(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[Job]) -> list[list[Still]]:
        return [[Still(np.full((8, 8, 3), job.step, np.uint8))] for job in jobs]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Bare if name == "bare" else load(name))


@asynccontextmanager
async def serving() -> AsyncIterator[AsyncClient]:
    async with running(Config(models=("bare",), port=0, log_level="error")) as url:
        async with AsyncClient(url) as client:
            yield client


def test_a_model_has_the_params_that_it_takes_and_no_others() -> None:
    assert list(Loopback.params.model_fields) == ["delay_ms"]
    assert list(Metronome.params.model_fields) == ["beat_ms"]
    assert list(Echo.params.model_fields) == ["prompt", "seed", "steps", "delay_ms", "fail"]
    with pytest.raises(InvalidParams, match="no parameter 'seed'"):
        merge(Loopback.params, None, {"seed": 1})


def test_seed_and_steps_are_told_where_there_are_some() -> None:
    class Both(StepsParams, SeedParams):
        pass

    assert (seed_of(Params()), seed_of(Both(seed=3))) == (None, 3)
    assert [steps_of(each, Bare.info) for each in (Params(), Both(steps=3), Both(steps=50))] == [
        2,
        3,
        8,
    ]


@pytest.mark.parametrize("weights", [{"a": 1.6}, {"a": -0.1}, dict.fromkeys("abcde", 1.0), ["a"]])
def test_loras_have_bounds(weights: object) -> None:
    with pytest.raises(InvalidParams, match="loras"):
        merge(LoraParams, None, {"loras": weights})
    assert merge(LoraParams, None, {"loras": {"a": 1.5}}).loras == {"a": 1.5}


def test_mixed_in_params_keep_their_order_and_their_judgement() -> None:
    class All(LoraParams, StepsParams, SeedParams, PromptParams):
        pass

    assert list(All.model_fields) == ["prompt", "seed", "steps", "loras"]
    with pytest.raises(InvalidParams, match="seed"):
        merge(All, None, {"seed": -1})


@pytest.mark.anyio
@pytest.mark.usefixtures("known")
async def test_a_session_of_a_model_without_seed_and_steps() -> None:
    async with serving() as client:
        async with client.session("bare") as session:
            assert session.params == {}
            await session.send(Image.new("RGB", (8, 8)))
            draft = await session.next_frame()
            assert draft is not None
            assert (draft.seed, draft.steps, draft.params) == (None, 2, {})
            final = await session.refine()
        assert (final.seed, final.steps) == (None, 2)
        assert final.recipe["steps"] == 2
        assert "seed" not in final.recipe
        assert "seed" not in final.image.info["livedraft"]


@pytest.mark.anyio
@pytest.mark.usefixtures("known")
async def test_one_picture_of_a_model_without_prompt_and_seed() -> None:
    async with serving() as client:
        image = await client.generate()
        assert "seed" not in image.info["livedraft"]
        with pytest.raises(InvalidParams, match="no parameter 'prompt'"):
            await client.generate("a red fox")
        async with httpx.AsyncClient(base_url=client.url) as http:
            png = await http.post("/v1/generate", json={})
            told = await http.post("/v1/generate", json={}, headers={"Accept": "application/json"})
    assert "x-livedraft-seed" not in png.headers
    assert "seed" not in told.json()
    with Image.open(io.BytesIO(base64.b64decode(told.json()["image"]))) as picture:
        assert picture.size == (8, 8)


@pytest.mark.usefixtures("known")
def test_the_command_line_tells_no_seed_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(main, ["generate", "--model", "bare", "-o", "out.png"])
    assert made.exit_code == 0, made.output
    assert "8 × 8 px, " in made.stderr
    assert "seed" not in made.stderr
    refused = CliRunner().invoke(main, ["generate", "--model", "bare", "--prompt", "a fox"])
    assert "no parameter 'prompt'" in refused.stderr
