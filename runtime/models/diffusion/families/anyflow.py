"""AnyFlow-FAR: Wan taught to go on: each chunk of a clip looks back at those before it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import diffusers
import torch
from torch import Generator, Tensor

from livedraft.runtime.compute.denoise import drawn
from livedraft.runtime.compute.peak import unmeasured
from livedraft.runtime.compute.sampling import rewinding

from ...base import Pixels
from .. import tiny_flow, tiny_video
from ..family import Family
from ..tensors import as_pixels
from ..video import Moving, Reel
from .wan import Wan

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_SHIFT = 5.0  # of the schedule, as it is published
_TRIED_PX = 32  # attention that is not compiled takes its time
_LOOKED_BACK = 2  # chunks at a window's beginning that are the end of the one before


@dataclass(eq=False)
class Window:
    """Chunks that look at each other; the next begins with the end of this one.

    Latents are (1, frames, channels, h, w), as the transformer takes them.
    """

    size: tuple[int, int]  # px
    generator: Generator
    text: Tensor  # that the chunk under way is made by
    noise: Tensor
    made: Tensor
    cache: dict[int, dict[str, Tensor]]  # keys and values by layer
    reel: Reel
    cached: int = 0  # chunks in it
    chunk: int = 0  # that is under way
    step: int = 0  # of its denoising
    tail: Tensor | None = field(default=None)  # frames (1, 3, n, h, w), newest last


class AnyFlow(Wan):
    """NVIDIA, "AnyFlow", 2026: flow maps of any number of steps, distilled to look back."""

    pipeline = "AnyFlowFARPipeline"

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        Family.__init__(self, pipe, tiny_vae)  # its scheduler is none of Wan's
        network = pipe.transformer
        self.denoiser = Moving(network, latents="hidden_states", dtype=network.dtype)
        self._second = None
        pipe._guidance_scale, pipe._attention_kwargs = 1.0, None  # that it was distilled for
        self.parts = [*network.config.chunk_partition]

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `anyflow` is, small."""
        return _DIFFUSERS.AnyFlowFARPipeline(
            tokenizer=tiny_flow.t5_tokenizer(),
            text_encoder=tiny_video.umt5(),
            vae=tiny_video.wan_vae(),
            transformer=tiny_video.wan_transformer(
                "AnyFlowFARTransformer3DModel",
                compressed_patch_size=(1, 4, 4),
                full_chunk_limit=3,
                rope_max_seq_len=32,
                chunk_partition=(1, 2, 2, 2),
            ),
            scheduler=_DIFFUSERS.FlowMapEulerDiscreteScheduler(shift=_SHIFT),
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that it was taught, px; of one to try with, few."""
        return (_TRIED_PX, _TRIED_PX) if self.tried else self.taught

    @torch.inference_mode()
    def opened(self, width: int, height: int, seed: int, text: Tensor) -> Window:
        """Return the first window of a stream."""
        return self._window((width, height), Generator("cpu").manual_seed(seed), text)

    def full(self, window: Window) -> bool:
        """Say whether all chunks of a window are made."""
        return window.chunk == len(self.parts)

    @torch.inference_mode()
    def following(self, window: Window) -> Window:
        """Return the window after one that is full: it looks back at its last frames."""
        assert window.tail is not None, "chunks were decoded"
        with rewinding([window.generator]):
            made = self._window(window.size, window.generator, window.text)
            seen = window.tail.to(self.pipe.vae.dtype)
            (found,) = Wan.encoded(self, self.pipe.vae, seen)
            latents = found.mean.transpose(1, 2)
            made.made[:, : latents.shape[1]] = latents
            made.chunk, made.tail = _LOOKED_BACK, window.tail
            again = Reel(found.mean)
            for _ in range(found.mean.shape[2]):  # the autoencoder has seen them, too
                with again.going():
                    self.decoded(again)
            made.reel.kept = again.kept
        return made

    @torch.inference_mode()
    def denoise(self, window: Window, steps: int, text: Tensor) -> bool:
        """Take one step of the chunk under way; say whether it was the last.

        Where it is the first, the chunks before it are looked at, and ``text`` counts from it on.
        """
        own = copy.copy(self.pipe.scheduler)
        own.set_timesteps(steps, device=self.device)
        chunk, parts = window.chunk, self.parts
        begin, end = sum(parts[:chunk]), sum(parts[: chunk + 1])
        if window.step == 0:
            self._look_back(window)
            window.text = text
            window.made[:, begin:end] = window.noise[:, begin:end]
        latents, count = window.made[:, begin:end], parts[chunk]
        at, then = own.timesteps[window.step], own.sigmas[window.step + 1]
        target = then * own.config.num_train_timesteps
        with unmeasured(plain=True):  # its attention cannot be watched on a CPU
            output, _ = self.pipe.transformer(
                hidden_states=latents,
                timestep=at.expand(1, count),
                r_timestep=target.expand(1, count),
                encoder_hidden_states=window.text,
                return_dict=False,
                chunk_partition=parts[: chunk + 1],
                kv_cache=window.cache,
                kv_cache_flag={"num_cached_chunks": window.cached, "is_cache_step": False},
            )
        distance = (then - own.sigmas[window.step]).float()
        made = (latents + distance * output).to(latents.dtype)
        last = window.step + 1 >= steps
        told = made.transpose(1, 2).float() if last else None  # before it is a step further
        window.made[:, begin:end] = made
        window.step += 1
        if told is None:
            return False
        window.reel.latents = told
        window.reel.piece = window.step = 0
        window.chunk += 1
        return True

    def told(self, window: Window) -> bool:
        """Say whether all frames of the chunk that was made are decoded."""
        return window.reel.piece >= window.reel.latents.shape[2]

    @torch.inference_mode()
    def next_of(self, window: Window) -> Pixels:
        """Return the frames of the next latent of the chunk that was made, (n, h, w, 3)."""
        looked_back = 1 + self.each * (sum(self.parts[:_LOOKED_BACK]) - 1)
        with window.reel.going():
            frames = self.decoded(window.reel)
            tail = frames if window.tail is None else torch.cat([window.tail, frames], dim=2)
            pixels = as_pixels(frames[0].transpose(0, 1).contiguous())
        window.tail = tail[:, :, -looked_back:]
        return pixels

    def _look_back(self, window: Window) -> None:
        """Put the keys and values of the chunks before that under way into the cache."""
        while window.cached < window.chunk:
            flag = {"num_cached_chunks": window.cached, "is_cache_step": False}
            with unmeasured(plain=True):
                window.cache = self.pipe.encode_kv_cache(
                    window.cache,
                    flag,
                    chunk_partition=self.parts[: window.cached + 1],
                    chunk_idx=window.cached,
                    output=window.made,
                    prompt_embeds=window.text,
                    negative_prompt_embeds=None,
                )
            window.cached += 1

    def _window(self, size: tuple[int, int], generator: Generator, text: Tensor) -> Window:
        config, (channels, factor) = self.pipe.transformer.config, self.latent_shape
        high, wide = size[1] // factor, size[0] // factor
        shape = (1, channels, sum(self.parts), high, wide)
        blank = torch.zeros(shape, device=self.device)
        noise = drawn(blank, generator).to(self._own_dtype).transpose(1, 2)
        longest, count = max(self.parts), len(self.parts)
        whole, packed = (
            (high // patch[1]) * (wide // patch[2]) * longest
            for patch in (config.patch_size, config.compressed_patch_size)
        )
        lengths = {
            "full_cache": config.full_chunk_limit * whole,
            "compressed_cache": (count - config.full_chunk_limit + 1) * packed,
        }
        heads, each = config.num_attention_heads, config.attention_head_dim
        cache = {
            layer: {
                name: torch.zeros(
                    2, 1, heads, length, each, device=self.device, dtype=self._own_dtype
                )
                for name, length in lengths.items()
            }
            for layer in range(config.num_layers)
        }
        return Window(size, generator, text, noise, torch.zeros_like(noise), cache, Reel(blank))
