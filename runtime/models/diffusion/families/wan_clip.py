"""Wan 2.1 image-to-video: beside the picture's latents it is told what CLIP sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import diffusers
import torch
from PIL import Image

from livedraft.media.images import on_white
from livedraft.runtime.compute.denoise import Conditioning

from ...base import Pixels
from .. import tiny, tiny_flow, tiny_video
from ..asked import Asked, Text
from .wan import WanPicture

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker they may be anything
_SEEN = "encoder_hidden_states_image"


class WanClip(WanPicture):
    """Wan Team, "Wan", 2025: the first that went on from pictures."""

    by_clip = True
    reads_pictures = True
    tiny_changes: ClassVar[Mapping[str, Any]] = {
        **WanPicture.tiny_changes,
        "image_dim": tiny.WIDTH,
        "added_kv_proj_dim": 24,
    }

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what it is, small."""
        return _DIFFUSERS.WanImageToVideoPipeline(
            tokenizer=tiny_flow.t5_tokenizer(),
            text_encoder=tiny_video.umt5(),
            vae=tiny_video.wan_vae(),
            scheduler=tiny_flow.flow_scheduler(shift=3.0),
            transformer=tiny_video.wan_transformer(**cls.tiny_changes),
            image_encoder=tiny_video.clip_vision(),
            image_processor=tiny_video.clip_processor(),
        )

    @torch.inference_mode()
    def read_beside(self, prompt: str, pictures: Sequence[Pixels], width: int, height: int) -> Text:
        """Encode a prompt, and by CLIP the picture that the clip begins with."""
        text = self.read(prompt)
        image = on_white(Image.fromarray(pictures[0]))
        inputs = self.pipe.image_processor(images=image, return_tensors="pt")
        encoder = self.pipe.image_encoder
        seen = encoder(
            inputs["pixel_values"].to(self.device, encoder.dtype), output_hidden_states=True
        ).hidden_states[-2]
        return Text({**text.rows, _SEEN: seen.to(self._own_dtype)}, text.cut)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the same, and what CLIP sees."""
        (call,) = super().conditioned(asked)
        rows = len(call["encoder_hidden_states"])
        return [{**call, _SEEN: asked.text.rows[_SEEN].expand(rows, -1, -1)}]
