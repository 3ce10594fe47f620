"""Mochi: a transformer of text and clips, whose time goes from noise 0 to the clip at 1."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers.pipelines.mochi import pipeline_mochi
from torch import Tensor

from livedraft.errors import WeightsError
from livedraft.kernels.steps import StepRow, step_table
from livedraft.runtime.compute.denoise import Conditioning
from livedraft.runtime.compute.sampling import Sampler

from ...caches import cached
from .. import tiny_flow, tiny_video
from ..asked import Asked, Text
from ..video import Moving, Reel, VideoFamily
from .flow import unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_MOCHI: Any = pipeline_mochi
_LINEAR_TO = 0.025  # noise that goes in the first, even half of the steps
_SAMPLERS = 64  # that are kept


class Mochi(VideoFamily):
    """Genmo, "Mochi 1", 2024."""

    pipeline = "MochiPipeline"
    dtype = "bfloat16"
    most_tokens = 256  # of a prompt, that T5 reads
    rate = 30.0
    each = 6
    taught = (848, 480)

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        if not pipe.scheduler.config.get("invert_sigmas"):
            raise WeightsError(
                f"the scheduler {type(pipe.scheduler).__name__} does not go from 0 to 1",
                fix="set invert_sigmas to true in scheduler/scheduler_config.json, of "
                "FlowMatchEulerDiscreteScheduler",
            )
        transformer = pipe.transformer
        self.denoiser = Moving(transformer, latents="hidden_states", dtype=transformer.dtype)
        if self.device.type == "cuda":
            pipe.vae.enable_tiling()  # a whole clip would take more than there is

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `mochi` is, small."""
        return _DIFFUSERS.MochiPipeline(
            scheduler=tiny_flow.flow_scheduler(invert_sigmas=True),
            vae=tiny_video.mochi_vae(),
            text_encoder=tiny_flow.t5(),
            tokenizer=tiny_flow.t5_tokenizer(),
            transformer=tiny_video.mochi_transformer(),
            force_zeros_for_empty_prompt=False,
        )

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of latents, and how many px of a side one of them stands for."""
        return self.pipe.transformer.config.in_channels, self.pipe.vae_spatial_scale_factor

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return Euler's steps, even ones first and then larger and larger ones."""
        return cached(
            self._samplers,
            (asked.steps, guidance),
            lambda: self._steps(asked.steps, guidance).to(self.device),
            _SAMPLERS,
        )

    def _steps(self, steps: int, guidance: float) -> Sampler:
        own = copy.deepcopy(self.pipe.scheduler)
        spaced = _MOCHI.linear_quadratic_schedule(steps, _LINEAR_TO) if steps > 1 else [1.0]
        own.set_timesteps(sigmas=np.array(spaced))
        rows = [
            StepRow(0.0, 1.0, then - at, 0.0, 1.0, guidance)
            for at, then in pairwise(own.sigmas.double().tolist())
        ]
        times = own.timesteps.to(torch.float32)
        return Sampler(times, step_table(rows), (False,) * steps, (0.0, 1.0), 1.0)

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt; T5 reads 255 tokens of it."""
        text, mask, _, _ = self.pipe.encode_prompt(
            prompt, None, False, max_sequence_length=self.most_tokens, device=self.device
        )
        rows = {"encoder_hidden_states": text.to(self._own_dtype), "encoder_attention_mask": mask}
        return Text(rows, unread(self.pipe.tokenizer, prompt, self.most_tokens - 1))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, after that which it shall not be where there is guidance."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        rows = {name: torch.cat([text.rows[name] for text in texts]) for name in texts[0].rows}
        return [{**rows, "return_dict": False}]

    def decoded(self, reel: Reel) -> Tensor:
        """Return all frames, as its pipeline decodes them."""
        vae, latents = self.pipe.vae, reel.latents
        config = vae.config
        if config.get("latents_mean") and config.get("latents_std"):
            spread = (config.latents_mean, config.latents_std)
            mean, std = (torch.tensor(row).view(1, -1, 1, 1, 1).to(latents) for row in spread)
            latents = latents * std / config.scaling_factor + mean
        else:
            latents = latents / config.scaling_factor
        frames: Tensor = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        return frames
