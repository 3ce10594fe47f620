"""A picture equals diffusers' own pipeline's, for the same weights, seed, prompt and drawing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.model import SDTurbo
from livedraft.runtime.models.diffusion.params import DiffusionParams
from livedraft.runtime.models.diffusion.state import DiffusionJob

# diffusers' schedulers ask torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least
PICTURE = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
OTHER = np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8)
_PIPELINES: Any = diffusers


def prepared(
    model: SDTurbo, picture: Pixels | None, steps: int, *, stage: Stage = Stage.FINAL, **params: Any
) -> DiffusionJob:
    inputs = {} if picture is None else {"sketch": picture}
    asked = Request(DiffusionParams(**params), inputs, stage, steps)
    (job,) = model.prepare([(model.open(), asked)])
    return job


def made(model: SDTurbo, job: DiffusionJob) -> Tensor:
    """Return a finished picture, (1, 3, height, width), 0 to 1."""
    while not job.done:
        model.step([job])
    return shown(model, job)


def shown(model: SDTurbo, job: DiffusionJob) -> Tensor:
    with torch.inference_mode():
        return (model._family.decode(job.way.latents, job.draft) / 2 + 0.5).clamp(0, 1)


def theirs(model: SDTurbo, picture: Pixels | None, seed: int, prompt: str, **ways: Any) -> Tensor:
    """Return what diffusers' pipeline makes of the same parts."""
    kind = "StableDiffusionPipeline" if picture is None else "StableDiffusionImg2ImgPipeline"
    parts = dict(model._family.pipe.components, requires_safety_checker=False)
    scheduler = parts["scheduler"]
    parts["scheduler"] = type(scheduler).from_config(scheduler.config)
    pipe = getattr(_PIPELINES, kind)(**parts)
    pipe.set_progress_bar_config(disable=True)
    if picture is not None:
        ways["image"] = Image.fromarray(picture)
    found: Tensor = pipe(
        prompt,
        generator=torch.Generator("cpu").manual_seed(seed),
        guidance_scale=0.0,
        output_type="pt",
        **ways,
    ).images
    return found


def difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


@pytest.mark.parametrize(("whole", "made_steps"), [(1, 1), (4, 1), (4, 3), (4, 4), (7, 5), (6, 2)])
def test_a_drawing_becomes_what_image_to_image_makes(
    turbo: SDTurbo, whole: int, made_steps: int
) -> None:
    # What diffusers calls num_inference_steps counts steps that strength leaves out.
    strength = float(Fraction(made_steps, whole))
    job = prepared(turbo, PICTURE, made_steps, seed=7, prompt="a red fox", strength=strength)
    wanted = theirs(
        turbo,
        PICTURE,
        7,
        "a red fox",
        strength=min(1.0, strength + 1e-9),
        num_inference_steps=whole,
    )
    assert difference(made(turbo, job), wanted) <= CLOSE


@pytest.mark.parametrize("strength", [0.05, 0.33, 0.5, 0.66, 0.98])
def test_strength_between_two_steps_begins_between_them(turbo: SDTurbo, strength: float) -> None:
    job = prepared(turbo, PICTURE, 1, seed=3, prompt="a fox", strength=strength)
    wanted = theirs(
        turbo, PICTURE, 3, "a fox", strength=1.0, timesteps=[round(1000 * strength) - 1]
    )
    assert difference(made(turbo, job), wanted) <= CLOSE


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_without_a_drawing_it_is_text_to_image(turbo: SDTurbo, steps: int) -> None:
    job = prepared(turbo, None, steps, seed=11, prompt="two birds")
    wanted = theirs(turbo, None, 11, "two birds", num_inference_steps=steps, height=64, width=64)
    assert difference(made(turbo, job), wanted) <= CLOSE


def test_rows_at_different_steps_are_as_alone(turbo: SDTurbo) -> None:
    ahead = prepared(turbo, PICTURE, 4, seed=1, prompt="a red fox", strength=1.0)
    turbo.step([ahead])
    behind = prepared(turbo, OTHER, 3, seed=2, prompt="two blue birds at night", strength=0.5)
    assert ahead.key == behind.key
    for _ in range(3):
        turbo.step([ahead, behind])
    wanted = theirs(turbo, PICTURE, 1, "a red fox", strength=1.0, num_inference_steps=4)
    assert difference(made(turbo, ahead), wanted) <= CLOSE
    wanted = theirs(turbo, OTHER, 2, "two blue birds at night", strength=0.5, num_inference_steps=6)
    assert difference(made(turbo, behind), wanted) <= CLOSE


def test_a_wrong_timestep_would_be_seen(turbo: SDTurbo) -> None:
    job = prepared(turbo, PICTURE, 2, seed=1, prompt="a red fox", strength=1.0)
    wanted = made(turbo, job)
    wrong = prepared(turbo, PICTURE, 2, seed=1, prompt="a red fox", strength=1.0)
    sampler = wrong.way.sampler
    wrong.way.sampler = type(sampler)(
        sampler.times.flip(0), sampler.table, sampler.noisy, sampler.start, sampler.pure
    )
    assert difference(made(turbo, wrong), wanted) > FAR


def test_another_prompt_would_be_seen(turbo: SDTurbo) -> None:
    one, other = (
        made(turbo, prepared(turbo, PICTURE, 2, seed=1, prompt=prompt, strength=1.0))
        for prompt in ("a red fox", "two blue birds")
    )
    assert difference(one, other) > FAR
