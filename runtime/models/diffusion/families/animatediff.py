"""AnimateDiff: Stable Diffusion's UNet with layers in time between its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import diffusers
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning

from .. import tiny_video
from ..asked import Asked
from ..video import Moving, Reel, VideoFamily
from .unet import UNet

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_AT_ONCE = 4  # frames that are decoded in one piece


class AnimateDiff(VideoFamily, UNet):
    """Guo et al., "AnimateDiff", 2023; Lin and Yang, "AnimateDiff-Lightning", 2024."""

    pipeline = "AnimateDiffPipeline"
    unused: ClassVar[tuple[str, ...]] = ("feature_extractor", "image_encoder")
    rate = 8.0
    each = 1

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = Moving(pipe.unet, dtype=pipe.unet.dtype)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `animatediff-lightning` is, small."""
        parts = cls.tiny_parts() | {"motion_adapter": tiny_video.motion_adapter()}
        del parts["safety_checker"]
        return _DIFFUSERS.AnimateDiffPipeline(**parts)

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that it is published for."""
        return _DIFFUSERS.EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="linear",
            timestep_spacing="trailing",
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that the UNet was taught, px."""
        side = int(self.pipe.unet.config.sample_size) * self.latent_shape[1]
        return side, side

    @property
    def most_frames(self) -> int:
        """Frames that its layers in time reach."""
        return int(self.pipe.unet.config.motion_max_seq_length)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text of each frame, after that which it shall not be where it is guided."""
        (call,) = super().conditioned(asked)
        rows = call["encoder_hidden_states"].repeat_interleave(asked.frames, dim=0)
        return [{**call, "encoder_hidden_states": rows}]

    def pieces(self, latents: Tensor) -> int:
        """Return one for some frames each."""
        return -(-latents.shape[2] // _AT_ONCE)

    def decoded(self, reel: Reel) -> Tensor:
        """Return the next frames, each decoded as a picture."""
        vae = self.pipe.vae
        begin = reel.piece * _AT_ONCE
        latents = reel.latents[0, :, begin : begin + _AT_ONCE].transpose(0, 1)
        raw = (latents / vae.config.scaling_factor).to(vae.dtype)
        frames: Tensor = vae.decode(raw, return_dict=False)[0]
        return frames.transpose(0, 1)[None]
