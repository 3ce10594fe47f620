"""The quality of a refine: lossless unless its user says else, each session's own, measured."""

from __future__ import annotations

import math
from typing import Any

import diffusers
import pytest
import torch
from pydantic import ValidationError
from tests.runtime.models.diffusion.asking import NAMES, PICTURE, prepared, request

from livedraft.errors import ConfigError
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute import step_cache
from livedraft.runtime.compute.step_cache import Tier
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.losing import losses
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.params import QualityParams
from livedraft.runtime.models.diffusion.state import DiffusionJob

_DIFFUSERS: Any = diffusers
STEPS = 9
LOOSE = {"high": Tier(1e9, 1), "fast": Tier(1e9, 3)}  # a tiny model's noise is foretold by none
SPARED = {"high": 3, "fast": 4}  # of nine: not the first three, nor the last
MANY = {
    name
    for name in NAMES
    if issubclass(MODELS.load(name).params, QualityParams)  # 8 steps and more
}


@pytest.fixture(scope="module")
def model() -> Any:
    return MODELS.load("sd-1.5").tiny()


@pytest.fixture(autouse=True)
def _loose(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, tier in LOOSE.items():
        monkeypatch.setitem(step_cache.TIERS, name, tier)


def finished(model: DiffusionModel, *jobs: DiffusionJob) -> list[torch.Tensor]:
    while left := [job for job in jobs if not job.done]:
        model.step(left)
    return [job.way.latents for job in jobs]


def with_scheduler(name: str, kind: str) -> Any:
    model: Any = MODELS.load(name).tiny()
    own = model._family.pipe.scheduler.config
    model._family.pipe.scheduler = getattr(_DIFFUSERS, kind).from_config(own, clip_sample=False)
    return model


def test_all_models_of_many_steps_have_it_and_no_others() -> None:
    assert {name for name in NAMES if MODELS.load(name).info.max_steps > 8} == MANY
    # The last two take their steps by themselves, not by ``advance``, which spares some.
    for name in ("sd-turbo", "stable-audio", "anyflow"):
        with pytest.raises(ValidationError, match="quality"):
            MODELS.load(name).params.model_validate({"quality": "fast"})


@pytest.mark.parametrize("quality", SPARED)
def test_steps_are_spared_where_a_user_asks_for_it(model: Any, quality: str) -> None:
    (true,) = finished(model, prepared(model, PICTURE, STEPS, prompt="a fox"))
    job = prepared(model, PICTURE, STEPS, prompt="a fox", quality=quality)
    (made,) = finished(model, job)
    assert job.data == {"spared": SPARED[quality]}
    assert not torch.equal(made, true), "which a picture loses by"


def test_it_is_lossless_unless_asked(model: Any) -> None:
    plain = prepared(model, PICTURE, STEPS, prompt="a fox")
    asked = prepared(model, PICTURE, STEPS, prompt="a fox", quality="lossless")
    assert [job.way.cache for job in (plain, asked)] == [None, None]
    one, other = finished(model, plain, asked)
    assert torch.equal(one, other)
    assert plain.data == {}, "nothing is said of it"


def test_drafts_are_lossless(model: Any) -> None:
    asked = request(model, PICTURE, 8, prompt="a fox", quality="fast", stage=Stage.DRAFT)
    (job,) = model.prepare([(model.open(), asked)])
    assert job.way.cache is None
    assert job.notes == ()


def test_too_few_steps_are_computed_and_told_of(model: Any) -> None:
    job = prepared(model, PICTURE, 7, prompt="a fox", quality="fast")
    (true,) = finished(model, prepared(model, PICTURE, 7, prompt="a fox"))
    (made,) = finished(model, job)
    assert torch.equal(made, true)
    (note,) = job.notes
    assert (note["code"], note["param"]) == ("none_spared", "steps")
    assert "7 steps" in note["message"]
    assert "8 steps" in note["message"]


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # diffusers' KDPM2
@pytest.mark.parametrize("kind", ["HeunDiscreteScheduler", "KDPM2DiscreteScheduler"])
def test_of_a_second_order_none_is_spared_and_that_is_told(kind: str) -> None:
    model = with_scheduler("sd-1.5", kind)
    job = prepared(model, PICTURE, STEPS, prompt="a fox", quality="fast")
    (true,) = finished(model, prepared(model, PICTURE, STEPS, prompt="a fox"))
    (made,) = finished(model, job)
    assert torch.equal(made, true)
    assert job.data == {}
    (note,) = job.notes
    assert (note["code"], note["param"]) == ("none_spared", "quality")
    assert "second order" in note["message"]


def test_a_stream_s_refine_is_told_what_was_spared() -> None:
    model = with_scheduler("sd-1.5-stream", "LCMScheduler")
    job = prepared(model, PICTURE, STEPS, prompt="a fox", quality="fast", residual="off")
    finished(model, job)
    assert job.data == {"spared": SPARED["fast"]}
    assert job.notes == ()


@pytest.mark.parametrize("residual", ["once", "self"])
def test_with_residual_guidance_none_is_spared_and_that_is_told(residual: str) -> None:
    model = with_scheduler("sd-1.5-stream", "LCMScheduler")
    asked: dict[str, Any] = {"prompt": "a fox", "guidance": 2.0, "residual": residual}
    job = prepared(model, PICTURE, STEPS, **asked, quality="fast")
    made, true = finished(model, job, prepared(model, PICTURE, STEPS, **asked))
    assert torch.equal(made, true)
    assert job.data == {}
    (note,) = job.notes
    assert (note["code"], note["param"]) == ("none_spared", "residual")


def test_sessions_do_not_see_each_other_s(model: Any) -> None:
    """Interleaved, a step apart, of unlike prompts and qualities, one away and back between."""
    asked: list[dict[str, Any]] = [
        {"prompt": "a fox", "quality": "fast"},
        {"prompt": "two birds", "seed": 4, "quality": "high"},
        {"prompt": "a fox", "seed": 9},
    ]
    alone = [finished(model, prepared(model, PICTURE, STEPS, **each))[0] for each in asked]
    states = [model.open() for _ in asked]
    jobs = [
        prepared(model, PICTURE, STEPS, state=state, **each)
        for state, each in zip(states, asked, strict=True)
    ]
    model.step(jobs[:1])
    model.suspend(states[1])
    for made, true in zip(finished(model, *jobs), alone, strict=True):
        torch.testing.assert_close(made, true, rtol=1e-4, atol=1e-4)


def test_nothing_stays_of_a_picture_that_was_given_up(model: Any) -> None:
    state = model.open()
    given_up = prepared(model, PICTURE, STEPS, state=state, prompt="two birds", quality="fast")
    for _ in range(5):
        model.step([given_up])
    assert given_up.data == {"spared": 2}
    kept = model.footprint(state)
    again = prepared(model, PICTURE, STEPS, state=state, prompt="a fox", quality="fast")
    (made,) = finished(model, again)
    fresh = prepared(model, PICTURE, STEPS, prompt="a fox", quality="fast")
    assert torch.equal(made, finished(model, fresh)[0])
    assert model.footprint(state) >= kept, "it counts prompts alone"
    model.close(state)
    assert model.footprint(state) == 0


def test_what_it_loses_is_measured() -> None:
    model = MODELS.load("hidream-fast").tiny()
    assert isinstance(model, DiffusionModel)
    whole, high, fast = losses(model, STEPS)
    assert [each.quality for each in (whole, high, fast)] == ["lossless", "high", "fast"]
    assert (whole.steps, whole.spared, whole.decibels) == (2 * STEPS, 0, math.inf)
    assert (high.spared, fast.spared) == (2 * SPARED["high"], 2 * SPARED["fast"])
    assert 0 < fast.decibels < 60


@pytest.mark.parametrize(("name", "steps"), [("sd-turbo", 0), ("sd-1.5", 7), ("sd-1.5", 51)])
def test_what_spares_nothing_is_not_measured(name: str, steps: int) -> None:
    model = MODELS.load(name).tiny()
    assert isinstance(model, DiffusionModel)
    with pytest.raises(ConfigError, match="no steps") as raised:
        losses(model, steps)
    assert raised.value.fix
