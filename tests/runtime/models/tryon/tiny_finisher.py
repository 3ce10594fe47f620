"""A finisher as large ones are, but tiny: a flow model in torch, with seeded random weights."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from livedraft.runtime.models.base import DEFAULT_PLAN, Honours, ModelInfo, Pixels, Plan
from livedraft.runtime.models.tryon.finish import TASK, Finisher, FinishParams, Fitting, inputs_of

SIDE = 128  # px
SEEN = 3 + 3 + 3 + 1 + 3 + 1  # channels: latent, person, draft, mask, colour of what is worn, sigma


@dataclass(eq=False)
class Painting:
    """A picture on its way from noise over the draft."""

    latent: Tensor  # (3, h, w), -1..1 and noise
    condition: Tensor  # (SEEN - 4, h, w)
    sigmas: Tensor  # (steps + 1,), falling to 0


class TinyFinisher(Finisher[FinishParams, dict[int, Tensor], Painting]):
    """Follow a velocity, from noise to the picture (rectified flow: Liu et al., 2022)."""

    info: ModelInfo = ModelInfo(
        id="tryon-finish",
        task=TASK,
        title="Tiny finisher",
        licence="Apache-2.0",
        commercial="yes",
        width=SIDE,
        height=SIDE,
        alpha=False,
        inputs=inputs_of(SIDE),
        draft_steps=2,
        max_steps=50,
        preview_every=2,
    )
    honours: ClassVar[Honours] = {"device": ("cpu",)}

    def __init__(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self._velocity = nn.Sequential(
                nn.Conv2d(SEEN, 16, 3, padding=1), nn.SiLU(), nn.Conv2d(16, 3, 3, padding=1)
            ).eval()

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Return it: its weights are random."""
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        """Return it: it is."""
        return cls()

    def open(self) -> dict[int, Tensor]:
        """Keep nothing yet."""
        return {}

    def begin(
        self, items: Sequence[tuple[dict[int, Tensor], Fitting[FinishParams]]]
    ) -> list[Painting]:
        """Lay noise over the draft, as much as the strength says."""
        return [_begun(fitting) for _, fitting in items]

    def advance(self, works: Sequence[tuple[Painting, int]]) -> None:
        """Go along the velocity, those of one call as a batch."""
        sigma = torch.stack([work.sigmas[step] for work, step in works])
        after = torch.stack([work.sigmas[step + 1] for work, step in works])
        latent = torch.stack([work.latent for work, _ in works])
        seen = torch.cat(
            [
                latent,
                torch.stack([work.condition for work, _ in works]),
                sigma[:, None, None, None].expand(-1, 1, *latent.shape[2:]),
            ],
            dim=1,
        )
        with torch.inference_mode():
            moved = latent + (after - sigma)[:, None, None, None] * self._velocity(seen)
        for (work, _), each in zip(works, moved, strict=True):
            work.latent = each

    def painted(self, works: Sequence[Painting]) -> list[Pixels]:
        """Return the latents as pixels."""
        return [_pixels(work.latent) for work in works]

    def room(self, key: Hashable) -> int:
        """Take four at a time."""
        return 4


def _begun(fitting: Fitting[FinishParams]) -> Painting:
    draft, person = _tensor(fitting.draft), _tensor(fitting.person)
    strength = fitting.params.strength
    noise = torch.randn(draft.shape, generator=torch.Generator().manual_seed(fitting.params.seed))
    worn = torch.stack([_tensor(each[..., :3]).mean(dim=(1, 2)) for each in fitting.garments])
    colour = worn.mean(dim=0)[:, None, None].expand_as(draft)
    mask = torch.from_numpy(fitting.mask)[None]
    return Painting(
        torch.lerp(draft, noise, strength),
        torch.cat([person, draft, mask, colour]),
        torch.linspace(strength, 0, fitting.steps + 1),
    )


def _tensor(pixels: Pixels) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 127.5 - 1


def _pixels(latent: Tensor) -> Pixels:
    levels = functional.relu((latent.clamp(-1, 1) + 1) * 127.5 + 0.5).clamp(max=255)
    return np.ascontiguousarray(levels.to(torch.uint8).permute(1, 2, 0).numpy())
