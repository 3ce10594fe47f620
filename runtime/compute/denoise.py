"""One denoising step of a batch whose members are at different steps and want unlike things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor

from livedraft.kernels.steps import Level

from .batching import Batch, Pair, collated, drawn
from .residual import Residual
from .sampling import Sampler, Scheduled, rewinding
from .step_cache import StepCache

__all__ = [
    "Adapted",
    "Conditioning",
    "Denoiser",
    "Denoising",
    "advance",
    "collated",
    "drawn",
    "predicted",
]

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

    _latents: Tensor | None  # (1, …); None: where the batch has them
    sampler: Sampler
    calls: Sequence[Conditioning]  # one for each call of the network that a step takes; read only
    generator: Generator  # on the CPU, so that a seed is the same on every device
    rows: int = 1  # of a call: 2 where the first of them is without conditioning, for guidance
    adapters: Mapping[str, float] = field(default_factory=dict)  # LoRAs by name, with weights
    step: int = 0
    own: Any = None  # a scheduler's copy, of one whose steps are no rows
    known: Known | None = None
    residual: Residual | None = None  # in the place of the rows without conditioning
    cache: StepCache | None = None  # of its network's outputs, where it may lose by it
    batch: Batch | None = field(default=None, init=False)  # that takes its steps
    row: int = field(default=0, init=False)  # of that

    @property
    def latents(self) -> Tensor:
        """As they are decoded, (1, …)."""
        if self._latents is None:
            assert self.batch is not None, "latents are here or there"
            self._latents = self.batch.latents(self.row)
        return self._latents

    @latents.setter
    def latents(self, latents: Tensor) -> None:
        self._latents, self.batch = latents, None

    @property
    def x(self) -> Tensor:
        """The latents in the order in which the network reads them, while a step is taken."""
        assert self.batch is not None, "a step is taken in a batch"
        return self.batch.rows(self.row)

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= len(self.sampler)

    @property
    def straight(self) -> bool:
        """Whether its steps are the network's call and a sum: without guidance, LoRAs, a mask."""
        own = self.rows == 1 and not self.adapters
        return own and self.known is None and self.residual is None and self.cache is None

    def leave(self) -> None:
        """Have latents of its own again, in no batch."""
        self.latents = self.latents

    def after(self, batch: Batch, x: Tensor) -> Tensor | None:
        """Return the latents that it has of its own after a step, of a batch's, ``x``; or None."""
        if self.known is None and self.step + 1 < len(self.sampler):
            return None
        latents = batch.latents(self.row, x)
        return (
            latents if self.known is None else self.known.put(latents, self.sampler.ends[self.step])
        )

    def went(self, latents: Tensor | None) -> None:
        """Be a step further, with latents of its own or those of its batch."""
        self._latents, self.step = latents, self.step + 1
        if latents is not None:
            self.batch = None
        if self.residual is not None:
            self.residual.stepped(self)


