"""Samplers against diffusers' schedulers, driven through the denoiser as a model drives them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import diffusers
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.samplers import ETA, SAMPLERS, sampler

CLOSE = 1e-6  # of the largest value on the way
_DIFFUSERS: Any = diffusers
_BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
_SPACINGS = {
    "EulerDiscreteScheduler": ("trailing", "leading"),
    "EulerAncestralDiscreteScheduler": ("trailing", "leading"),
    "DDIMScheduler": ("leading", "trailing"),
    "LCMScheduler": ("leading",),
    "TCDScheduler": ("leading",),
}
SHAPE = (1, 4, 3, 2)


def scheduler(kind: str, prediction: str, spacing: str) -> Any:
    config = {**_BETAS, "prediction_type": prediction, "timestep_spacing": spacing}
    if "Euler" not in kind:
        config |= {"clip_sample": False, "set_alpha_to_one": False}
    return getattr(_DIFFUSERS, kind)(**config, steps_offset=1)


def network(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
    """Return something of each row that depends on all of it."""
    turned = torch.sin(time / 173).reshape(-1, 1, 1, 1)
    return (torch.tanh(x.roll(1, 1) + turned) + text.reshape(-1, 1, 1, 1) * x / (1 + x.abs()),)


def started(made: Any, picture: Tensor | None, seed: int, text: float) -> Denoising:
    """Return latents at the start of a sampler's way."""
    generator = Generator().manual_seed(seed)
    noise = torch.randn(SHAPE, generator=generator)
    x = made.pure * noise
    if picture is not None:
        x = made.start[0] * picture + made.start[1] * noise
    return Denoising(x, made, [{"text": torch.tensor([text])}], generator)


def ours(ways: Sequence[Denoising]) -> list[Tensor]:
    denoiser = Denoiser(network, latents="x", time="time")
    while going := [way for way in ways if not way.done]:
        advance(denoiser, going)
    return [way.latents for way in ways]


def theirs(
    theirs: Any, whole: int, made: int, picture: Tensor | None, seed: int
) -> tuple[Tensor, float]:
    """Return what diffusers' scheduler comes to, driven as its image-to-image pipelines do it.

    And the largest value on the way, which is what it can be exact to: of latents at the scale of
    a picture without noise, as float32 is rounded where they are taken for one.
    """
    taught = type(theirs).__name__ in ("LCMScheduler", "TCDScheduler")
    if taught:
        theirs.set_timesteps(made, strength=made / whole)
    else:
        theirs.set_timesteps(whole)
    times = theirs.timesteps[-made:]
    generator = Generator().manual_seed(seed)
    noise = torch.randn(SHAPE, generator=generator)
    if hasattr(theirs, "set_begin_index"):
        theirs.set_begin_index(len(theirs.timesteps) - made)
    x = noise * theirs.init_noise_sigma
    if picture is not None:
        x = theirs.add_noise(picture, noise, times[:1])
    more: dict[str, Any] = {"eta": ETA} if type(theirs).__name__ == "TCDScheduler" else {}
    if type(theirs).__name__ != "EulerDiscreteScheduler":
        more["generator"] = generator
    largest, kept = 1.0, theirs.alphas_cumprod
    for time in times:
        scale = 1.0 if "Euler" in type(theirs).__name__ else float(kept[int(time)]) ** 0.5
        largest = max(largest, float(x.abs().max()) / scale)
        (output,) = network(theirs.scale_model_input(x, time), time[None], torch.tensor([0.5]))
        x = theirs.step(output, time, x, return_dict=False, **more)[0]
    return x, largest


KINDS = [(kind, spacing) for kind, among in _SPACINGS.items() for spacing in among]


@pytest.mark.parametrize(("kind", "spacing"), KINDS)
@given(
    prediction=st.sampled_from(["epsilon", "v_prediction"]),
    whole=st.integers(1, 12),
    data=st.data(),
    pure=st.booleans(),
)
def test_steps_and_strengths(
    kind: str, spacing: str, prediction: str, whole: int, pure: bool, data: st.DataObject
) -> None:
    # Of a picture the last ``made`` of the ``whole`` steps are made; of noise alone all.
    made = whole if pure else data.draw(st.integers(1, whole))
    picture = None if pure else torch.randn(SHAPE, generator=Generator().manual_seed(5))
    known = scheduler(kind, prediction, spacing)
    strength = float(Fraction(made, whole))
    if known.config.get("original_inference_steps"):
        strength = made / whole  # as it is told, to the last bit
    (found,) = ours([started(sampler(known, made, strength), picture, 9, 0.5)])
    wanted, largest = theirs(scheduler(kind, prediction, spacing), whole, made, picture, 9)
    assert (found - wanted).abs().max() <= CLOSE * largest


def test_a_batch_of_unlike_samplers_and_steps_is_as_each_alone() -> None:
    picture = torch.randn(SHAPE, generator=Generator().manual_seed(5))
    kinds = list(SAMPLERS)[:6]
    samplers = [
        sampler(scheduler(kind, "epsilon", "trailing"), 2 + n, 0.4 + n / 10)
        for n, kind in enumerate(k for k in kinds if k in _SPACINGS)
    ]
    alone = [
        ours([started(each, picture, seed, seed / 7)])[0] for seed, each in enumerate(samplers)
    ]
    together = ours([started(each, picture, seed, seed / 7) for seed, each in enumerate(samplers)])
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", _SPACINGS)
def test_a_timestep_apart_is_seen(kind: str) -> None:
    known = scheduler(kind, "epsilon", "trailing")
    picture = torch.randn(SHAPE, generator=Generator().manual_seed(5))
    one, other = (
        ours([started(sampler(known, 3, strength), picture, 9, 0.5)])[0] for strength in (0.6, 0.62)
    )
    assert (one - other).abs().max() > 1e-4


def test_guidance_leads_away_from_what_has_no_text() -> None:
    known = scheduler("DDIMScheduler", "epsilon", "leading")
    start = started(sampler(known, 3, 1.0, 4.0), None, 1, 0.0)
    both = Denoising(
        start.latents, start.sampler, [{"text": torch.tensor([0.1, 0.9])}], start.generator, rows=2
    )
    (found,) = ours([both])
    x = start.latents
    known.set_timesteps(3)
    for time in known.timesteps:
        (rows,) = network(x.expand(2, -1, -1, -1), time.expand(2), torch.tensor([0.1, 0.9]))
        led = rows[:1] + 4.0 * (rows[1:] - rows[:1])
        x = known.step(led, time, x, return_dict=False)[0]
    torch.testing.assert_close(found, x, rtol=1e-5, atol=1e-5)
