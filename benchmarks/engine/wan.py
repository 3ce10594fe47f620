"""Wan, 1.3 billion parameters: five seconds of video from text, frames as they are decoded."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.execution import Choice

from .networks import _DIFFUSERS, Place
from .scene import SEED, Scene, flow, shown, silent, slowed

HALF = torch.bfloat16
_TOKENS = 512  # of text


class _Wan(Denoiser):
    """Keeps latents in float32 and computes in the network's type, as the pipeline does."""

    def enter(self, way: Denoising, call: Any) -> Tensor:
        return way.latents.to(call["encoder_hidden_states"].dtype)

    def left(self, made: Any) -> Tensor:
        rows: Tensor = made[0].float()
        return rows


class Wan(Scene):
    """Wan 2.1 1.3B's transformer and its causal VAE, without guidance, as distilled ones run."""

    controls = ("seed",)

    def __init__(
        self,
        place: Place,
        size: tuple[int, int] = (832, 480),
        frames: int = 81,
        steps: int = 4,
    ) -> None:
        super().__init__(place, 1)
        self.size = (32, 32) if place.tiny else size
        self.frames = 9 if place.tiny else frames
        self.steps = steps
        transformer, vae = (place.network(kind, HALF) for kind in ("wan", "wan_vae"))
        scheduler = _DIFFUSERS.FlowMatchEulerDiscreteScheduler(shift=3.0)
        self.pipe = silent(
            _DIFFUSERS.WanPipeline(
                tokenizer=None,
                text_encoder=None,
                vae=vae,
                scheduler=scheduler,
                transformer=transformer,
            )
        )
        self.dtype = place.dtype(HALF)
        tokens = 16 if place.tiny else _TOKENS
        width = transformer.config.text_dim
        self.text = self.normal(1, tokens, width, seed=1, dtype=self.dtype)
        self.denoiser = _Wan(self.part("denoise", transformer), latents="hidden_states")
        self.vae = vae
        own = copy.deepcopy(scheduler)
        own.set_timesteps(steps)
        self.sampler = flow(own, place.whole)
        self.first_s = 0.0  # from the call to the first frame, when last made

    @property
    def network(self) -> Any:
        """The transformer."""
        return self.pipe.transformer

    def library(self) -> Tensor:
        """Make a film by the pipeline."""
        width, height = self.size
        made: Tensor = self.pipe(
            prompt_embeds=self.text,
            height=height,
            width=width,
            num_frames=self.frames,
            num_inference_steps=self.steps,
            guidance_scale=1.0,
            generator=self.generators(),
            output_type="pt",
        ).frames
        return made[0]

    def warm(self) -> dict[str, list[Choice]]:
        """Choose the VAE's layout, too: it decodes part by part, with what it saw before."""
        latents = self.noise(self.generators(), *self._shape(), dtype=torch.float32)[:, :, :3]
        took = {}
        for vae in (self.pipe.vae, self.place.laid_out("wan_vae", HALF)):
            self.vae = vae
            for _ in range(2):  # the first loads libraries
                begun = time.perf_counter()
                _wait(list(self._decoded(latents))[-1])
                took[vae] = time.perf_counter() - begun
        self.vae = min(took, key=took.__getitem__)
        return super().warm()

    def more(self) -> dict[str, Any]:
        """Return when the first frame of the last film was there."""
        return {"first_ms": 1e3 * self.first_s}

    @torch.inference_mode()
    def ours(self, seed: int = SEED, late: float = 1.0) -> Tensor:
        """Make the same by our engine's steps, frames as soon as they are decoded."""
        begun = time.perf_counter()
        made = self.sampler if late == 1.0 else slowed(self.sampler, late)
        generators = self.generators(seed)
        noise = self.noise(generators, *self._shape(), dtype=torch.float32)
        call = {"encoder_hidden_states": self.text, "return_dict": False}
        way = Denoising(noise, made, [call], generators[0])
        while not way.done:
            advance(self.denoiser, [way])
        chunks = []
        for chunk in self._decoded(way.latents):
            chunks.append(chunk)
            if len(chunks) == 1:
                _wait(chunk)
                self.first_s = time.perf_counter() - begun
        film = torch.cat(chunks, 2)[0].transpose(0, 1)
        return shown(film)

    def _shape(self) -> tuple[int, ...]:
        width, height = self.size
        space, time_ = self.pipe.vae_scale_factor_spatial, self.pipe.vae_scale_factor_temporal
        channels = self.pipe.transformer.config.in_channels
        return channels, (self.frames - 1) // time_ + 1, height // space, width // space

    @torch.inference_mode()
    def _decoded(self, latents: Tensor) -> Any:
        """Yield frames, (1, 3, frames, height, width): one, then four at a time."""
        vae = self.vae
        mean, deviation = (
            torch.tensor(each, device=latents.device, dtype=vae.dtype).view(1, -1, 1, 1, 1)
            for each in (vae.config.latents_mean, vae.config.latents_std)
        )
        raw = vae.post_quant_conv(latents.to(vae.dtype) * deviation + mean)
        vae.clear_cache()
        for at in range(raw.shape[2]):
            vae._conv_idx = [0]
            yield vae.decoder(
                raw[:, :, at : at + 1],
                feat_cache=vae._feat_map,
                feat_idx=vae._conv_idx,
                first_chunk=at == 0,
            ).clamp(-1, 1)
        vae.clear_cache()


def _wait(tensor: Tensor) -> None:
    if tensor.is_cuda:
        torch.cuda.synchronize()
