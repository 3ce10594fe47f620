"""Residual guidance: classifier-free guidance where it must be, by another way than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diffusers
import pytest
import torch
from torch import Generator, Tensor

from livedraft.errors import InvalidParams
from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.flow import flow
from livedraft.runtime.compute.residual import residual
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Sampler

_DIFFUSERS: Any = diffusers
SHAPE = (1, 4, 3, 2)
STEPS, GUIDANCE = 4, 3.5
WITH, BOTH = [{"text": torch.ones(1)}], [{"text": torch.tensor([0.0, 1.0])}]
PICTURE, OTHER = torch.randn(2, *SHAPE, generator=Generator().manual_seed(3)).unbind()


def made(kind: str, steps: int = STEPS, **config: Any) -> Sampler:
    if kind == "flow":
        return flow(_DIFFUSERS.FlowMatchEulerDiscreteScheduler(), steps, 0.8, GUIDANCE)
    config |= {} if "Euler" in kind else {"clip_sample": False}
    scheduler = getattr(_DIFFUSERS, kind)(timestep_spacing="trailing", **config)
    return sampler(scheduler, steps, 0.8, GUIDANCE)


SAMPLERS = {
    "eps": lambda: made("DDIMScheduler"),
    "v": lambda: made("DDIMScheduler", prediction_type="v_prediction"),
    "euler": lambda: made("EulerDiscreteScheduler"),
    "lcm": lambda: made("LCMScheduler"),
    "flow": lambda: made("flow"),
}


def leading(to: Tensor, by: Sampler) -> Callable[..., Any]:
    """Return a network that without a text leads to one picture, wherever latents are."""
    rows = {float(time): row[:2].tolist() for time, row in zip(by.times, by.table, strict=True)}

    def network(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        said = []
        for one, at, told in zip(x, time.tolist(), text.tolist(), strict=True):
            own, led = rows[at]
            said.append(
                torch.tanh(one.roll(1, 0) + at / 700) if told else (to[0] - own * one) / led
            )
        return (torch.stack(said),)

    return network


def wandering(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
    """Say something else at every step, with a text and without."""
    turned = (time / 173 + text).reshape(-1, 1, 1, 1)
    return (torch.tanh(x.roll(1, 1) + torch.sin(turned)),)


def painted(by: Sampler, network: Callable[..., Any], instead: str, avoided: Tensor) -> Tensor:
    generator = Generator().manual_seed(1)
    x = by.start[0] * PICTURE + by.start[1] * torch.randn(SHAPE, generator=generator)
    rows = 1 if instead == "self" else 2
    way = Denoising(x, by, WITH if rows == 1 else BOTH, generator, rows)
    if instead != "off":
        way.residual = residual(way, avoided if instead == "self" else None, WITH)
    denoiser = Denoiser(network, latents="x", time="time")
    while not way.done:
        advance(denoiser, [way])
    return way.latents


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


@pytest.mark.parametrize("kind", SAMPLERS)
@pytest.mark.parametrize("instead", ["once", "self"])
def test_it_is_full_guidance_where_what_is_avoided_stays_one_picture(
    kind: str, instead: str
) -> None:
    by = SAMPLERS[kind]()
    network = leading(OTHER, by)
    full = painted(by, network, "off", OTHER)
    assert apart(painted(by, network, instead, OTHER), full) < 1e-4
    assert apart(painted(by, network, "self", PICTURE), full) > 1e-2, "and of another it is not"


@pytest.mark.parametrize("kind", SAMPLERS)
def test_in_one_step_onetime_negative_is_full_guidance_of_any_network(kind: str) -> None:
    by = SAMPLERS[kind]()
    one = Sampler(by.times[:1], by.table[:1], by.noisy[:1], by.start, by.pure, by.ends[:1])
    full = painted(one, wandering, "off", OTHER)
    assert torch.equal(painted(one, wandering, "once", OTHER), full)
    assert apart(painted(by, wandering, "once", OTHER), painted(by, wandering, "off", OTHER)) > 1e-3


def test_of_noise_it_is_the_formula_of_the_paper() -> None:
    by = SAMPLERS["eps"]()
    x = torch.randn(SHAPE, generator=Generator().manual_seed(1))
    way = Denoising(x, by, WITH, Generator())
    way.residual = residual(way, PICTURE, WITH)
    seen: list[Tensor] = []

    def network(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        assert way.residual is not None
        _, base = way.residual.pair(way, (x, None))
        seen.extend([] if base is None else [base])
        return (x,)

    advance(Denoiser(network, latents="x", time="time"), [way])
    alpha, sigma = by.start
    torch.testing.assert_close(seen[0], (x - alpha * PICTURE) / sigma, rtol=1e-4, atol=1e-5)


def test_a_first_step_that_fails_is_taken_again_in_full() -> None:
    by = SAMPLERS["eps"]()
    rows: list[int] = []

    def network(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        rows.append(len(x))
        if len(rows) == 1:
            raise MemoryError
        return wandering(x, time, text)

    way = Denoising(PICTURE, by, BOTH, Generator(), 2)
    way.residual = residual(way, None, WITH)
    denoiser = Denoiser(network, latents="x", time="time")
    with pytest.raises(MemoryError):
        advance(denoiser, [way])
    while not way.done:
        advance(denoiser, [way])
    assert rows == [2, 2, 1, 1, 1]


def test_a_scheduler_that_steps_itself_is_refused() -> None:
    by = sampler(_DIFFUSERS.UniPCMultistepScheduler(), STEPS)
    with pytest.raises(InvalidParams, match="no residual guidance") as caught:
        residual(Denoising(PICTURE, by, WITH, Generator()), PICTURE, WITH)
    assert "LCMScheduler" in caught.value.fix
