"""What a family of diffusion models declares, and what all families share: torch begins here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from livedraft.kernels import pixels_in
from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising, Known, drawn
from livedraft.runtime.compute.execution import Execution, Mode, PlanStore
from livedraft.runtime.compute.residual import residual
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Sampler
from livedraft.runtime.compute.text_kv import TEXT, TextKV, readers

from ..base import Pixels
from ..caches import cached
from .asked import Asked, Seen, Text
from .loras import Loras
from .params import MOST_PX
from .tensors import as_pixels, beginning, one_of


class Family(ABC):
    """A diffusers pipeline's parts, loaded to a device, and how they are used step by step.

    The pipeline holds the parts and lends the functions with which it prepares them; its own loop
    is never entered.
    """

    pipeline: ClassVar[str]  # the class of diffusers that its weights are saved as
    unused: ClassVar[tuple[str, ...]] = ()  # its components that are not loaded
    dtype: ClassVar[str] = "float16"  # that it likes on a GPU
    refers: ClassVar[bool] = False  # it looks at pictures, and begins with none
    reads_pictures: ClassVar[bool] = False  # its text encoder looks at them, too
    told_mask: ClassVar[bool] = False  # its network was taught to see what is painted anew
    draws_picture: ClassVar[bool] = True  # of a picture's code, even if nothing is left of it
    has_text_kv: ClassVar[bool] = False  # whether it pays to compute them of a prompt once
    drafts_small: ClassVar[bool] = True  # whether an AutoencoderTiny of its latents is to be had
    denoiser: Denoiser

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        """Take a pipeline, and an AutoencoderTiny that drafts are decoded with, if there is one."""
        self.pipe = pipe
        self.tiny_vae = tiny_vae
        self.loras = Loras(pipe.components)
        self.notes: tuple[str, ...] = ()  # how it was loaded, see ``ModelInfo``
        self.spread = False  # whether ranks have the denoiser
        self._samplers: OrderedDict[Hashable, Sampler] = OrderedDict()
        self._text_kv: TextKV | None = None

    @classmethod
    @abstractmethod
    def tiny_pipe(cls) -> Any:
        """Return a pipeline of the very classes, small, with random weights."""

    @property
    @abstractmethod
    def native(self) -> tuple[int, int]:
        """Width and height that it was taught, px."""

    @property
    def final_size(self) -> tuple[int, int]:
        """Width and height of a final result of which nobody says how large; 0: as its drafts."""
        return 0, 0

    @abstractmethod
    def read(self, prompt: str) -> Text:
        """Encode a prompt."""

    def read_beside(self, prompt: str, pictures: Sequence[Pixels], width: int, height: int) -> Text:
        """Encode a prompt with its pictures, where ``reads_pictures``, for a result of a size."""
        return self.read(prompt)

    def avoided(self, prompt: str) -> Text:
        """Encode what a picture shall not show."""
        return self.read(prompt)

    def guided(self, guidance: float) -> bool:
        """Say whether a scale of guidance asks for an output without conditioning, too."""
        return guidance > 1

    @property
    def largest(self) -> int:
        """Longest side of a result that it can make, px."""
        return MOST_PX

    def frames(self, seconds: float) -> int:
        """Return the frames of a clip that lasts so long."""
        return 1

    def seen_size(self, picture: Pixels, width: int, height: int) -> tuple[int, int]:
        """Return how large a picture is looked at, px, for a result of a size."""
        return width, height

    def key(self, asked: Asked) -> tuple[Hashable, ...]:
        """Return what else the members of one call share, beside their size."""
        return ()

    def remembered(self, others: Sequence[Seen]) -> Any:
        """Return what is computed once of pictures to refer to, for all steps; None: nothing is."""
        return None

    def keep_text_kv(self) -> None:
        """Have prompts be read by keys and values of them, where it has such; before it runs."""
        if self.has_text_kv and readers(self.denoiser.network):
            self._text_kv = TextKV(self.denoiser.network)
            self.denoiser = replace(self.denoiser, network=self._text_kv)

    @property
    def keeps_text_kv(self) -> bool:
        """Whether there is more to compute of a prompt, by ``attended``, than its code."""
        return self._text_kv is not None

    @torch.inference_mode()
    def attended(self, text: Text) -> Text:
        """Return a prompt's code with its keys and values, for all steps, in the text's place."""
        if self._text_kv is None:
            return text
        return text._replace(rows={**text.rows, TEXT: self._text_kv.of(text.rows[TEXT])})

    @abstractmethod
    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the keyword arguments of each call of the denoiser that a step takes."""

    def run(self, mode: str, name: str, store: PlanStore | None = None) -> None:
        """Run the denoiser from now on as a plan says: on a GPU as measures fastest, by shapes.

        A shape is warmed when it is first met: those of the plan before there are sessions. What
        ``store`` knows of it is not measured anew.
        """
        if mode == "eager" or (mode == "auto" and self.device.type == "cpu"):
            return
        self.denoiser = self._run_by(self.denoiser, mode, name, store)

    def _run_by(
        self, denoiser: Denoiser, mode: str, name: str, store: PlanStore | None
    ) -> Denoiser:
        worn = self.loras
        made = Execution(
            denoiser.network,
            cast(Mode, mode),
            name,
            store,
            depends=lambda: worn.recorded,
            outdated=worn.outdated,
            at_sight=True,
        )
        return replace(denoiser, network=made)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        found: torch.device = self.pipe.vae.device
        return found

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of latents, and how many px of a side one of them stands for."""
        return self.pipe.vae.config.latent_channels, self.pipe.vae_scale_factor

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return the sampler of what is asked for, on the device."""
        strength = asked.strength if asked.seen is not None else 1.0
        return cached(
            self._samplers,
            (asked.steps, strength, guidance),
            lambda: sampler(self.pipe.scheduler, asked.steps, strength, guidance).to(self.device),
            64,
        )

    @torch.inference_mode()
    def see(
        self, pictures: Sequence[Pixels], width: int, height: int, small: bool, frames: int = 1
    ) -> list[Seen]:
        """Encode pictures of one form, each (h, w, 3 | 4), for results of a size in px.

        small: by the AutoencoderTiny. frames: of a clip that begins with the picture.
        """
        vae = self._vae(small)
        pixels = torch.from_numpy(np.stack(list(pictures))).to(self.device)
        found = pixels_in(pixels, size=(height, width), dtype=vae.dtype)
        return self.encoded(vae, found if frames == 1 else beginning(found, frames))

    @torch.inference_mode()
    def see_frame(self, frame: Tensor, small: bool) -> Seen:
        """Encode one picture, (1, 3, height, width), -1 to 1, as large as the result."""
        vae = self._vae(small)
        (seen,) = self.encoded(vae, frame.to(vae.dtype))
        return seen

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return what an autoencoder makes of pictures, (batch, 3, height, width), -1 to 1.

        Of clips it gets (batch, 3, frames, height, width).
        """
        made, own = vae.encode(frames), self._own_dtype
        if hasattr(made, "latents"):
            return [Seen(one, None) for one in self._scaled(vae, made.latents).to(own).split(1)]
        spread = made.latent_dist
        scale = float(vae.config.scaling_factor)
        means, deviations = self._scaled(vae, spread.mean).to(own), (spread.std * scale).to(own)
        return [Seen(*pair) for pair in zip(means.split(1), deviations.split(1), strict=True)]

    @torch.inference_mode()
    def begin(self, asked: Asked) -> Denoising:
        """Return latents at their start: of a picture with noise, or of noise alone.

        Noise is drawn in the order in which diffusers draws it, so a seed gives the same picture.
        """
        generator = Generator("cpu").manual_seed(asked.seed)
        calls = self.conditioned(asked)
        rows = 1 if asked.negative is None else 2
        led = asked.negative is not None or asked.residual == "self"
        way = self.sampler(asked, asked.guidance if led else 1.0)
        whole = asked.masked is not None and asked.strength == 1  # nothing of a picture is left
        if asked.seen is None or (whole and not self.draws_picture):
            shape = self.begins_as(asked)
            picture = torch.zeros(shape, dtype=self._latent_dtype, device=self.device)
            noise = drawn(picture, generator)
            latents = way.pure * noise
        else:
            picture = one_of(*asked.seen, generator)
            noise = drawn(picture, generator)
            alpha, sigma = way.start
            latents = way.pure * noise if whole else alpha * picture + sigma * noise
        begun = Denoising(latents, way, calls, generator, rows)
        if asked.residual:
            self._without_rows(begun, asked, picture)
        if asked.masked is not None:
            self.mask(begun, asked, Known(asked.masked.hole, picture, noise))
        return begun

    def _without_rows(self, way: Denoising, asked: Asked, picture: Tensor) -> None:
        """Have residual guidance lead the latents."""
        begun = self.denoiser.ordered(picture) if asked.residual == "self" else None
        way.residual = residual(way, begun, self.conditioned(replace(asked, negative=None)))

    def mask(self, way: Denoising, asked: Asked, known: Known) -> None:
        """Have a part of the latents stay those of the picture; ``known`` has the hole in px."""
        hole = F.interpolate(known.hole, size=known.latents.shape[-2:]).to(known.latents)
        way.known = Known(hole, known.latents, known.noise)
        if asked.seen is not None and asked.seen.deviation is not None:
            drawn(known.latents, way.generator)  # as diffusers does for what it then leaves out

    def begins_as(self, asked: Asked) -> tuple[int, ...]:
        """Return the shape of the latents of what is asked for."""
        channels, factor = self.latent_shape
        return 1, channels, asked.height // factor, asked.width // factor

    @torch.inference_mode()
    def show(self, latents: Sequence[Tensor], small: bool) -> list[Pixels]:
        """Decode latents of one shape; raise ModelFailed where they are not finite."""
        return list(as_pixels(self.decode(torch.cat(list(latents)), small)))

    def decode(self, latents: Tensor, small: bool) -> Tensor:
        """Return pictures of latents, (batch, 3, height, width), -1 to 1 and a little beyond."""
        vae = self._vae(small)
        raw = latents.to(vae.dtype) / vae.config.scaling_factor + (
            vae.config.get("shift_factor") or 0.0
        )
        frames: Tensor = vae.decode(raw, return_dict=False)[0]
        return frames

    @property
    def _latent_dtype(self) -> torch.dtype:
        """Of latents on their way."""
        return self._own_dtype

    @property
    def _own_dtype(self) -> torch.dtype:
        """The denoiser's; an autoencoder may need a finer one."""
        parts = self.pipe.components
        found: torch.dtype = (parts.get("unet") or parts["transformer"]).dtype
        return found

    def _vae(self, small: bool) -> Any:
        return self.tiny_vae if small else self.pipe.vae

    def _scaled(self, vae: Any, raw: Tensor) -> Tensor:
        scaled: Tensor = (raw - (vae.config.get("shift_factor") or 0.0)) * vae.config.scaling_factor
        return scaled
