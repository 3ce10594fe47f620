"""The other models with a UNet equal diffusers' own pipelines, alone and in a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import diffusers
import pytest
import torch
from tests.runtime.models.diffusion.asking import (
    OTHER,
    PICTURE,
    difference,
    made,
    prepared,
    theirs,
)
from torch import Tensor

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.unet_models import (
    SD15,
    SD21,
    SDXL,
    LCMDreamshaper,
    SDXLLightning,
    SDXLTurbo,
)

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least
_DIFFUSERS: Any = diffusers


@dataclass(frozen=True)
class Case:
    """A model, and the pipelines of diffusers that do the same."""

    model: type[DiffusionModel]
    name: str  # of its pipelines, before Pipeline and Img2ImgPipeline
    params: dict[str, Any] = field(default_factory=dict)  # ours
    ways: dict[str, Any] = field(default_factory=dict)  # theirs
    counts_made: bool = False  # num_inference_steps are those that are made

    def theirs(
        self,
        model: DiffusionModel,
        prompt: str,
        seed: int,
        steps: int,
        picture: Pixels | None,
        whole: int,
    ) -> Tensor:
        """Return what diffusers makes: the last ``steps`` of ``whole``, or all from noise."""
        kind = f"{self.name}{'' if picture is None else 'Img2Img'}Pipeline"
        ways = {"num_inference_steps": whole, **self.ways}
        if self.counts_made:
            ways["num_inference_steps"] = steps
        if picture is None:
            ways |= {"height": 64, "width": 64}
        else:
            told = steps / whole
            ways["strength"] = told if self.counts_made else min(1.0, told + 1e-9)
        scheduler = model._family.pipe.scheduler
        parts = {}
        if "PNDM" in type(scheduler).__name__:  # the same schedule, without a memory
            own = {"clip_sample": False, "set_alpha_to_one": False}
            parts = {"scheduler": _DIFFUSERS.DDIMScheduler.from_config(scheduler.config, **own)}
        return theirs(model, kind, prompt, seed, picture, parts, **ways)


UNLIKE = {"guidance": 4.0, "negative_prompt": "blurry"}
LED = {"guidance_scale": 4.0, "negative_prompt": "blurry"}
CASES = {
    "sd-1.5": Case(SD15, "StableDiffusion", UNLIKE, LED),
    "sd-2.1": Case(SD21, "StableDiffusion", UNLIKE, LED),
    "sd-1.5, not guided": Case(SD15, "StableDiffusion", {"guidance": 1}, {"guidance_scale": 1.0}),
    "lcm": Case(
        LCMDreamshaper,
        "LatentConsistencyModel",
        {"guidance": 8.0},
        {"guidance_scale": 8.0},
        counts_made=True,
    ),
    "sdxl": Case(SDXL, "StableDiffusionXL", UNLIKE, LED),
    "sdxl, nothing to avoid": Case(
        SDXL, "StableDiffusionXL", {"guidance": 4.0}, {"guidance_scale": 4.0}
    ),
    "sdxl-lightning": Case(SDXLLightning, "StableDiffusionXL", {}, {"guidance_scale": 0.0}),
    "sdxl-turbo": Case(SDXLTurbo, "StableDiffusionXL", {}, {"guidance_scale": 0.0}),
}
_tiny: dict[type[DiffusionModel], DiffusionModel] = {}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def model(case: Case) -> DiffusionModel:
    """Give the tiny one, made once."""
    if case.model not in _tiny:
        _tiny[case.model] = case.model.tiny()
    return _tiny[case.model]


@pytest.mark.parametrize("picture", [None, PICTURE], ids=["text", "picture"])
def test_a_picture_equals_theirs(case: Case, model: DiffusionModel, picture: Pixels | None) -> None:
    steps, whole = (3, 3) if picture is None else (3, 5)
    job = prepared(
        model, picture, steps, seed=7, prompt="a red fox", strength=steps / whole, **case.params
    )
    wanted = case.theirs(model, "a red fox", 7, steps, picture, whole)
    assert difference(made(model, job), wanted) <= CLOSE


def test_rows_at_different_steps_are_as_alone(case: Case, model: DiffusionModel) -> None:
    one: dict[str, Any] = {"seed": 1, "prompt": "a red fox", "strength": 0.5, **case.params}
    ahead = prepared(model, PICTURE, 3, **one)
    model.step([ahead])
    other: dict[str, Any] = {
        "seed": 2,
        "prompt": "two blue birds at night",
        "strength": 1.0,
        **case.params,
    }
    behind = prepared(model, OTHER, 2, **other)
    assert ahead.key == behind.key
    model.step([ahead, behind])
    model.step([behind, ahead])
    wanted = case.theirs(model, "a red fox", 1, 3, PICTURE, 6)
    assert difference(made(model, ahead), wanted) <= CLOSE
    wanted = case.theirs(model, "two blue birds at night", 2, 2, OTHER, 2)
    assert difference(made(model, behind), wanted) <= CLOSE


def test_a_wrong_timestep_would_be_seen(case: Case, model: DiffusionModel) -> None:
    asked: dict[str, Any] = {"seed": 1, "prompt": "a red fox", "strength": 1.0, **case.params}
    right, wrong = prepared(model, PICTURE, 2, **asked), prepared(model, PICTURE, 2, **asked)
    sampler = wrong.way.sampler
    wrong.way.sampler = type(sampler)(
        sampler.times.flip(0), sampler.table, sampler.noisy, sampler.start, sampler.pure
    )
    assert difference(made(model, wrong), made(model, right)) > FAR


def test_guided_and_unguided_rows_share_a_call() -> None:
    model = _tiny.setdefault(SD15, SD15.tiny())
    asked: list[dict[str, Any]] = [
        {"seed": n, "prompt": "a fox", "guidance": scale} for n, scale in ((1, 6), (2, 1))
    ]
    alone = [made(model, prepared(model, PICTURE, 2, **each)) for each in asked]
    jobs = [prepared(model, PICTURE, 2, **each) for each in asked]
    assert jobs[0].key == jobs[1].key
    for _ in range(2):
        model.step(jobs)
    for job, wanted in zip(jobs, alone, strict=True):
        assert difference(made(model, job), wanted) <= CLOSE


def test_an_autoencoder_that_overflows_in_halves_stays_in_float32() -> None:
    family = SDXL.tiny()._family
    pipe = family.pipe.to(torch.float16)
    pipe.vae.register_to_config(force_upcast=True)
    made = type(family)(pipe)
    assert (made.pipe.vae.dtype, made.pipe.unet.dtype) == (torch.float32, torch.float16)
    (seen,) = made.see([PICTURE], 64, 64, False)
    assert seen.mean.dtype == torch.float16
    assert made.show([seen.mean], False)[0].shape == (64, 64, 3)
