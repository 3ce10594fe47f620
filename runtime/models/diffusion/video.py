"""What families of moving pictures share: clips as latents, decoded piece by piece."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Denoiser, Denoising

from ..base import Pixels
from .asked import Asked
from .family import Family
from .params import MOST_SECONDS
from .tensors import as_pixels

_TRIED_WEIGHTS = 10**7  # fewer than any that was taught
_TRIED_PX = 64


@dataclass(slots=True, eq=False)
class Reel:
    """A clip that is being decoded."""

    latents: Tensor  # (1, channels, frames, h, w), at their end
    piece: int = 0  # that is decoded next
    kept: list[Any] = field(default_factory=list)  # by the autoencoder, of the pieces before

    @contextmanager
    def going(self) -> Iterator[None]:
        """Be a piece further; where decoding it raises, as before."""
        kept = self.kept
        try:
            yield
        except BaseException:
            self.kept = kept
            raise
        self.piece += 1


class VideoFamily(Family):
    """A diffusers pipeline's parts that make clips.

    Latents on their way are float32, whatever the denoiser computes in, as diffusers has them.
    """

    drafts_small = False  # the field has none of their latents that is an AutoencoderTiny
    rate: ClassVar[float]  # frames a second
    each: ClassVar[int]  # frames that a latent stands for, but for the first

    taught: ClassVar[tuple[int, int]]  # px

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that it was taught, px; of one to try with, few."""
        return (_TRIED_PX, _TRIED_PX) if self.tried else self.taught

    @property
    def most_frames(self) -> int:
        """Frames of the longest clip that it can make; one to try with makes few."""
        return 1 + self.each if self.tried else round(MOST_SECONDS * self.rate)

    @cached_property
    def tried(self) -> bool:
        """Whether its weights are so few that it is one to try with."""
        network: Any = self.denoiser.network
        return bool(sum(each.numel() for each in network.parameters()) < _TRIED_WEIGHTS)

    def frames(self, seconds: float) -> int:
        """Return the frames of a clip that lasts about so long: one, and whole latents of more."""
        wanted = max(0, round((seconds * self.rate - 1) / self.each))
        return 1 + self.each * min(wanted, (self.most_frames - 1) // self.each)

    def begins_as(self, asked: Asked) -> tuple[int, ...]:
        """Return the shape of the latents of a clip."""
        *shape, height, width = super().begins_as(asked)
        return (*shape, 1 + (asked.frames - 1) // self.each, height, width)

    def experts(self, way: Denoising) -> tuple[str, ...]:
        """Return the denoiser of each step, by its name; none: one takes all."""
        return ()

    def end(self, way: Denoising) -> None:  # most are what they are
        """Change what is denoised, before it is decoded."""

    @property
    def denoisers(self) -> Mapping[str, Denoiser]:
        """All of them, by the names that ``experts`` has."""
        return {"": self.denoiser}

    def pieces(self, latents: Tensor) -> int:
        """Return in how many pieces latents are decoded; a piece leaves before the next is."""
        return 1

    @abstractmethod
    def decoded(self, reel: Reel) -> Tensor:
        """Return the frames of a reel's next piece, (1, 3, frames, height, width), -1 to 1."""

    @torch.inference_mode()
    def next_frames(self, reel: Reel) -> Pixels:
        """Decode a reel's next piece, (frames, h, w, 3); raise ModelFailed if it is not finite."""
        with reel.going():
            return as_pixels(self.decoded(reel)[0].transpose(0, 1).contiguous())

    def decode(self, latents: Tensor, small: bool) -> Tensor:
        """Return a whole clip, (1, 3, frames, height, width), -1 to 1 and a little beyond."""
        reel, made = Reel(latents), []
        for _ in range(self.pieces(latents)):
            with reel.going():
                made.append(self.decoded(reel))
        return torch.cat(made, dim=2)

    @property
    def _latent_dtype(self) -> torch.dtype:
        return torch.float32


@dataclass(frozen=True)
class Moving(Denoiser):
    """A network that takes clips' latents as they are, in its own number format."""

    dtype: torch.dtype = torch.float32

    def enter(self, way: Denoising, call: Any) -> Any:
        """Return the latents, and what stands beside them in their channels."""
        latents = way.latents
        beside = call.get(self.latents)
        if beside is not None:
            latents = torch.cat([latents, beside], dim=1)
        latents = latents.to(self.dtype)
        return latents if way.rows == 1 else latents.expand(way.rows, *latents.shape[1:])
