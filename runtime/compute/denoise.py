"""One denoising step of a batch whose members are at different steps and want unlike things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from livedraft.kernels import stream_step
from livedraft.kernels.steps import Level

from .sampling import Sampler, Scheduled

Conditioning = Mapping[str, Any]  # keyword arguments of one call of a network
Adapted = Callable[[Sequence[Mapping[str, float]]], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Latents of which a part is known beforehand: that of a picture that is not painted anew."""

    hole: Tensor  # (1, 1, height, width): 1 where they are not known
    latents: Tensor
    noise: Tensor  # that they began with

    def put(self, latents: Tensor, level: Level) -> Tensor:
        """Return latents with what is known, as noisy as a level."""
        alpha, sigma = level
        known = alpha * self.latents + sigma * self.noise
        return ((1 - self.hole) * known + self.hole * latents).to(latents.dtype)


@dataclass(slots=True, eq=False)
class Denoising:
    """Latents on their way from noise to a picture."""

    latents: Tensor  # (1, …)
    sampler: Sampler
    calls: Sequence[Conditioning]  # one for each call of the network that a step takes
    generator: Generator  # on the CPU, so that a seed is the same on every device
    rows: int = 1  # of a call: 2 where the first of them is without conditioning, for guidance
    adapters: Mapping[str, float] = field(default_factory=dict)  # LoRAs by name, with weights
    step: int = 0
    own: Any = None  # a scheduler's copy, of one whose steps are no rows
    known: Known | None = None

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= len(self.sampler)


