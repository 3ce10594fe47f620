"""The net that moves control points, and how it is judged: by the map that they make.

Thin-plate splines are solved inside the loss, as `fit.warp` solves them, so that no offset needs a
truth of its own: pixels must come from where the garment's picture shows them, and the garment's
outline must lie on the outline that it has on the person.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:  # making examples asks for what serves; learning from them does not
    from .examples import Example

AGREED = 0.06  # shoulders' widths: members that are so far apart move a point by half
MOST = 0.6  # shoulders' widths: no control point is moved further
SMOOTH = 1e-3  # of the splines, as in `fit.warp`
RIM, OUTER, SHIFT = 0.7, 1.5, 0.01  # what the outline counts, cloth beside it, a needless shift
HUBER = 0.06  # widths: beyond it an error counts linearly
CLEAR = 0.06  # widths: what lies so far beside a garment must come from as far beside it
CLIPPED = 3.0  # standard deviations: what is told beyond them is taken for less
TAIL = 0.1  # the share of examples that count as the worst


@dataclass(frozen=True)
class Shape:
    """How large a net is, and how much of it is left out as it learns."""

    width: int = 128
    members: int = 3
    dropped: float = 0.05


SMALL = Shape()


class OffsetNet(nn.Module):
    """Numbers told of a garment on a body (b, n) to offsets (b, 2 * points), in widths.

    An ensemble: where its members, which learned from other bodies each, do not agree on a point,
    nothing like it was learned from, and it moves by less (Lakshminarayanan et al., *Simple and
    scalable predictive uncertainty estimation using deep ensembles*, 2017).
    """

    def __init__(self, features: int, points: int, shape: Shape = SMALL) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))
        self.members = nn.ModuleList(
            _member(features, 2 * points, shape) for _ in range(shape.members)
        )

    def forward(self, features: Tensor) -> Tensor:
        given = self.scaled(features)
        answers = torch.stack([_bounded(member(given)) for member in self.members])
        mean = answers.mean(0)
        apart = ((answers - mean) ** 2).mean(0).unflatten(1, (-1, 2)).sum(-1, keepdim=True)
        agreed = 1 / (1 + apart / AGREED**2)
        moved: Tensor = (mean.unflatten(1, (-1, 2)) * agreed).flatten(1)
        return moved

    def alone(self, member: int, features: Tensor) -> Tensor:
        """Return what one member says."""
        return _bounded(self.members[member](self.scaled(features)))

    def scaled(self, features: Tensor) -> Tensor:
        """Return what is told in standard deviations, clipped."""
        given = (features - self.get_buffer("mean")) / self.get_buffer("deviation")
        return given.clamp(-CLIPPED, CLIPPED)

    def measure(self, features: Tensor) -> None:
        """Take the scale of what is told from examples (m, n)."""
        self.get_buffer("mean").copy_(features.mean(0))
        self.get_buffer("deviation").copy_(features.std(0).clamp(min=0.02))


def _member(features: int, outputs: int, shape: Shape) -> nn.Sequential:
    last = nn.Linear(shape.width, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(
        nn.Linear(features, shape.width),
        nn.SiLU(),
        nn.Dropout(shape.dropped),
        nn.Linear(shape.width, shape.width),
        nn.SiLU(),
        last,
    )


def _bounded(offsets: Tensor) -> Tensor:
    return MOST * torch.tanh(offsets / MOST)


@dataclass(frozen=True)
class Batch:
    """Examples of one kind, stacked; fields as those of `Example`."""

    features: Tensor
    slot: Tensor
    knots: Tensor
    flat: Tensor
    bends: Tensor
    axes: Tensor
    at: Tensor
    shown: Tensor
    weight: Tensor
    rim: Tensor
    rim_weight: Tensor
    outer: Tensor
    off: Tensor
    outer_weight: Tensor
    apart: Tensor
    frame: Tensor

    @staticmethod
    def of(examples: list[Example]) -> Batch:
        stacked = {
            field.name: torch.from_numpy(np.stack([getattr(e, field.name) for e in examples]))
            for field in fields(Batch)
        }
        return Batch(**stacked)

    def __getitem__(self, rows: Tensor) -> Batch:
        return Batch(**{field.name: getattr(self, field.name)[rows] for field in fields(Batch)})

    def thinned(self, inner: int, rim: int) -> Batch:
        """Return the batch with so many places of each part, drawn anew."""
        some = torch.randperm(self.at.shape[2], device=self.at.device)[:inner]
        edge = torch.randperm(self.rim.shape[2], device=self.at.device)[:rim]
        return replace(
            self,
            at=self.at[:, :, some],
            shown=self.shown[:, :, some],
            weight=self.weight[:, :, some],
            rim=self.rim[:, :, edge],
            rim_weight=self.rim_weight[:, :, edge],
            outer=self.outer[:, :, some],
            off=self.off[:, :, some],
            outer_weight=self.outer_weight[:, :, some],
        )

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return Batch(
            **{field.name: getattr(self, field.name).to(device) for field in fields(Batch)}
        )

    def __len__(self) -> int:
        return len(self.features)


def moved(batch: Batch, offsets: Tensor) -> Tensor:
    """Return the control points (b, parts, knots, 2) with offsets (b, 2 * points) added."""
    by = offsets.reshape(len(batch), -1, 2) @ batch.axes
    rows = batch.slot.clamp(min=0).flatten(1)[..., None].expand(-1, -1, 2)
    shift = by.gather(1, rows).reshape(batch.knots.shape)
    return batch.knots + shift * (batch.slot >= 0)[..., None]


def mapped(batch: Batch, knots: Tensor, places: Tensor) -> Tensor:
    """Return where on the garment places (b, parts, m, 2) come from: (b, parts, m, 2)."""
    there = (batch.slot >= 0)[..., None].float()
    count = there.sum(2, keepdim=True).clamp(min=1)
    centre = (knots * there).sum(2, keepdim=True) / count
    spread = (knots - centre) * there
    size = (spread.amax((2,)) - spread.amin((2,))).amax(-1)[..., None, None].clamp(min=1e-2)
    inner, given = spread / size, (places - centre) / size
    ones = there
    line = torch.cat([ones, inner * there], -1)
    bend = _radial(inner, inner) * there * there.transpose(-1, -2)
    bend = bend + torch.diag_embed(SMOOTH * there[..., 0] + (1 - there[..., 0]))
    rigid = 1e-7 * torch.eye(3, device=line.device).expand(*line.shape[:2], 3, 3)
    system = torch.cat(
        [torch.cat([bend, line], -1), torch.cat([line.transpose(-1, -2), -rigid], -1)], -2
    )
    wanted = functional.pad(batch.flat * there, (0, 0, 0, 3))
    weights = torch.linalg.solve(system.double(), wanted.double()).float()
    knot_weights, line_weights = weights[..., :-3, :], weights[..., -3:, :]
    straight = torch.cat([torch.ones_like(given[..., :1]), given], -1)
    splined = _radial(given, inner) @ (knot_weights * there) + straight @ line_weights
    gram = line.transpose(-1, -2) @ line + 1e-5 * torch.eye(3, device=line.device)
    flat = torch.linalg.solve(gram.double(), (line.transpose(-1, -2) @ batch.flat).double())
    return torch.where(batch.bends[..., None, None], splined, straight @ flat.float())


def _radial(one: Tensor, other: Tensor) -> Tensor:
    apart = ((one[..., :, None, :] - other[..., None, :, :]) ** 2).sum(-1)
    return 0.5 * apart * (apart + 1e-9).log()


@dataclass(frozen=True)
class Errors:
    """Mean errors in shoulders' widths, and the loss."""

    loss: Tensor
    inner: Tensor
    rim: Tensor


