"""Wan 2.2 5B: a finer autoencoder, and a time for each token, so that a picture's stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import diffusers
import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import unpatchify
from torch import Tensor, nn

from livedraft.runtime.compute.denoise import Conditioning, Denoising

from ...base import Pixels
from .. import tiny_flow, tiny_video
from ..asked import Asked, Seen
from ..video import Moving, Reel
from .wan import Wan

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker they may be anything
_UNPATCHIFY: Any = unpatchify
_CHANNELS = 8  # of a tiny one's latents


class _ByToken(nn.Module):
    """The transformer, of which the tokens of a picture stand at no noise at all."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        _, high, wide = network.config.patch_size
        self._strides = high, wide

    @property
    def dtype(self) -> torch.dtype:
        """The transformer's."""
        found: torch.dtype = self.network.dtype
        return found

    def forward(
        self, hidden_states: Tensor, timestep: Tensor, still: Tensor, free: Tensor, **more: Any
    ) -> Any:
        """Call it. still: latents of pictures, else 0. free: (rows, 1, frames, h, w), 1 elsewhere.

        timestep: (rows,).
        """
        high, wide = self._strides
        times = (free[:, 0, :, ::high, ::wide] * timestep[:, None, None, None]).flatten(1)
        mixed = (still + free * hidden_states).to(self.dtype)
        return self.network(hidden_states=mixed, timestep=times, **more)


class Wan5B(Wan):
    """Wan Team, "Wan 2.2", 2025: clips of words, and of a picture, by one network."""

    refers = True
    by_token = True
    rate = 24.0
    fine = (1280, 704)
    tiny_changes: ClassVar[Mapping[str, Any]] = {
        "in_channels": _CHANNELS,
        "out_channels": _CHANNELS,
    }

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what it is, small."""
        return _DIFFUSERS.WanPipeline(
            tokenizer=tiny_flow.t5_tokenizer(),
            text_encoder=tiny_video.umt5(),
            vae=tiny_video.wan_vae_fine(_CHANNELS),
            scheduler=tiny_flow.flow_scheduler(shift=5.0),
            transformer=tiny_video.wan_transformer(**cls.tiny_changes),
            expand_timesteps=True,
        )

    @property
    def final_size(self) -> tuple[int, int]:
        """Width and height of a final clip, px."""
        return (0, 0) if self.tried else self.fine

    def moving(self, network: Any) -> Moving:
        """Return how the transformer is called; its latents are mixed before they are rounded."""
        return Moving(_ByToken(network), latents="hidden_states", dtype=torch.float32)

    def see(
        self, pictures: Sequence[Pixels], width: int, height: int, small: bool, frames: int = 1
    ) -> list[Seen]:
        """Encode pictures, each as the one frame that a clip begins with."""
        return super().see(pictures, width, height, small)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and the picture that stays as it is, if there is one."""
        (call,) = super().conditioned(asked)
        shape = self.begins_as(asked)
        still = torch.zeros(shape, device=self.device)
        free = torch.ones((1, 1, *shape[2:]), device=self.device)
        if asked.others:
            free[:, :, 0] = 0
            still = (1 - free) * asked.others[0].mean
        rows = len(call["encoder_hidden_states"])
        beside = {"still": still, "free": free}
        return [
            {**call, **{name: each.expand(rows, *each.shape[1:]) for name, each in beside.items()}}
        ]

    def end(self, way: Denoising) -> None:
        """Have the picture's latents stand where they stayed as they were."""
        (call,) = way.calls
        way.latents = call["still"][:1] + call["free"][:1] * way.latents

    def decoded(self, reel: Reel) -> Tensor:
        """Return the frames of one latent, of which the autoencoder makes patches."""
        made = _UNPATCHIFY(self.unclamped(reel), self.pipe.vae.config.patch_size)
        clamped: Tensor = made.clamp(-1.0, 1.0)
        return clamped