@dataclass(frozen=True, slots=True)
class Denoiser:
    """How a network is called; a family with tricks of its own overrides what it does."""

    network: Callable[..., Any]
    latents: str = "sample"  # the names of its arguments
    time: str = "timestep"
    shared: frozenset[str] = frozenset()  # arguments without rows, equal in all members of a batch
    axes: Mapping[str, int] = field(default_factory=dict)  # of rows, where it is not the first
    padded: tuple[str, str] | None = None  # text of unlike lengths, and the mask that says so

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return what the network gets for latents, as many rows as the call has."""
        x = way.latents
        return x if way.rows == 1 else x.expand(way.rows, *x.shape[1:])

    def told(self, time: Tensor) -> Tensor:
        """Return what the network is told of a schedule's time."""
        return time

    def left(self, made: Any) -> Tensor:
        """Return the rows of what the network returned."""
        rows: Tensor = made[0]
        return rows

    def combined(self, way: Denoising, outputs: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the output of all calls, and that without conditioning where there is guidance."""
        output = outputs[0]
        return (output, None) if way.rows == 1 else (output[1:], output[:1])


def _as_it_is(rows: Sequence[Mapping[str, float]]) -> AbstractContextManager[None]:
    return nullcontext()


@torch.inference_mode()
def advance(denoiser: Denoiser, ways: Sequence[Denoising], adapted: Adapted = _as_it_is) -> None:
    """Take one step of each, with one call of the network for all.

    ``adapted`` sets the adapters of a call's rows while it is entered.
    Nothing has changed where the network raises, so a batch may be tried again one by one.
    """
    outputs: list[list[Tensor]] = [[] for _ in ways]
    times = [way.sampler.times[way.step : way.step + 1] for way in ways]
    for number in range(len(ways[0].calls)):
        made = called(denoiser, ways, times, number, adapted)
        if number + 1 < len(ways[0].calls):
            made = made.clone()  # a recorded call writes its next results to the same place
        for each, rows in zip(outputs, made.split([way.rows for way in ways]), strict=True):
            each.append(rows)
    pairs = [denoiser.combined(way, rows) for way, rows in zip(ways, outputs, strict=True)]
    rows = [n for n, way in enumerate(ways) if not isinstance(way.sampler, Scheduled)]
    if rows:
        _step_rows([ways[n] for n in rows], [pairs[n] for n in rows])
    for way, outputs_of in zip(ways, pairs, strict=True):
        if isinstance(way.sampler, Scheduled):
            way.own = way.own or way.sampler.copied()
            way.latents = way.sampler.stepped(
                way.own, way.step, way.latents, outputs_of, way.generator
            )
        if way.known is not None:
            way.latents = way.known.put(way.latents, way.sampler.ends[way.step])
        way.step += 1


def _step_rows(ways: Sequence[Denoising], pairs: Sequence[tuple[Tensor, Tensor | None]]) -> None:
    """Take a step of those whose samplers are rows, in one call of the kernel."""
    guided = any(base is not None for _, base in pairs)
    stepped = stream_step(
        _joined([way.latents for way in ways]),
        _joined([output for output, _ in pairs]),
        _joined([way.sampler.table[way.step : way.step + 1] for way in ways]),
        noise=_noise(ways),
        unconditional=_joined([m if base is None else base for m, base in pairs])
        if guided
        else None,
    )
    for way, latents in zip(ways, stepped.latents.split(1), strict=True):
        way.latents = latents


def called(
    denoiser: Denoiser,
    ways: Sequence[Denoising],
    times: Sequence[Tensor],
    number: int = 0,
    adapted: Adapted = _as_it_is,
) -> Tensor:
    """Return the rows of what the network makes of latents, those of each at its time, (1,).

    ``number`` says which of a step's calls it is.
    """
    calls = []
    for way, time in zip(ways, times, strict=True):
        call = way.calls[number]
        calls.append(
            {
                **call,
                denoiser.latents: denoiser.enter(way, call),
                denoiser.time: denoiser.told(time.expand(way.rows)),
            }
        )
    if denoiser.padded:
        _pad(calls, *denoiser.padded)
    given = {
        name: calls[0][name]
        if name in denoiser.shared
        else collated([call[name] for call in calls], denoiser.axes.get(name, 0))
        for name in calls[0]
    }
    with adapted([way.adapters for way in ways for _ in range(way.rows)]):
        return denoiser.left(denoiser.network(**given))


def collated(values: Sequence[Any], axis: int = 0) -> Any:
    """Return what the members of a batch give, joined by rows: tensors, tables of them, lists.

    Anything else is the same for all.
    """
    first = values[0]
    if len(values) == 1:
        return first
    if isinstance(first, Tensor) and first.ndim:
        return torch.cat(list(values), axis)
    if isinstance(first, list):
        return [each for value in values for each in value]
    if isinstance(first, Mapping):
        return {name: collated([value[name] for value in values], axis) for name in first}
    return first


def _pad(calls: list[dict[str, Any]], text: str, mask: str) -> None:
    """Make texts of unlike lengths equally long: zeros at their end, which a mask hides."""
    longest = max(call[text].shape[1] for call in calls)
    if all(call[text].shape[1] == longest for call in calls):
        return
    for call in calls:
        rows, length = call[text].shape[:2]
        if call.get(mask) is None:
            call[mask] = torch.ones(rows, length, dtype=torch.long, device=call[text].device)
        call[text] = F.pad(call[text], (0, 0, 0, longest - length))
        call[mask] = F.pad(call[mask], (0, longest - length))


def _noise(ways: Sequence[Denoising]) -> Tensor | None:
    """Draw the fresh noise of those whose step adds some."""
    if not any(way.sampler.noisy[way.step] for way in ways):
        return None
    return _joined(
        [
            drawn(way.latents, way.generator)
            if way.sampler.noisy[way.step]
            else torch.zeros_like(way.latents)
            for way in ways
        ]
    )


def drawn(like: Tensor, generator: Generator) -> Tensor:
    """Return noise of a tensor's shape and type, on its device, drawn where the generator is."""
    made = torch.randn(like.shape, generator=generator, dtype=like.dtype, device=generator.device)
    return made.to(like.device)


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))
