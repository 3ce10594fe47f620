"""A picture equals diffusers' own pipeline's, for the same weights, seed, prompt and drawing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.runtime.models.diffusion.asking import (
    OTHER,
    PICTURE,
    difference,
    made,
    prepared,
    theirs,
)
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.diffusion.unet_models import SDTurbo

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least


def from_drawing(model: SDTurbo, seed: int, prompt: str, picture: Any, **ways: Any) -> Tensor:
    kind = "StableDiffusionImg2ImgPipeline"
    return theirs(model, kind, prompt, seed, picture, guidance_scale=0.0, **ways)


@pytest.mark.parametrize(("whole", "steps"), [(1, 1), (4, 1), (4, 3), (4, 4), (7, 5), (6, 2)])
def test_a_drawing_becomes_what_image_to_image_makes(
    turbo: SDTurbo, whole: int, steps: int
) -> None:
    # What diffusers calls num_inference_steps counts steps that strength leaves out.
    strength = float(Fraction(steps, whole))
    job = prepared(turbo, PICTURE, steps, seed=7, prompt="a red fox", strength=strength)
    told = min(1.0, strength + 1e-9)  # that no step falls off as it is rounded
    wanted = from_drawing(turbo, 7, "a red fox", PICTURE, strength=told, num_inference_steps=whole)
    assert difference(made(turbo, job), wanted) <= CLOSE


@pytest.mark.parametrize("strength", [0.05, 0.33, 0.5, 0.66, 0.98])
def test_strength_between_two_steps_begins_between_them(turbo: SDTurbo, strength: float) -> None:
    job = prepared(turbo, PICTURE, 1, seed=3, prompt="a fox", strength=strength)
    first = round(1000 * strength) - 1
    wanted = from_drawing(turbo, 3, "a fox", PICTURE, strength=1.0, timesteps=[first])
    assert difference(made(turbo, job), wanted) <= CLOSE


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_without_a_drawing_it_is_text_to_image(turbo: SDTurbo, steps: int) -> None:
    job = prepared(turbo, None, steps, seed=11, prompt="two birds")
    size: dict[str, Any] = {"height": 64, "width": 64}
    kind = "StableDiffusionPipeline"
    wanted = theirs(
        turbo, kind, "two birds", 11, guidance_scale=0.0, num_inference_steps=steps, **size
    )
    assert difference(made(turbo, job), wanted) <= CLOSE


def test_a_draft_is_what_the_small_autoencoder_makes(turbo: SDTurbo) -> None:
    draft: dict[str, Any] = {
        "stage": Stage.DRAFT,
        "seed": 5,
        "prompt": "a red fox",
        "strength": 1.0,
    }
    job = prepared(turbo, PICTURE, 1, **draft)
    ways: dict[str, Any] = {"strength": 1.0, "num_inference_steps": 1}
    small = {"parts": {"vae": turbo._family.tiny_vae}}
    wanted = from_drawing(turbo, 5, "a red fox", PICTURE, **small, **ways)
    drafted = made(turbo, job)
    assert difference(drafted, wanted) <= CLOSE
    assert difference(drafted, from_drawing(turbo, 5, "a red fox", PICTURE, **ways)) > FAR


def test_rows_at_different_steps_are_as_alone(turbo: SDTurbo) -> None:
    ahead = prepared(turbo, PICTURE, 4, seed=1, prompt="a red fox", strength=1.0)
    turbo.step([ahead])
    behind = prepared(turbo, OTHER, 3, seed=2, prompt="two blue birds at night", strength=0.5)
    assert ahead.key == behind.key
    for _ in range(3):
        turbo.step([ahead, behind])
    wanted = from_drawing(turbo, 1, "a red fox", PICTURE, strength=1.0, num_inference_steps=4)
    assert difference(made(turbo, ahead), wanted) <= CLOSE
    wanted = from_drawing(
        turbo, 2, "two blue birds at night", OTHER, strength=0.5, num_inference_steps=6
    )
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