@dataclass(frozen=True, slots=True)
class Denoiser:
    """How a network is called; a family with tricks of its own overrides what it does.

    Members of a call are entered and combined one by one, as each may have tricks of its own;
    where ``joins`` says that these look at nothing but latents, all at once.
    """

    network: Callable[..., Any]
    latents: str = "sample"  # the names of its arguments
    time: str = "timestep"
    shared: frozenset[str] = frozenset()  # arguments without rows, equal in all members of a batch
    axes: Mapping[str, int] = field(default_factory=dict)  # of rows, where it is not the first
    padded: tuple[str, str] | None = None  # text of unlike lengths, and the mask that says so
    joins: bool = False  # whether latents of several members are entered and combined as one's
    several: Callable[[Sequence[dict[str, Any]]], Sequence[Any]] | None = None  # calls at once

    def ordered(self, latents: Tensor) -> Tensor:
        """Return latents in the order in which the network reads them, such as tokens."""
        return latents

    def decoded(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """Return latents of a shape, (1, …), that are ordered so."""
        return x

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return what the network gets for latents, as many rows as the call has."""
        x = way.x
        return x if way.rows == 1 else x.expand(way.rows, *x.shape[1:])

    def straight(self, call: Conditioning) -> bool:
        """Say whether it gets latents as they are, and what it returns is of them alone."""
        kind = type(self)
        return kind.enter is Denoiser.enter and kind.combined is Denoiser.combined

    def told(self, time: Tensor) -> Tensor:
        """Return what the network is told of a schedule's times, each by itself."""
        return time

    def left(self, made: Any) -> Tensor:
        """Return the rows of what the network returned."""
        rows: Tensor = made[0]
        return rows

    def combined(self, way: Denoising, outputs: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the output of all calls, and that without conditioning where there is guidance."""
        output = outputs[0]
        return (output, None) if way.rows == 1 else (output[1:], output[:1])


_AS_IT_IS: AbstractContextManager[None] = nullcontext()


@torch.inference_mode()
def advance(
    denoiser: Denoiser, ways: Sequence[Denoising], adapted: Adapted = lambda rows: _AS_IT_IS
) -> None:
    """Take one step of each, with one call of the network for all.

    ``adapted`` sets the adapters of a call's rows while it is entered.
    Nothing has changed where it raises, so a batch may be tried again one by one.
    """
    network = denoiser.network
    foretold = [way.cache.foretold(way.step, network) if way.cache else None for way in ways]
    if any(foretold):
        asked = [way for way, pair in zip(ways, foretold, strict=True) if pair is None]
        said = _asked(denoiser, _batch(denoiser, asked), asked, adapted) if asked else []
        own = iter(_each(said, asked))
        pairs: Sequence[Pair] = [next(own) if pair is None else pair for pair in foretold]
        batch = _batch(denoiser, ways)
    else:
        batch = _batch(denoiser, ways)
        if batch.straight:
            _go_on(batch, ways, batch.go(denoiser))
            return
        pairs = _asked(denoiser, batch, ways, adapted)
    cached = [
        (way.cache, None if known else way.cache.heard(way.step, pair, network))
        for way, pair, known in zip(ways, _each(pairs, ways), foretold, strict=True)
        if way.cache is not None
    ]
    _take(batch, ways, pairs)
    for cache, heard in cached:
        cache.took(heard)


def _batch(denoiser: Denoiser, ways: Sequence[Denoising]) -> Batch:
    """Return the batch of members: the one that they were in, where nothing has changed."""
    batch = ways[0].batch
    return batch if batch is not None and batch.holds(ways) else Batch(denoiser, ways)


def _asked(
    denoiser: Denoiser, batch: Batch, ways: Sequence[Denoising], adapted: Adapted
) -> list[Pair]:
    """Return what the network says to members of a batch, in one where they are joined."""
    entered = batch.entered(ways)
    calls = [batch.given(denoiser, entered, number) for number in range(len(batch.calls))]
    with adapted([way.adapters for way in ways for _ in range(way.rows)]):
        outputs = list(
            zip(*(_parted(made, entered) for made in _called(denoiser, calls)), strict=True)
        )
    return [denoiser.combined(way, rows) for way, rows in zip(entered, outputs, strict=True)]


def _each(pairs: Sequence[Pair], ways: Sequence[Denoising]) -> Sequence[Pair]:
    """Return what was said to each member, where they may have been joined."""
    if len(pairs) == len(ways):
        return pairs
    ((output, _),) = pairs
    return [(row, None) for row in output.split(1)]


def _take(batch: Batch, ways: Sequence[Denoising], pairs: Sequence[Pair]) -> None:
    """Take a step of each, with what was said to it."""
    if not batch.joins:
        pairs = [
            way.residual.pair(way, pair) if way.residual else pair
            for way, pair in zip(ways, pairs, strict=True)
        ]
    drawing = [
        way.generator
        for way in ways
        if way.sampler.noisy[way.step] or isinstance(way.sampler, Scheduled)
    ]
    with rewinding(drawing):
        x, owns = batch.take(ways, pairs)
        _go_on(batch, ways, x)
    for way, own in zip(ways, owns, strict=True):
        way.own = own


def _go_on(batch: Batch, ways: Sequence[Denoising], x: Tensor) -> None:
    """Have all be a step further; or none, where there is no memory for what one has then."""
    after = [way.after(batch, x) for way in ways]
    batch.went(x)
    for way, latents in zip(ways, after, strict=True):
        way.went(latents)


def predicted(
    denoiser: Denoiser, ways: Sequence[Denoising], times: Sequence[Tensor]
) -> list[Tensor]:
    """Return what the network says of the latents of each at its time, (1,), as latents are.

    It has a gradient where there are any, and is of the first of a step's calls.
    """
    batch = Batch(denoiser, ways, times)
    entered = batch.entered(ways)
    made = denoiser.left(denoiser.network(**batch.given(denoiser, entered, 0)))
    found: list[Tensor] = []
    for way, rows in zip(entered, _parted(made, entered), strict=True):
        found.extend(denoiser.combined(way, [rows])[0].split(1))
    for way in ways:
        way.leave()
    return [denoiser.decoded(row, way.latents.shape) for way, row in zip(ways, found, strict=True)]


def _called(denoiser: Denoiser, calls: Sequence[dict[str, Any]]) -> list[Tensor]:
    """Return what the network makes of a step's calls."""
    if denoiser.several is not None and len(calls) > 1:
        return [denoiser.left(made) for made in denoiser.several(calls)]
    found: list[Tensor] = []
    for number, given in enumerate(calls, 1):
        made = denoiser.left(denoiser.network(**given))
        # A recorded call writes its next results to the same place.
        found.append(made.clone() if number < len(calls) else made)
    return found


def _parted(made: Tensor, entered: Sequence[Denoising]) -> Sequence[Tensor]:
    return (made,) if len(entered) == 1 else made.split([way.rows for way in entered])
