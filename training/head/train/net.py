"""The net that learns, and its loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from livedraft.runtime.models.head.audio.features import BANDS
from livedraft.runtime.models.head.visemes import CONTROLS, VISEMES

from ..data.phones import INDEX
from .batches import Batch

TAPS, FIRST_TAPS = 3, 5


@dataclass(frozen=True)
class Shape:
    """How large a net is, and how many rows it looks ahead."""

    channels: int = 112
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 2, 4)
    ahead: int = 7


class HearingNet(nn.Module):
    """Causal convolutions with residuals; features (b, 40, n) to (b, 21, n)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        wide = shape.channels
        self.first = nn.Conv1d(BANDS, wide, FIRST_TAPS)
        self.layers = nn.ModuleList(
            nn.Conv1d(wide, wide, TAPS, dilation=dilation, bias=False)
            for dilation in shape.dilations
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(wide) for _ in shape.dilations)
        self.out = nn.Conv1d(wide, len(VISEMES) + len(CONTROLS), 1)
        nn.init.zeros_(self.out.weight)  # residuals add up: else it begins far off

    def forward(self, rows: Tensor) -> Tensor:
        """Return scores of visemes and controls, `ahead` rows late."""
        hidden = F.relu(self.first(F.pad(rows, (FIRST_TAPS - 1, 0))))
        hidden = F.dropout(hidden, 0.05, self.training)
        for layer, norm, dilation in zip(
            self.layers, self.norms, self.shape.dilations, strict=True
        ):
            seen = F.pad(hidden, ((TAPS - 1) * dilation, 0))
            hidden = hidden + F.relu(norm(layer(seen)))
        made: Tensor = self.out(F.dropout(hidden, 0.1, self.training))
        return made


@dataclass(frozen=True)
class Loss:
    """What is to become small, and how much of what can be read."""

    total: Tensor
    visemes: float
    controls: float
    accuracy: float


_IMPORTANCE = torch.tensor([3.0, 2.0, 1.0, 1.5, 0.5, 2.0])  # of the controls
_UNCERTAIN = (0.15, 0.7, 0.15)  # of the row before, its own, and the row after


def loss_of(made: Tensor, batch: Batch, skipped: int = 30) -> Loss:
    """Return the loss of what a net made (b, 21, n); its first rows, without a past, do not count.

    A label's border is only right to a row, so that each row may be its neighbours' viseme too;
    rows at closures count double, for a mouth that misses them is seen to be wrong.
    """
    scores, controls = made[:, : len(VISEMES)], made[:, len(VISEMES) :].transpose(1, 2)
    known = batch.visemes >= 0
    known[:, :skipped] = False
    targets = F.one_hot(batch.visemes.clamp(min=0), len(VISEMES)).float()
    kernel = torch.tensor(_UNCERTAIN).view(1, 1, 3)
    rows = F.pad(targets.transpose(1, 2), (1, 1), mode="replicate")
    soft = F.conv1d(rows.reshape(-1, 1, rows.shape[2]), kernel).view_as(scores)
    soft = 0.97 * soft + 0.03 / len(VISEMES)
    weights = 1.0 + (soft[:, INDEX["PP"]] > 0.1).float() * 0.5
    cross = -(soft * F.log_softmax(scores, 1)).sum(1)
    visemes = (cross * weights)[known].mean()
    errors = ((controls - batch.controls) ** 2 * _IMPORTANCE).sum(2) * weights
    moved = errors[known].mean()
    right = (scores.argmax(1) == batch.visemes)[known].float().mean()
    return Loss(visemes + 3 * moved, visemes.item(), moved.item(), right.item())
