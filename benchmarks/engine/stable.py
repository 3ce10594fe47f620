"""Stable Diffusion: SD-Turbo's class from picture to picture, SDXL-Lightning's from text."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Sampler

from .networks import _DIFFUSERS, Place
from .scene import SEED, Scene, shown, silent, slowed

HALF = torch.float16
_SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "timestep_spacing": "trailing",
}
_NONE = {"text_encoder": None, "tokenizer": None, "feature_extractor": None}
_TOKENS = 77


class SDTurbo(Scene):
    """SD-Turbo's UNet (866 M) and TAESD, from picture to picture."""

    def __init__(self, place: Place, batch: int = 1, side: int = 512, steps: int = 1) -> None:
        super().__init__(place, batch)
        self.side = side = 32 if place.tiny else side
        self.steps = steps
        self.strength = 0.5
        unet, vae = (place.network(kind, HALF) for kind in ("sd", "taesd"))
        self.pipe = silent(
            _DIFFUSERS.StableDiffusionImg2ImgPipeline(
                unet=unet,
                vae=vae,
                scheduler=_DIFFUSERS.EulerDiscreteScheduler(**_SCHEDULE),
                safety_checker=None,
                requires_safety_checker=False,
                **_NONE,
            )
        )
        self.dtype = place.dtype(HALF)
        width = unet.config.cross_attention_dim
        self.text = self.normal(batch, _TOKENS, width, seed=1, dtype=self.dtype)
        self.picture = self.normal(batch, 3, side, side, seed=2, dtype=self.dtype).sigmoid()
        self.vae = place.laid_out("taesd", HALF)
        self.denoiser = Denoiser(self.part("denoise", place.laid_out("sd", HALF)))
        self.encode = self.part("encode", self._encode, self.vae)
        self.decode = self.part("decode", self._decode, self.vae)
        self.sampler = sampler(self.pipe.scheduler, steps, self.strength).to(place.whole)

    @property
    def network(self) -> Any:
        """The UNet."""
        return self.pipe.unet

    def library(self) -> Tensor:
        """Make a picture of a picture by the pipeline."""
        made: Tensor = self.pipe(
            prompt_embeds=self.text,
            image=self.picture,
            strength=self.strength,
            num_inference_steps=round(self.steps / self.strength),
            guidance_scale=0.0,
            generator=self.generators(),
            output_type="pt",
        ).images
        return made

    def ours(self, seed: int = SEED, late: float = 1.0) -> Tensor:
        """Make the same by our engine's steps."""
        ways = self.begun(self.sampler if late == 1.0 else slowed(self.sampler, late), seed)
        while not ways[0].done:
            advance(self.denoiser, ways)
        return self.shown(ways)

    def begun(self, made: Sampler, seed: int = SEED, rows: slice = slice(None)) -> list[Denoising]:
        """Return latents of the pictures with noise, one of each row."""
        generators, text = self.generators(seed)[rows], self.text[rows]
        clean = self.encode(picture=self.picture[rows])
        alpha, sigma = made.start
        noisy = alpha * clean + sigma * self.noise(generators, *clean.shape[1:], dtype=self.dtype)
        return [
            Denoising(latents, made, [{"encoder_hidden_states": told, "return_dict": False}], each)
            for latents, told, each in zip(noisy.split(1), text.split(1), generators, strict=True)
        ]

    def shown(self, ways: list[Denoising]) -> Tensor:
        """Return pictures of latents."""
        made: Tensor = self.decode(latents=torch.cat([way.latents for way in ways]))
        return made

    def _encode(self, picture: Tensor) -> Tensor:
        made: Tensor = self.vae.encode(2 * picture - 1).latents * self.vae.config.scaling_factor
        return made

    def _decode(self, latents: Tensor) -> Tensor:
        raw = latents / self.vae.config.scaling_factor
        return shown(self.vae.decode(raw, return_dict=False)[0])


class SDXLLightning(Scene):
    """SDXL's UNet (2.6 B) and its full VAE, from text, without guidance."""

    def __init__(self, place: Place, batch: int = 1, side: int = 1024, steps: int = 4) -> None:
        super().__init__(place, batch)
        self.side = side = 32 if place.tiny else side
        self.steps = steps
        unet, vae = (place.network(kind, HALF) for kind in ("sdxl", "sdxl_vae"))
        self.pipe = silent(
            _DIFFUSERS.StableDiffusionXLPipeline(
                unet=unet,
                vae=vae,
                scheduler=_DIFFUSERS.EulerDiscreteScheduler(**_SCHEDULE),
                text_encoder_2=None,
                tokenizer_2=None,
                add_watermarker=False,
                **{name: none for name, none in _NONE.items() if name != "feature_extractor"},
            )
        )
        self.dtype = place.dtype(HALF)
        config = unet.config
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        width = config.cross_attention_dim
        self.text = self.normal(batch, _TOKENS, width, seed=1, dtype=self.dtype)
        self.pooled = self.normal(batch, pooled, seed=3, dtype=self.dtype)
        sizes = torch.tensor([[side, side, 0, 0, side, side]], dtype=self.dtype)
        self.sizes = sizes.to(place.device).repeat(batch, 1)
        self.vae = place.laid_out("sdxl_vae", HALF)
        self.denoiser = Denoiser(self.part("denoise", place.laid_out("sdxl", HALF)))
        self.decode = self.part("decode", self._decode, self.vae)
        self.sampler = sampler(self.pipe.scheduler, steps).to(place.whole)

    @property
    def network(self) -> Any:
        """The UNet."""
        return self.pipe.unet

    def library(self) -> Tensor:
        """Make a picture by the pipeline."""
        made: Tensor = self.pipe(
            prompt_embeds=self.text,
            pooled_prompt_embeds=self.pooled,
            height=self.side,
            width=self.side,
            num_inference_steps=self.steps,
            guidance_scale=0.0,
            generator=self.generators(),
            output_type="pt",
        ).images
        return made

    def ours(self, seed: int = SEED, late: float = 1.0) -> Tensor:
        """Make the same by our engine's steps."""
        made = self.sampler if late == 1.0 else slowed(self.sampler, late)
        generators = self.generators(seed)
        factor = 2 ** (len(self.vae.config.block_out_channels) - 1)
        shape = (self.vae.config.latent_channels, self.side // factor, self.side // factor)
        noise = made.pure * self.noise(generators, *shape, dtype=self.dtype)
        ways = [
            Denoising(latents, made, [self._told(row)], generators[row])
            for row, latents in enumerate(noise.split(1))
        ]
        while not ways[0].done:
            advance(self.denoiser, ways)
        picture: Tensor = self.decode(latents=torch.cat([way.latents for way in ways]))
        return picture

    def _told(self, row: int) -> dict[str, Any]:
        one = slice(row, row + 1)
        added = {"text_embeds": self.pooled[one], "time_ids": self.sizes[one]}
        return {
            "encoder_hidden_states": self.text[one],
            "added_cond_kwargs": added,
            "return_dict": False,
        }

    def _decode(self, latents: Tensor) -> Tensor:
        raw = latents / self.vae.config.scaling_factor
        return shown(self.vae.decode(raw, return_dict=False)[0])
