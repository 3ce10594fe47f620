"""What the repair net is trained on: colours, their edges, and the mattes between them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .net import SOFT, Answer

# The trunk is learned from, but hardly ever shown: a garment covers it.
TRUNK, ARM, BESIDE = 0.15, 2.0, 1.0


def loss(said: Answer, bare: Tensor, ground: Tensor, masks: Tensor) -> Tensor:
    """Return the loss of a batch; colours (n, 3, …) and masks (n, 4, …) are a `Sample`'s.

    All of it within what was hidden. Colours are logarithms, so that an error on dark skin counts
    as much as one on pale skin.
    """
    hidden, body, arm, free = (masks[:, index : index + 1] for index in range(4))
    weight = hidden * (TRUNK * body + (ARM - TRUNK) * arm + BESIDE * free)
    total = weight.sum() + 1
    mattes = sum(
        F.binary_cross_entropy_with_logits(logit, truth, hidden * (0.3 + edge), reduction="sum")
        for logit, truth, edge in ((said.body, body, free + arm), (said.arm, arm, free + arm))
    )
    alpha = (SOFT * said.body).sigmoid()
    whole = said.ground + (said.skin - said.ground) * alpha
    lone = (hidden * free).sum() + 1
    terms = (
        _l1(whole, bare, weight) / total,
        1.5 * _edges(whole, bare, weight) / total,
        0.5 * _l1(said.skin, bare, hidden * body * (TRUNK + (1 - TRUNK) * arm) * ARM) / total,
        0.4 * _l1(said.ground, ground, hidden * free) / lone,
        0.6 * mattes / (hidden.sum() + 1),
        0.3 * _l1(_blurred(said.skin * arm * hidden), _blurred(bare * arm * hidden), 1.0) / total,
    )
    return torch.stack([term for term in terms]).sum()


def _l1(said: Tensor, truth: Tensor, weight: Tensor | float) -> Tensor:
    """Charbonnier: an absolute error that is smooth at none."""
    return (torch.sqrt((said - truth) ** 2 + 1e-4).mean(1, keepdim=True) * weight).sum()


def _edges(said: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    off = (said - truth).abs().clamp(max=1.0) * torch.sign(said - truth)
    across = (off[..., 1:] - off[..., :-1]).abs().mean(1, keepdim=True) * weight[..., 1:]
    down = (off[..., 1:, :] - off[..., :-1, :]).abs().mean(1, keepdim=True) * weight[..., 1:, :]
    return across.sum() + down.sum()


def _blurred(plane: Tensor) -> Tensor:
    """Means of 16 px: that an arm as a whole has its tone, whatever its details."""
    return F.interpolate(F.avg_pool2d(plane, 16), scale_factor=16.0)
