"""How a pipeline is called: what goes into its call, and what its results and latents show."""

from __future__ import annotations

import copy
import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import diffusers
import numpy as np
import torch
from PIL import Image

from livedraft.errors import InvalidParams, ModelFailed, WeightsError
from livedraft.media.images import on_white

from ...base import Params, Pixels, to_pixels
from ..layout import index_of
from ..loras import Loras, Mix
from ..parts import loaded
from ..state import MASK, SKETCH, Cache
from ..tensors import as_pixels
from ..weights import Found
from .attention import Attention
from .described import CONTROL
from .loop import Loop, before_a_denoiser, step_is_over
from .remembered import remember
from .signature import RATES, drawing_class, frames_of

_DIFFUSERS: Any = diffusers
_DENOISERS = re.compile(r"(unet|transformer|prior|decoder)(_\w+)?")
_LIKES = "bfloat16"  # on a GPU
_MOST_CALLS = 1000  # that a whole way is told to have, of which strength leaves the last
_UNUSED = ("safety_checker",)


@dataclass(slots=True, eq=False)
class Call:
    """A call on its way."""

    pipe: Any  # a copy of its own, of which the parts are everybody's
    loop: Loop
    mix: Mix  # LoRAs, kept while the call is

    @property
    def steps(self) -> int:
        """How many it will take, once it has begun; 0: it says not."""
        return int(getattr(self.pipe, "num_timesteps", 0))


