"""What the members of a call of a network read together, joined once and kept between steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from livedraft.kernels import stream_step
from livedraft.kernels.steps import folded, stepped

from .sampling import Scheduled, forked

if TYPE_CHECKING:
    from .denoise import Conditioning, Denoiser, Denoising

Pair = tuple[Tensor, Tensor | None]  # an output, and that without conditioning
_ALL = -1  # rows of a batch


class Batch:
    """Members of a call, joined: what their steps read, from where they stand to one's end.

    It is theirs as long as the same take the next step together, none of them changed by others;
    what they are conditioned on is joined once, not at each step.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        ways: Sequence[Denoising],
        times: Sequence[Tensor] | None = None,
    ) -> None:
        """Take members; ``times`` are those of one call, (1,) each, that is no step of theirs."""
        first, self.step, self._denoiser = ways[0], 0, denoiser
        latents = joined([way.latents for way in ways])
        self._like = latents[:1]
        self.x = denoiser.ordered(latents)
        self.calls = [_together(denoiser, ways, n) for n in range(len(first.calls))]
        left = min(len(way.sampler) - way.step for way in ways)
        coming, rows = [], []
        for number, way in enumerate(ways):
            span = slice(way.step, way.step + left)
            told = way.sampler.times[span] if times is None else times[number]
            coming.append(told[:, None].expand(-1, way.rows))
            if not isinstance(way.sampler, Scheduled):
                rows.append(way.sampler.table[span, None])
        self.times = denoiser.told(joined(coming, 1)).unbind()
        self._by_rows = len(rows) == len(ways)
        self._table: Sequence[Tensor] = ()
        self._plain: Sequence[Sequence[Any]] = ()
        if rows:
            table = joined(rows, 1)
            self._plain = _plain(table, self.x)
            self._table = () if self._plain else table.unbind()
        self._members = [(way.sampler, way.calls, way.step) for way in ways]
        self.joins = (
            denoiser.joins
            and self._by_rows
            and len(ways) > 1
            and all(way.rows == 1 and way.residual is None for way in ways)
        )
        # What nobody looks at between two calls of the network: its output is stepped as it is.
        self.straight = (
            len(self.calls) == 1
            and self._by_rows
            and denoiser.straight(self.calls[0])
            and not any(any(way.sampler.noisy[way.step :]) for way in ways)
            and all(way.straight for way in ways)
        )
        self._given = dict(self.calls[0])
        for row, way in enumerate(ways):
            way.leave()
            way.batch, way.row = self, row

    def holds(self, ways: Sequence[Denoising]) -> bool:
        """Say whether it is of these, in this order, and all stand where it left them."""
        return (
            len(ways) == len(self._members)
            and self.step < len(self.times)
            and all(
                way.batch is self
                and way.row == row
                and way.step == begun + self.step
                and way.sampler is sampler
                and way.calls is calls
                for row, (way, (sampler, calls, begun)) in enumerate(
                    zip(ways, self._members, strict=True)
                )
            )
        )

    def rows(self, row: int) -> Tensor:
        """Return a member's part of the latents, in the network's order."""
        return self.x if row == _ALL or len(self._members) == 1 else self.x[row : row + 1]

    def latents(self, row: int, x: Tensor | None = None) -> Tensor:
        """Return a member's latents as they are decoded, of those of all, ``x``, if not of now."""
        x = self.x if x is None else x
        return self._decoded(x if len(self._members) == 1 else x[row : row + 1])

    def entered(self, ways: Sequence[Denoising]) -> Sequence[Denoising]:
        """Return as whose the members enter the network: each as its own, or all as one's."""
        if not self.joins:
            return ways
        first = ways[0]
        whole = type(first)(None, first.sampler, self.calls, first.generator)
        whole.batch, whole.row = self, _ALL
        return (whole,)

    def given(
        self, denoiser: Denoiser, entered: Sequence[Denoising], number: int
    ) -> dict[str, Any]:
        """Return the keyword arguments of one of a step's calls."""
        latents = [denoiser.enter(way, way.calls[number]) for way in entered]
        return {
            **self.calls[number],
            denoiser.latents: collated(latents, denoiser.axes.get(denoiser.latents, 0)),
            denoiser.time: self.times[self.step],
        }

    def went(self, x: Tensor) -> None:
        """Be a step further."""
        self.x, self.step = x, self.step + 1

    def go(self, denoiser: Denoiser) -> Tensor:
        """Return the latents after the next step where it is ``straight``: one call, and a sum."""
        self._given[denoiser.latents] = self.x
        self._given[denoiser.time] = self.times[self.step]
        return self._summed(denoiser.left(denoiser.network(**self._given)), None, None)

    def take(
        self, ways: Sequence[Denoising], pairs: Sequence[Pair]
    ) -> tuple[Tensor, Sequence[Any]]:
        """Return the latents after a step, and the schedulers of those that have one.

        Of each there is its output, and that without conditioning where there is guidance; of all
        at once where they entered as one's.
        """
        if self._by_rows:
            return self._stepped(self.x, ways, pairs), [None] * len(ways)
        return self._each(ways, pairs)

    def _stepped(self, x: Tensor, ways: Sequence[Denoising], pairs: Sequence[Pair]) -> Tensor:
        base = None
        if any(without is not None for _, without in pairs):
            base = joined([m if without is None else without for m, without in pairs])
        return self._summed(joined([output for output, _ in pairs]), self._noise(ways), base, x)

    def _summed(
        self, output: Tensor, noise: Tensor | None, base: Tensor | None, x: Tensor | None = None
    ) -> Tensor:
        x = self.x if x is None else x
        if self._plain:
            return stepped(self._plain[self.step], x, output, noise, base)
        table = self._table[self.step]
        return stream_step(x, output, table, noise=noise, unconditional=base)

    def _each(
        self, ways: Sequence[Denoising], pairs: Sequence[Pair]
    ) -> tuple[Tensor, Sequence[Any]]:
        """Return the next latents where schedulers step some of them, each its own, and those."""
        owns: list[Any] = [None] * len(ways)
        made = [self.rows(number) for number in range(len(ways))]
        some = [n for n, way in enumerate(ways) if not isinstance(way.sampler, Scheduled)]
        if some:
            x = joined([made[n] for n in some])
            x = self._stepped(x, [ways[n] for n in some], [pairs[n] for n in some])
            for n, row in zip(some, x.split(1), strict=True):
                made[n] = row
        for n, (way, pair) in enumerate(zip(ways, pairs, strict=True)):
            if isinstance(way.sampler, Scheduled):
                own = owns[n] = way.sampler.copied() if way.own is None else forked(way.own)
                output, base = (each if each is None else self._decoded(each) for each in pair)
                assert output is not None, "a network has an output"
                x = self._decoded(made[n])
                x = way.sampler.stepped(own, way.step, x, (output, base), way.generator)
                made[n] = self._denoiser.ordered(x)
        return joined(made), owns

    def _decoded(self, x: Tensor) -> Tensor:
        return self._denoiser.decoded(x, self._like.shape)

    def _noise(self, ways: Sequence[Denoising]) -> Tensor | None:
        """Draw the fresh noise of those whose step adds some."""
        if not any([way.sampler.noisy[way.step] for way in ways]):
            return None
        like = self._like
        fresh = [
            drawn(like, way.generator) if way.sampler.noisy[way.step] else torch.zeros_like(like)
            for way in ways
        ]
        return self._denoiser.ordered(joined(fresh))


