"""Wan: a transformer of clips, with UMT5 and a causal autoencoder; in 2.2 one expert a half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import diffusers
import torch
from torch import Tensor

from livedraft.errors import WeightsError
from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising
from livedraft.runtime.compute.execution import PlanStore
from livedraft.runtime.compute.sampling import Sampler, scheduled

from ...caches import cached
from .. import tiny_flow, tiny_video
from ..asked import Asked, Seen, Text
from ..video import Moving, Reel, VideoFamily
from .flow import FlowFamily, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_SHIFT = 3.0  # of the schedule, as it is published for 480p
_SAMPLERS = 64  # that are kept
_BOUNDARY = 0.9  # of a tiny one's experts


class Wan(VideoFamily, FlowFamily):
    """Wan Team, "Wan: Open and Advanced Large-Scale Video Generative Models", 2025."""

    pipeline = "WanPipeline"
    dtype = "bfloat16"
    most_tokens = 512
    rate = 16.0
    each = 4
    taught = (832, 480)
    fine: ClassVar[tuple[int, int]] = (1280, 720)  # px, that two experts were taught as well
    tiny_changes: ClassVar[Mapping[str, Any]] = {}  # of the transformer
    by_token: ClassVar[bool] = False  # whether each token has a time of its own
    by_clip: ClassVar[bool] = False  # whether it looks at pictures by CLIP

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        by_token = bool(pipe.config.get("expand_timesteps"))
        by_clip = pipe.transformer.config.image_dim is not None
        if (by_token, by_clip) != (self.by_token, self.by_clip):
            name = "wan-5b" if by_token else "wan-2.1-i2v" if by_clip else "wan or wan-i2v"
            raise WeightsError(
                f"these weights are of another Wan than {type(self).__name__}",
                fix=f"serve them as {name}",
            )
        self.denoiser = self.moving(pipe.transformer)
        second = pipe.components.get("transformer_2")
        self._second: Denoiser | None = None if second is None else self.moving(second)

    def moving(self, network: Any) -> Moving:
        """Return how a transformer of its is called."""
        return Moving(network, latents="hidden_states", dtype=network.dtype)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what it is, small, with both experts."""
        return getattr(_DIFFUSERS, cls.pipeline)(
            tokenizer=tiny_flow.t5_tokenizer(),
            text_encoder=tiny_video.umt5(),
            vae=tiny_video.wan_vae(),
            scheduler=tiny_flow.flow_scheduler(shift=_SHIFT),
            transformer=tiny_video.wan_transformer(**cls.tiny_changes),
            transformer_2=tiny_video.wan_transformer(**cls.tiny_changes),
            boundary_ratio=_BOUNDARY,
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that it was taught, px, as far as its positions reach."""
        return min(self.taught[0], self.largest), min(self.taught[1], self.largest)

    @property
    def final_size(self) -> tuple[int, int]:
        """Width and height of a final clip, px: 720p, where the weights were taught it."""
        return (0, 0) if self.tried or self._second is None else self.fine

    @property
    def largest(self) -> int:
        """Longest side that its positions reach, px."""
        config = self.pipe.transformer.config
        reach = config.rope_max_seq_len * config.patch_size[1] * self.latent_shape[1]
        return min(super().largest, int(reach))

    @property
    def most_frames(self) -> int:
        """Frames of the longest clip that its positions reach."""
        return int((self.pipe.transformer.config.rope_max_seq_len - 1) * self.each + 1)

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of latents, and how many px of a side one of them stands for."""
        return self.pipe.vae.config.z_dim, self.pipe.vae_scale_factor_spatial

    @property
    def least(self) -> float:
        """Sigma of the last step, as its scheduler has it."""
        return float(self.pipe.scheduler.sigma_min)

    def shift(self, asked: Asked) -> float:
        """Return nothing of use: the schedule is shifted alike for all sizes."""
        return 1.0

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return Euler's steps, or those of the scheduler that it is published with, UniPC."""
        if isinstance(self.pipe.scheduler, _DIFFUSERS.FlowMatchEulerDiscreteScheduler):
            return super().sampler(asked, guidance)
        return cached(
            self._samplers,
            (asked.steps, guidance),
            lambda: scheduled(self.pipe.scheduler, asked.steps, 1.0, guidance).to(self.device),
            _SAMPLERS,
        )

    @property
    def denoisers(self) -> Mapping[str, Denoiser]:
        """The expert of the noisy half, and that of the other where there is one."""
        found = {"": self.denoiser}
        return found if self._second is None else {**found, "second": self._second}

    def run(self, mode: str, name: str, store: PlanStore | None = None) -> None:
        """Run both experts from now on as a plan says."""
        before = self.denoiser
        super().run(mode, name, store)
        if self._second is not None and self.denoiser is not before:
            self._second = self._run_by(self._second, mode, f"{name}, second", store)

    def experts(self, way: Denoising) -> tuple[str, ...]:
        """Return the expert of each step: the second from the boundary of noise on."""
        if self._second is None or self.pipe.config.boundary_ratio is None:
            return ()
        boundary = self.pipe.config.boundary_ratio * self.pipe.scheduler.config.num_train_timesteps
        return tuple("" if time >= boundary else "second" for time in way.sampler.times.tolist())

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt; UMT5 reads 511 tokens of it."""
        # Its text-to-video class reads the same, and does so without ftfy, too.
        rows = _DIFFUSERS.WanPipeline._get_t5_prompt_embeds(
            self.pipe, [prompt], 1, self.most_tokens, self.device
        ).to(self._own_dtype)
        cut = unread(self.pipe.tokenizer, prompt, self.most_tokens - 1)
        return Text({"encoder_hidden_states": rows}, cut)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, after that which it shall not be where there is guidance."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        rows = torch.cat([text.rows["encoder_hidden_states"] for text in texts])
        return [{"encoder_hidden_states": rows, "return_dict": False}]

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the latents of clips, without chance."""
        frames = frames if frames.ndim == 5 else frames[:, :, None]  # of one frame
        mean, deviation = self._spread(frames)
        found = (vae.encode(frames).latent_dist.mode().float() - mean) / deviation
        return [Seen(one, None) for one in found.split(1)]

    def pieces(self, latents: Tensor) -> int:
        """Return one for each latent in time."""
        return latents.shape[2]

    def decoded(self, reel: Reel) -> Tensor:
        """Return the frames of one latent."""
        return self.unclamped(reel).clamp(-1.0, 1.0)

    def unclamped(self, reel: Reel) -> Tensor:
        """Decode one latent; the autoencoder keeps what the next needs of it."""
        vae, first = self.pipe.vae, not reel.kept
        mean, deviation = self._spread(reel.latents)
        latents = reel.latents[:, :, reel.piece : reel.piece + 1]
        raw = vae.post_quant_conv((latents * deviation + mean).to(vae.dtype))
        kept = list(reel.kept)
        if first:
            vae.clear_cache()
            kept = [None] * len(vae._feat_map)
        frames: Tensor = vae.decoder(raw, feat_cache=kept, feat_idx=[0], first_chunk=first)
        reel.kept = kept
        return frames

    def _spread(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation of latents, by channel."""
        config = self.pipe.vae.config
        rows = (config.latents_mean, config.latents_std)
        mean, deviation = (torch.tensor(row).view(1, -1, 1, 1, 1).to(like.device) for row in rows)
        return mean, deviation


class WanPicture(Wan):
    """The same, taught to go on from a picture: its latents stand beside those on their way."""

    pipeline = "WanImageToVideoPipeline"
    refers = True
    tiny_changes: ClassVar[Mapping[str, Any]] = {"in_channels": 36}

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text and the clip that begins with the picture, with a mask of its first."""
        (call,) = super().conditioned(asked)
        (seen,) = asked.others
        mask = torch.zeros_like(seen.mean[:, : self.each])
        mask[:, :, 0] = 1
        return [{**call, self.denoiser.latents: torch.cat([mask, seen.mean], dim=1)}]