def judged(batch: Batch, offsets: Tensor, worst: float = 0.0) -> Errors:
    """Judge offsets (b, 2 * points) by the map that they make; the ``worst`` count by so much more.

    Those are the `TAIL` of the examples whose losses are highest.
    """
    knots = moved(batch, offsets)
    scale = _scale(batch, knots)
    off = (mapped(batch, knots, batch.at) - batch.shown).norm(dim=-1) * scale
    beyond = _apart(batch, mapped(batch, knots, batch.rim)).abs() * scale
    beside = _apart(batch, mapped(batch, knots, batch.outer)) * scale
    spilled = _huber((batch.off.clamp(max=CLEAR) - beside).clamp(min=0))
    terms = (
        (1.0, _huber(off), batch.weight),
        (RIM, _huber(beyond), batch.rim_weight),
        (OUTER, spilled, batch.outer_weight),
    )
    loss = SHIFT * offsets.square().mean()
    each = torch.zeros(len(batch), device=offsets.device)
    for share, values, weight in terms:
        loss = loss + share * _mean(values, weight)
        each = each + share * _mean(values.flatten(1), weight.flatten(1), 1)
    if worst:
        loss = loss + worst * each.topk(max(1, int(TAIL * len(each)))).values.mean()
    return Errors(loss, _mean(off, batch.weight).detach(), _mean(beyond, batch.rim_weight).detach())


def _huber(values: Tensor) -> Tensor:
    return (
        functional.huber_loss(values, torch.zeros_like(values), reduction="none", delta=HUBER)
        / HUBER
    )


def _mean(values: Tensor, weight: Tensor, along: int | None = None) -> Tensor:
    return (values * weight).sum(along) / weight.sum(along).clamp(min=1e-6)


def _scale(batch: Batch, knots: Tensor) -> Tensor:
    """Return shoulders' widths to one size of the garment, (b, 1, 1), of its body."""
    there = (batch.slot[:, 0] >= 0)[..., None]

    def extent(points: Tensor) -> Tensor:
        high = points.masked_fill(~there, -1e3).amax(1)
        low = points.masked_fill(~there, 1e3).amin(1)
        return (high - low).sum(-1)

    return (extent(knots[:, 0]) / extent(batch.flat[:, 0]).clamp(min=0.05)).detach()[:, None, None]


def _apart(batch: Batch, places: Tensor) -> Tensor:
    """Return how far places on the garment (b, parts, m, 2) are from its outline: (b, parts, m)."""
    origin, size = batch.frame[:, None, None, :2], batch.frame[:, None, None, 2:]
    grid = (places - origin) / size * 2 - 1
    found = functional.grid_sample(
        batch.apart[:, None], grid, padding_mode="border", align_corners=False
    )[:, 0]
    beyond = (grid.abs() - 1).clamp(min=0).norm(dim=-1)  # outside of the grid it goes on
    apart: Tensor = found + beyond
    return apart