class Calling:
    """A pipeline that is loaded, with its image-to-image class where it has one of the same parts.

    Jobs share its parts; of what a call changes, scheduler and fields, each has its own.
    """

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        """Take a pipeline, and an AutoencoderTiny of its latents if there is one."""
        self.pipe = pipe
        self.tiny_vae = tiny_vae
        self.spread = False  # by ranks
        self.loras = Loras(pipe.components)
        drawn = drawing_class(type(pipe))
        self._drawn = drawn and _DIFFUSERS.AutoPipelineForImage2Image.from_pipe(pipe)
        for each in [pipe, self._drawn] if drawn else [pipe]:
            each.set_progress_bar_config(disable=True)
        vae = pipe.components.get("vae")
        plain = isinstance(vae, _DIFFUSERS.AutoencoderKL)
        self._small = tiny_vae or (vae if plain and not _overflows(vae) else None)
        self._scaled = tiny_vae is None
        networks = [
            part for part in pipe.components.items() if isinstance(part[1], torch.nn.Module)
        ]
        denoisers = [part for name, part in networks if _DENOISERS.fullmatch(name)]
        if not denoisers:
            names = ", ".join(name for name, _ in networks)
            raise WeightsError(
                f"of the parts of a {type(pipe).__name__} none is known to denoise: {names}",
                fix="choose another pipeline",
            )
        self._device: torch.device = denoisers[0].device
        self._attention = Attention(part for _, part in networks)
        for part in denoisers:
            part.register_forward_pre_hook(before_a_denoiser)

    @classmethod
    def loaded(cls, pipeline: str, found: Found) -> Self:
        """Load a folder; raise WeightsError where that cannot be."""
        unused = [name for name in _UNUSED if name in index_of(found.folder)]
        return cls(*loaded(pipeline, found, unused, _LIKES, has_small=True))

    @property
    def device(self) -> torch.device:
        """Where it computes, also while its parts are not there."""
        return self._device

    @property
    def shows(self) -> bool:
        """Whether it may be known what latents show before they are at their end."""
        return self._small is not None

    def of(
        self,
        params: Params,
        pictures: Mapping[str, Pixels],
        steps: int,
        size: tuple[int, int],
        texts: Cache,
        mix: Mix,
    ) -> Call:
        """Return a call that has not begun, of which prompts are looked for in a cache."""
        whole = self._drawn if SKETCH in pictures and self._drawn is not None else self.pipe
        pipe = copy.copy(whole)
        if "scheduler" in pipe.components:
            pipe.scheduler = copy.deepcopy(whole.scheduler)
        remember(pipe, texts, mix.of_text)
        takes = inspect.signature(type(pipe).__call__).parameters
        given = self._given(params, pictures, steps, size, type(pipe))
        kept = {name: value for name, value in given.items() if name in takes}
        seed = int(params.model_dump()["seed"])
        tells = "callback_on_step_end" in takes
        return Call(pipe, Loop(lambda: pipe(**kept), seed, self._attention, tells=tells), mix)

    def go_on(self, call: Call) -> None:
        """Run a call up to its next step, with the LoRAs that it wears."""
        with self.loras.reading(call.mix), self.loras.denoising([call.mix.row]):
            call.loop.go_on()

    def begin(self, call: Call) -> None:
        """Run a call up to its first step; raise InvalidParams for what it refuses to take."""
        try:
            self.go_on(call)
        except (ValueError, TypeError) as error:
            raise InvalidParams(
                f"{type(self.pipe).__name__} refuses this: {error}"[:300],
                fix="change what it names, or the sizes",
            ) from error

    def _given(
        self,
        params: Params,
        pictures: Mapping[str, Pixels],
        steps: int,
        size: tuple[int, int],
        kind: type[Any],
    ) -> dict[str, Any]:
        takes = inspect.signature(kind.__call__).parameters
        said = params.model_dump()
        given: dict[str, Any] = {
            "prompt": said["prompt"],
            "generator": torch.Generator("cpu").manual_seed(said["seed"]),
            "num_inference_steps": steps,
            "width": size[0],
            "height": size[1],
            "output_type": "np",
            "callback_on_step_end": step_is_over,
        }
        if said.get("negative_prompt"):
            given["negative_prompt"] = said["negative_prompt"]
        if "guidance" in said:
            given["guidance_scale"] = said["guidance"]
        if "strength" in takes:
            whole, share = _way(steps, said["strength"])
            given |= {"num_inference_steps": whole, "strength": share}
        if film := frames_of(takes):
            given[film] = said["frames"]
            given |= {name: said["rate"] for name in RATES}
        return given | self._pictures(pictures, size, "strength" in takes, "mask_image" in takes)

    @staticmethod
    def _pictures(
        pictures: Mapping[str, Pixels], size: tuple[int, int], fitted: bool, masked: bool
    ) -> dict[str, Image.Image]:
        """Return pictures by the names of a call's arguments; ``fitted``: of the result's size."""
        found: dict[str, Image.Image] = {}
        if SKETCH in pictures:
            found["image"] = on_white(Image.fromarray(pictures[SKETCH]))
        if CONTROL in pictures:
            found["control_image"] = on_white(Image.fromarray(pictures[CONTROL]))
        if masked:
            hole = pictures.get(MASK)
            white = Image.new("RGB", size, "white")
            found["mask_image"] = (
                white if hole is None else on_white(Image.fromarray(hole))
            ).convert("L")
        if not fitted:
            return found
        return {name: each.resize(size) for name, each in found.items()}

    def pixels(self, result: Any) -> Pixels:
        """Return a result as (h, w, 3), of a clip as (frames, h, w, 3); raise ModelFailed."""
        made = getattr(result, "frames", None)
        made = getattr(result, "images", None) if made is None else made
        if made is None:
            raise ModelFailed(
                f"a {type(self.pipe).__name__} made neither a picture nor a clip",
                fix="serve another pipeline",
            )
        first = made[0]
        if isinstance(first, (list, tuple)):
            first = np.stack([np.asarray(each) for each in first])
        if isinstance(first, torch.Tensor):
            first = first.float().cpu().movedim(-3, -1).numpy()
        found = np.asarray(first)
        return to_pixels(found) if found.dtype.kind == "f" else found[..., :3].astype(np.uint8)

    @torch.inference_mode()
    def shown(self, latents: Any, size: tuple[int, int]) -> Pixels | None:
        """Return what latents on their way show; None where nobody knows."""
        width, height = size
        if latents.ndim == 3 and hasattr(self.pipe, "_unpack_latents"):
            unpack = self.pipe._unpack_latents
            if len(inspect.signature(unpack).parameters) != 4:
                return None
            latents = unpack(latents, height, width, self.pipe.vae_scale_factor)
        vae = self._small
        config = self.pipe.vae.config
        if vae is None or latents.ndim != 4 or latents.shape[1] != config.latent_channels:
            return None
        raw = latents[:1].to(vae.dtype)
        if self._scaled:
            raw = raw / config.scaling_factor + (config.get("shift_factor") or 0.0)
        pixels: Pixels = as_pixels(vae.decode(raw, return_dict=False)[0])[0]
        return pixels


def _way(steps: int, strength: float) -> tuple[int, float]:
    """Return a whole way, of which so many steps are left by a strength, and that strength.

    Some pipelines round up what is left, and others down, so their product is just ``steps``.
    """
    near = min(max(steps, round(steps / strength)), _MOST_CALLS)
    for whole in (near, near + 1, near + 2, near + 3):
        share = steps / whole
        for each in (share, math.nextafter(share, 0.0), math.nextafter(share, 1.0)):
            if each * whole == steps:
                return whole, each
    return near, steps / near


def _overflows(vae: Any) -> bool:
    return bool(vae.config.get("force_upcast")) and vae.dtype == torch.float16