def _plain(table: Tensor, x: Tensor) -> Sequence[Sequence[Any]]:
    """Return a table's steps for plain arithmetic, where that is quicker than a launch."""
    if not x.is_cpu or x.dtype != torch.float32:
        return ()
    columns = folded(table)
    if columns.shape[1] == 1:
        return [row for (row,) in columns.tolist()]
    shaped = columns.movedim(-1, 1).reshape(
        len(columns), columns.shape[2], columns.shape[1], *[1] * (x.ndim - 1)
    )
    return [step.unbind() for step in shaped.unbind()]


def _together(denoiser: Denoiser, ways: Sequence[Denoising], number: int) -> Conditioning:
    """Return what the members give to one of a step's calls, beside latents and time."""
    calls = [dict(way.calls[number]) for way in ways]
    if denoiser.padded:
        _pad(calls, *denoiser.padded)
    return {
        name: calls[0][name]
        if name in denoiser.shared
        else collated([call[name] for call in calls], denoiser.axes.get(name, 0))
        for name in calls[0]
    }


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


def drawn(like: Tensor, generator: Generator) -> Tensor:
    """Return noise of a tensor's shape and type, on its device, drawn where the generator is."""
    made = torch.randn(like.shape, generator=generator, dtype=like.dtype, device=generator.device)
    return made.to(like.device)


def joined(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Return tensors along an axis; a single one as it is."""
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors), axis)
