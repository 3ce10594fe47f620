"""Batches of denoising: joined once, and whoever comes, goes or is changed is as it is alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import diffusers
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from livedraft.kernels import stream_step
from livedraft.kernels.steps import Prediction, folded, step_row, step_table, stepped
from livedraft.runtime.compute.batching import Batch
from livedraft.runtime.compute.denoise import Denoiser, Denoising, Known, advance
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Scheduled

_DIFFUSERS: Any = diffusers
SHAPE = (1, 4, 3, 2)
KINDS = ("LCMScheduler", "DDIMScheduler", "EulerAncestralDiscreteScheduler")
STEPS = 4


class Network:
    """Something of each row that depends on all of it; keeps what it was given."""

    def __init__(self) -> None:
        self.texts: list[Tensor] = []
        self.fails = 0

    def __call__(self, x: Tensor, time: Tensor, text: Tensor) -> tuple[Tensor]:
        if self.fails:
            self.fails -= 1
            raise MemoryError
        self.texts.append(text)
        told, turned = (each.reshape(-1, *[1] * (x.ndim - 1)) for each in (text, time / 173))
        return (torch.tanh(x * told + torch.sin(turned)),)


@dataclass(frozen=True)
class Backwards(Denoiser):
    """A network that reads latents in another order."""

    def ordered(self, latents: Tensor) -> Tensor:
        return latents.flatten(1).flip(1).contiguous()

    def decoded(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        return x.flip(1).reshape(-1, *shape[1:])


def denoiser(kind: str, network: Network | None = None) -> Denoiser:
    made = Backwards if kind == "ordered" else Denoiser
    return made(network or Network(), latents="x", time="time", joins=kind != "apart")


def started(number: int) -> Denoising:
    made = getattr(_DIFFUSERS, KINDS[number % len(KINDS)])(timestep_spacing="trailing")
    if "clip_sample" in made.config:
        made.register_to_config(clip_sample=False)
    generator = Generator().manual_seed(number)
    x = torch.randn(SHAPE, generator=generator)
    told = sampler(made, STEPS, 1.0 - number / 10)
    return Denoising(x, told, [{"text": torch.tensor([0.3 + number])}], generator)


def alone(number: int, kind: str) -> Tensor:
    way, by = started(number), denoiser(kind)
    while not way.done:
        advance(by, [way])
    return way.latents


def close(one: Tensor, other: Tensor) -> bool:
    return bool((one - other).abs().max() <= 1e-6 * float(other.abs().max()))


@pytest.mark.parametrize("kind", ["joined", "apart", "ordered"])
@given(turns=st.lists(st.permutations(range(4)).map(lambda p: p[: 1 + p[0]]), max_size=12))
def test_whoever_comes_and_goes_is_as_alone(kind: str, turns: list[list[int]]) -> None:
    ways, by = [started(number) for number in range(4)], denoiser(kind)
    for turn in [*turns, *([number] for number in range(4) for _ in range(STEPS))]:
        going = [ways[number] for number in turn if not ways[number].done]
        if going:
            advance(by, going)
    for number, way in enumerate(ways):
        assert close(way.latents, alone(number, kind))
    assert not close(ways[0].latents, ways[1].latents)


@pytest.mark.parametrize("kind", ["joined", "ordered"])
def test_what_all_are_conditioned_on_is_joined_once(kind: str) -> None:
    network = Network()
    ways, by = [started(number) for number in range(3)], denoiser(kind, network)
    for _ in range(3):
        advance(by, ways)
    assert len({id(text) for text in network.texts}) == 1
    advance(by, ways[1:])
    assert len({id(text) for text in network.texts}) == 2


@pytest.mark.parametrize("kind", ["joined", "apart", "ordered"])
def test_latents_that_are_changed_on_the_way_count(kind: str) -> None:
    ways, by = [started(number) for number in range(2)], denoiser(kind)
    advance(by, ways)
    ways[1].latents = ways[0].latents.clone()
    ways[1].sampler, ways[1].calls = ways[0].sampler, ways[0].calls
    ways[1].generator = Generator().manual_seed(0)
    torch.randn(SHAPE, generator=ways[1].generator)  # the start, then what its first step drew
    torch.randn(SHAPE, generator=ways[1].generator)
    advance(by, ways)
    assert close(ways[0].latents, ways[1].latents)


@pytest.mark.parametrize("kind", ["joined", "apart", "ordered"])
def test_a_step_that_fails_is_taken_again_one_by_one(kind: str) -> None:
    network = Network()
    ways, by = [started(number) for number in range(3)], denoiser(kind, network)
    advance(by, ways)
    network.fails = 1
    with pytest.raises(MemoryError):
        advance(by, ways)
    assert [way.step for way in ways] == [1, 1, 1]
    for number, way in enumerate(ways):
        while not way.done:
            advance(by, [way])
        assert close(way.latents, alone(number, kind))


@given(
    kind=st.sampled_from(get_args(Prediction)),
    renoise=st.booleans(),
    guided=st.booleans(),
    at=st.floats(0.2, 0.95),
    then=st.floats(0.0, 1.0),
)
def test_plain_arithmetic_is_stream_step(
    kind: Prediction, renoise: bool, guided: bool, at: float, then: float
) -> None:
    levels = [(1 - s, s) if kind == "flow" else ((1 - s * s) ** 0.5, s) for s in (at, then * at)]
    row = step_row(kind, levels[0], levels[1], renoise=renoise, guidance=3.5 if guided else 1.0)
    generator = Generator().manual_seed(1)
    x, m, noise, base = torch.randn(4, *SHAPE, generator=generator)
    more = {"noise": noise if renoise else None, "base": base if guided else None}
    by_kernel = stream_step(
        x, m, step_table([row]), noise=more["noise"], unconditional=more["base"]
    )
    ((a, b, c, g),) = folded(step_table([row])).tolist()
    plain = stepped((a, b, c, g), x, m, **more)
    torch.testing.assert_close(plain, by_kernel, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("place", ["after", "known", "noise", "scheduler"])
@pytest.mark.parametrize("kind", ["joined", "apart", "ordered"])
def test_a_step_that_finds_no_memory_at_its_end_is_nobodys(
    kind: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine tries a batch again one by one: who was a step further already would skip one."""

    def begun() -> list[Denoising]:
        ways = [started(number) for number in range(3)]
        if place == "known":
            hole = torch.ones(1, 1, *SHAPE[2:])
            for way in ways:
                way.known = Known(hole / 2, torch.ones(SHAPE), torch.zeros(SHAPE))
        if place == "scheduler":
            for way in ways[:2]:
                way.sampler = sampler(_DIFFUSERS.DPMSolverMultistepScheduler(), STEPS, 1.0)
                assert isinstance(way.sampler, Scheduled)
        return ways

    def run(ways: Sequence[Denoising]) -> list[Tensor]:
        for _ in range(STEPS):
            advance(denoiser(kind), ways)
        return [way.latents for way in ways]

    owner, name = {
        "after": (Denoising, "after"),
        "known": (Known, "put"),
        "noise": (Batch, "_summed"),
        "scheduler": (Scheduled, "stepped"),
    }[place]
    true, calls = getattr(owner, name), list[int]()

    def short(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == fails_at[0]:
            raise torch.OutOfMemoryError
        return true(*args)

    fails_at = [0]  # of the calls; none
    monkeypatch.setattr(owner, name, short)
    whole = run(begun())
    failed = 0
    for fails_at[0] in range(1, len(calls) + 1):
        calls.clear()
        ways = begun()
        for _ in range(STEPS):
            try:
                advance(denoiser(kind), ways)
            except torch.OutOfMemoryError:
                failed += 1
                assert len({way.step for way in ways}) == 1, "all are where they were"
                for way in ways:
                    advance(denoiser(kind), [way])
        for way, alone in zip(ways, whole, strict=True):
            assert close(way.latents, alone)
    assert failed == fails_at[0] >= STEPS - 1
