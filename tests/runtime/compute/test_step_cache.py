"""The lossy cache: spares steps of a denoiser that can be foretold, and is each job's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import diffusers
import pytest
import torch
from torch import Generator, Tensor

from livedraft.runtime.compute.batching import Batch
from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.flow import flow
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Sampler, scheduled
from livedraft.runtime.compute.step_cache import TIERS, StepCache, Tier
from livedraft.runtime.models.memory import held_bytes

_DIFFUSERS: Any = diffusers
SIDE, PICTURES, STEPS, GUIDANCE = 8, 12, 24, 2.0
SHAPE = (1, 3, SIDE, SIDE)
LOOSE = Tier(10.0, 3)  # whatever the network says is near enough
NONE = Tier(0.0, 1)  # nothing is
FLOW = _DIFFUSERS.FlowMatchEulerDiscreteScheduler(shift=3.0)
DDIM = _DIFFUSERS.DDIMScheduler(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False
)
MULTISTEP = _DIFFUSERS.DPMSolverMultistepScheduler(
    prediction_type="flow_prediction", use_flow_sigmas=True, algorithm_type="dpmsolver++"
)
SECOND_ORDER = _DIFFUSERS.FlowMatchHeunDiscreteScheduler()


class Ideal:
    """The denoiser that a flow to a few pictures is best described by, and two texts of half each.

    What is expected of a picture is a mean of all, weighed by how likely each made the latents.
    """

    def __init__(self) -> None:
        height, width = torch.meshgrid(*[torch.linspace(-1, 1, SIDE)] * 2, indexing="ij")
        draw = Generator().manual_seed(4)
        turn, move = torch.randn(2, PICTURES, 3, 1, 1, generator=draw).unbind()
        self.pictures = torch.sin(2 * turn * width + 2 * move * height + turn)
        self.rows = 0  # that it was called with

    def __call__(self, x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        self.rows += len(x)
        return (torch.stack([self._said(*row) for row in zip(x, time, text, strict=True)]),)

    def _said(self, x: Tensor, time: Tensor, text: Tensor) -> Tensor:
        sigma = max(float(time) / 1000, 1e-3)
        some = self.pictures if not text else self.pictures[int(text) - 1 :: 2]
        off = (x - (1 - sigma) * some).square().sum((1, 2, 3)) / 48
        share = torch.softmax(-off / (2 * sigma**2), 0)
        return (x - (share[:, None, None, None] * some).sum(0)) / sigma


def way(
    text: int = 1,
    *,
    tier: Tier | None = None,
    seed: int = 0,
    steps: int = STEPS,
    by: Sampler | None = None,
    guided: bool = False,
) -> Denoising:
    by = by or flow(FLOW, steps, guidance=GUIDANCE if guided else 1.0)
    generator = Generator().manual_seed(seed)
    told = torch.tensor([0.0, float(text)] if guided else [float(text)])
    made = Denoising(
        torch.randn(SHAPE, generator=generator), by, [{"text": told}], generator, len(told)
    )
    if tier is not None:
        made.cache = StepCache(by, tier, GUIDANCE if guided else 1.0)
    return made


def denoiser(network: Callable[..., Any]) -> Denoiser:
    return Denoiser(network, latents="x", time="time", joins=True)


def alone(one: Denoising, network: Callable[..., Any]) -> Tensor:
    with_it = denoiser(network)
    while not one.done:
        advance(with_it, [one])
    return one.latents


def decibels(made: Tensor, true: Tensor) -> float:
    return 10 * math.log10(4 / float((made - true).square().mean()))


def spared(one: Denoising) -> int:
    assert one.cache is not None
    return one.cache.spared


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("tier", TIERS)
def test_it_loses_less_than_as_many_steps_would(tier: str, guided: bool) -> None:
    found, fewer, counts = [], [], []
    for seed in range(4):
        whole = alone(way(seed=seed, guided=guided), Ideal())
        ideal = Ideal()
        cached = way(seed=seed, guided=guided, tier=TIERS[tier])
        found.append(decibels(alone(cached, ideal), whole))
        counts.append(STEPS - spared(cached))
        assert ideal.rows == counts[-1] * cached.rows, "what is spared is not called"
        plain = alone(way(seed=seed, guided=guided, steps=counts[-1]), Ideal())
        fewer.append(decibels(plain, whole))
    mean = sum(found) / len(found)
    assert max(counts) < STEPS
    assert mean > {"high": 40, "fast": 30}[tier]
    assert mean > sum(fewer) / len(fewer) + 3


def test_more_is_spared_where_more_may_be_lost() -> None:
    high, fast = (way(tier=TIERS[tier]) for tier in ("high", "fast"))
    for each in (high, fast):
        alone(each, Ideal())
    assert 0 < spared(high) < spared(fast)


def test_a_network_that_cannot_be_foretold_is_always_called() -> None:
    def restless(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        return (torch.sin(x * 3 + time[:, None, None, None]),)

    cached = way(tier=TIERS["fast"])
    assert torch.equal(alone(cached, restless), alone(way(), restless))
    assert spared(cached) == 0


@pytest.mark.parametrize("guided", [False, True])
def test_of_a_batch_each_is_as_alone(guided: bool) -> None:
    """Of unlike texts, seeds, steps and tiers, one a step behind, and one that loses nothing."""
    asked: list[dict[str, Any]] = [
        {"text": 1, "tier": TIERS["high"]},
        {"text": 2, "seed": 1, "tier": TIERS["fast"]},
        {"text": 1, "seed": 2},
        {"text": 2, "seed": 3, "steps": 9, "tier": LOOSE},
    ]
    ways = [way(**each, guided=guided) for each in asked]
    with_it = denoiser(Ideal())
    advance(with_it, ways[:2])
    while any(not each.done for each in ways):
        advance(with_it, [each for each in ways if not each.done])
    for each, more in zip(ways, asked, strict=True):
        single = way(**more, guided=guided)
        torch.testing.assert_close(each.latents, alone(single, Ideal()), rtol=1e-5, atol=1e-5)
        if each.cache is not None:
            assert spared(each) == spared(single) > 0


def test_what_is_guided_away_from_is_foretold_by_itself() -> None:
    """On lines, what is foretold is exact; a row that took the other's would be far off."""

    def straight(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        slope = (1 + 7 * text) * time / 1000
        return (slope.reshape(-1, 1, 1, 1).expand_as(x) - 3 * text.reshape(-1, 1, 1, 1),)

    cached = way(guided=True, tier=TIERS["high"])
    true = alone(way(guided=True), straight)
    torch.testing.assert_close(alone(cached, straight), true, rtol=1e-4, atol=1e-4)
    assert spared(cached) > STEPS / 3
    assert decibels(alone(way(), straight), true) < 20, "the rows do differ"


@pytest.mark.parametrize("scheduler", [DDIM, MULTISTEP])
def test_whatever_takes_the_steps(scheduler: Any) -> None:
    made = sampler if scheduler is DDIM else scheduled
    by = made(scheduler, STEPS, 1.0, 1.0)

    def calm(x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        return (x * 0.1 + torch.cos(time / 900 + text)[:, None, None, None],)

    cached = way(by=by, tier=TIERS["high"])
    true = alone(way(by=by), calm)
    assert decibels(alone(cached, calm), true) > 40
    assert spared(cached) > STEPS / 4


def test_of_second_order_none_is_spared() -> None:
    """Its steps are two calls, of which the second is at the time of the next one's first."""
    by = scheduled(SECOND_ORDER, STEPS, 1.0, 1.0)
    cached = way(by=by, tier=LOOSE)
    assert torch.equal(alone(cached, Ideal()), alone(way(by=by), Ideal()))
    assert spared(cached) == 0


def test_another_expert_is_not_foretold_by_the_first() -> None:
    cached = way(tier=LOOSE)
    first, second = Ideal(), Ideal()
    for network in (first, second):
        before = spared(cached)
        for _ in range(3):
            advance(denoiser(network), [cached])
        assert spared(cached) == before, "the first three of each are computed"
        assert network.rows == 3
        advance(denoiser(network), [cached])
        assert spared(cached) == before + 1


def test_the_last_step_is_computed() -> None:
    for steps in range(8, 14):
        cached, network = way(tier=LOOSE, steps=steps), Ideal()
        while cached.step < steps - 1:
            advance(denoiser(network), [cached])
        before = network.rows
        advance(denoiser(network), [cached])
        assert network.rows == before + 1
        assert spared(cached) > 0


def test_what_fails_takes_nobodys_step() -> None:
    """A call that raises is tried again one by one, from where each stood."""

    class Failing(Ideal):
        fails = False

        def __call__(self, x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
            if self.fails:
                raise RuntimeError("no memory")
            return super().__call__(x, time, text)

    asked: list[dict[str, Any]] = [{"tier": LOOSE}, {"text": 2, "tier": NONE}]
    ways, network = [way(**each) for each in asked], Failing()
    for _ in range(3):
        advance(denoiser(network), ways)
    spares = [each.cache and each.cache.foretold(each.step, network) for each in ways]
    assert list(map(bool, spares)) == [True, False], "one is spared, one is called"
    network.fails = True
    with pytest.raises(RuntimeError, match="no memory"):
        advance(denoiser(network), ways)
    assert [each.step for each in ways] == [3, 3]
    network.fails = False
    for each, more in zip(ways, asked, strict=True):
        torch.testing.assert_close(
            alone(each, network), alone(way(**more), Ideal()), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("place", [(StepCache, "heard"), (Batch, "take")])
def test_a_step_that_finds_no_memory_is_taken_once(
    place: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fails: list[Exception] = []
    true = getattr(*place)

    def short(*args: Any) -> Any:
        if fails:
            raise fails.pop()
        return true(*args)

    monkeypatch.setattr(*place, short)
    single = way(tier=TIERS["fast"], guided=True)
    whole = alone(single, Ideal())
    for step in range(STEPS):
        cached, network = way(tier=TIERS["fast"], guided=True), Ideal()
        while cached.step < step:
            advance(denoiser(network), [cached])
        fails.append(torch.OutOfMemoryError())
        with suppress(torch.OutOfMemoryError):  # nothing is heard of what is spared
            advance(denoiser(network), [cached])
        fails.clear()
        assert torch.equal(alone(cached, network), whole)
        assert spared(cached) == spared(single)


@pytest.mark.parametrize("guided", [False, True])
def test_it_holds_two_outputs_till_the_last_step(guided: bool) -> None:
    cached, network = way(tier=LOOSE, guided=guided), Ideal()
    latent, most = cached.latents.nbytes, 0
    assert cached.cache is not None
    of_others = held_bytes([cached.sampler, network])
    while not cached.done:
        advance(denoiser(network), [cached])
        most = max(most, held_bytes([cached.cache, network]) - of_others)
    assert most == 2 * cached.rows * latent + 4  # bytes: a number, how far the newest was off
    assert held_bytes([cached.cache, network]) == of_others, "nothing while it is decoded"


def test_what_is_not_finite_stays_with_its_job() -> None:
    class Ill(Ideal):
        def _said(self, x: Tensor, time: Tensor, text: Tensor) -> Tensor:
            said = super()._said(x, time, text)
            return said * math.nan if text == 2 and time < 900 else said

    ill, well, network = way(2, tier=LOOSE), way(1, tier=LOOSE), Ill()
    while not well.done:
        advance(denoiser(network), [ill, well])
    assert not torch.isfinite(ill.latents).any()
    single = way(1, tier=LOOSE)
    torch.testing.assert_close(well.latents, alone(single, Ideal()), rtol=1e-5, atol=1e-5)
    assert spared(well) == spared(single)
    assert spared(ill) < spared(well), "nothing is foretold of what is none"
