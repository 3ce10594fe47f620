"""FLUX.2 klein, 4 billion parameters: from text, four steps."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance

from .networks import _DIFFUSERS, Place
from .scene import SEED, Scene, flow, shown, silent, slowed

HALF = torch.bfloat16
_TOKENS = 512  # of text


class _Flux2(Denoiser):
    """Is told the time as a share of 1000, in the latents' own type, as the pipeline does."""

    def told(self, time: Tensor) -> Tensor:
        return time.to(HALF if time.is_cuda else time.dtype) / 1000


class Klein(Scene):
    """FLUX.2 klein-4B's transformer and its VAE."""

    def __init__(self, place: Place, batch: int = 1, side: int = 512, steps: int = 4) -> None:
        super().__init__(place, batch)
        self.side = side = 64 if place.tiny else side
        self.steps = steps
        transformer, vae = (place.network(kind, HALF) for kind in ("klein", "klein_vae"))
        self.pipe = silent(
            _DIFFUSERS.Flux2KleinPipeline(
                scheduler=_DIFFUSERS.FlowMatchEulerDiscreteScheduler(
                    shift=3.0, use_dynamic_shifting=True
                ),
                vae=vae,
                text_encoder=None,
                tokenizer=None,
                transformer=transformer,
                is_distilled=True,
            )
        )
        self.dtype = place.dtype(HALF)
        tokens = 16 if place.tiny else _TOKENS
        width = transformer.config.joint_attention_dim
        self.text = self.normal(batch, tokens, width, seed=1, dtype=self.dtype)
        self.cells = side // (2 * self.pipe.vae_scale_factor)
        blank = torch.empty(1, 1, self.cells, self.cells)
        ids = self.pipe._prepare_latent_ids(blank), self.pipe._prepare_text_ids(self.text[:1])
        self.image_ids, self.text_ids = (each.to(place.device) for each in ids)
        self.vae = place.laid_out("klein_vae", HALF)
        self.denoiser = _Flux2(self.part("denoise", transformer), latents="hidden_states")
        self.decode = self.part("decode", self._decode, self.vae)
        self.sampler = self._sampler()

    @property
    def network(self) -> Any:
        """The transformer."""
        return self.pipe.transformer

    def library(self) -> Tensor:
        """Make a picture by the pipeline."""
        made: Tensor = self.pipe(
            prompt_embeds=self.text,
            height=self.side,
            width=self.side,
            num_inference_steps=self.steps,
            guidance_scale=1.0,
            generator=self.generators(),
            output_type="pt",
        ).images
        return made

    def ours(self, seed: int = SEED, late: float = 1.0) -> Tensor:
        """Make the same by our engine's steps."""
        made = self.sampler if late == 1.0 else slowed(self.sampler, late)
        generators = self.generators(seed)
        channels = self.pipe.transformer.config.in_channels
        noise = self.noise(generators, channels, self.cells, self.cells, dtype=self.dtype)
        rows = noise.flatten(2).mT.contiguous().split(1)
        ways = [
            Denoising(latents, made, [self._told(row)], generators[row])
            for row, latents in enumerate(rows)
        ]
        while not ways[0].done:
            advance(self.denoiser, ways)
        picture: Tensor = self.decode(latents=torch.cat([way.latents for way in ways]))
        return picture

    def _told(self, row: int) -> dict[str, Any]:
        return {
            "encoder_hidden_states": self.text[row : row + 1],
            "txt_ids": self.text_ids,
            "img_ids": self.image_ids,
            "return_dict": False,
        }

    def _sampler(self) -> Any:
        from diffusers.pipelines.flux2 import pipeline_flux2_klein

        scheduler = copy.deepcopy(self.pipe.scheduler)
        mu = pipeline_flux2_klein.compute_empirical_mu(self.cells**2, self.steps)
        sigmas = np.linspace(1.0, 1 / self.steps, self.steps)
        scheduler.set_timesteps(sigmas=sigmas, mu=mu)
        return flow(scheduler, self.place.whole)

    def _decode(self, latents: Tensor) -> Tensor:
        tall = latents.mT.unflatten(2, (self.cells, self.cells))
        norm, eps = self.vae.bn, self.vae.config.batch_norm_eps
        spread = (norm.running_var.view(1, -1, 1, 1) + eps).sqrt()
        tall = tall * spread.to(tall.dtype) + norm.running_mean.view(1, -1, 1, 1).to(tall.dtype)
        return shown(self.vae.decode(self.pipe._unpatchify_latents(tall), return_dict=False)[0])
