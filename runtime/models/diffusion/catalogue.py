"""The table of names: what each model is, what its licence allows, where it is published.

Nothing here imports torch, so a list of the models costs nothing. A name stands here as soon as
its family has a driver, and not before. Licences are told as their publishers' model cards have
them; bytes are rough, of the published numbers of weights at two bytes each. What a folder really
takes is counted when it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .terms import APACHE, MIT, NVIDIA, OPENRAIL, OPENRAIL_M, STABILITY, Licence


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that is served by name, from weights in diffusers' layout."""

    id: str
    title: str
    task: str
    licence: Licence
    hub: str  # where it is published: owner/name
    pipelines: tuple[str, ...]  # classes that its model_index.json may name, the published first
    components: Mapping[str, int]  # that hold weights, with their rough bytes at bfloat16
    width: int  # px, native
    height: int  # px
    draft_steps: int
    max_steps: int
    family: str  # that drives it: "module:Class" in ``families``

    @property
    def rough_bytes(self) -> int:
        """What all its weights take at bfloat16, where nobody has counted yet."""
        return sum(self.components.values())


_SD_BYTES = {"unet": 1720 * 10**6, "text_encoder": 246 * 10**6, "vae": 167 * 10**6}
_SDXL_BYTES = {
    "unet": 5135 * 10**6,
    "text_encoder_2": 1390 * 10**6,
    "text_encoder": 246 * 10**6,
    "vae": 167 * 10**6,
}

_ENTRIES = (
    Entry(
        id="sd-turbo",
        title="SD-Turbo",
        task="sketch-to-image",
        licence=STABILITY,
        hub="stabilityai/sd-turbo",
        pipelines=("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"),
        components={"unet": 1732 * 10**6, "text_encoder": 681 * 10**6, "vae": 167 * 10**6},
        width=512,
        height=512,
        draft_steps=1,
        max_steps=8,
        family="unet:UNet",
    ),
    Entry(
        id="sdxl-turbo",
        title="SDXL-Turbo",
        task="sketch-to-image",
        licence=STABILITY,
        hub="stabilityai/sdxl-turbo",
        pipelines=("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"),
        components=_SDXL_BYTES,
        width=512,
        height=512,
        draft_steps=1,
        max_steps=8,
        family="sdxl:SDXLTurbo",
    ),
    Entry(
        id="lcm",
        title="LCM Dreamshaper v7",
        task="sketch-to-image",
        licence=MIT,
        hub="SimianLuo/LCM_Dreamshaper_v7",
        pipelines=("LatentConsistencyModelPipeline", "LatentConsistencyModelImg2ImgPipeline"),
        components=_SD_BYTES,
        width=768,
        height=768,
        draft_steps=2,
        max_steps=8,
        family="unet:LCM",
    ),
    Entry(
        id="sd-1.5",
        title="Stable Diffusion 1.5",
        task="sketch-to-image",
        licence=OPENRAIL_M,
        hub="stable-diffusion-v1-5/stable-diffusion-v1-5",
        pipelines=("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"),
        components=_SD_BYTES,
        width=512,
        height=512,
        draft_steps=8,
        max_steps=50,
        family="unet:StableDiffusion",
    ),
    Entry(
        id="sd-1.5-scribble",
        title="Stable Diffusion 1.5, ControlNet of scribbles",
        task="sketch-to-image",
        licence=OPENRAIL_M,
        hub="lllyasviel/sd-controlnet-scribble",  # its ControlNet; the guide puts both together
        pipelines=("StableDiffusionControlNetPipeline",),
        components={**_SD_BYTES, "controlnet": 723 * 10**6},
        width=512,
        height=512,
        draft_steps=8,
        max_steps=50,
        family="controlnet:ControlNet",
    ),
    Entry(
        id="sd-2.1",
        title="Stable Diffusion 2.1",
        task="sketch-to-image",
        licence=OPENRAIL,
        hub="stabilityai/stable-diffusion-2-1",
        pipelines=("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"),
        components={"unet": 1732 * 10**6, "text_encoder": 681 * 10**6, "vae": 167 * 10**6},
        width=768,
        height=768,
        draft_steps=8,
        max_steps=50,
        family="unet:StableDiffusion2",
    ),
    Entry(
        id="sdxl",
        title="Stable Diffusion XL",
        task="sketch-to-image",
        licence=OPENRAIL,
        hub="stabilityai/stable-diffusion-xl-base-1.0",
        pipelines=("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"),
        components=_SDXL_BYTES,
        width=1024,
        height=1024,
        draft_steps=8,
        max_steps=50,
        family="sdxl:SDXL",
    ),
    Entry(
        id="flux-schnell",
        title="FLUX.1 schnell",
        task="sketch-to-image",
        licence=APACHE,
        hub="black-forest-labs/FLUX.1-schnell",
        pipelines=("FluxPipeline", "FluxImg2ImgPipeline"),
        components={
            "transformer": 23802 * 10**6,
            "text_encoder_2": 9525 * 10**6,
            "text_encoder": 246 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="flux:Flux",
    ),
    Entry(
        id="flux2-klein",
        title="FLUX.2 klein 4B",
        task="image-editing",
        licence=APACHE,
        hub="black-forest-labs/FLUX.2-klein-4B",
        pipelines=("Flux2KleinPipeline",),
        components={
            "transformer": 7751 * 10**6,
            "text_encoder": 8045 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="klein:Klein",
    ),
    Entry(
        id="z-image-turbo",
        title="Z-Image-Turbo",
        task="sketch-to-image",
        licence=APACHE,
        hub="Tongyi-MAI/Z-Image-Turbo",
        pipelines=("ZImagePipeline", "ZImageImg2ImgPipeline"),
        components={
            "transformer": 12310 * 10**6,
            "text_encoder": 8045 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=16,
        family="z_image:ZImage",
    ),
    Entry(
        id="sana-sprint",
        title="SANA-Sprint 0.6B",
        task="sketch-to-image",
        licence=NVIDIA,
        hub="Efficient-Large-Model/Sana_Sprint_0.6B_1024px_diffusers",
        pipelines=("SanaSprintPipeline", "SanaSprintImg2ImgPipeline"),
        components={
            "transformer": 1180 * 10**6,
            "text_encoder": 5229 * 10**6,
            "vae": 625 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="sana:Sana",
    ),
    Entry(
        id="sd3",
        title="Stable Diffusion 3.5 Large Turbo",
        task="sketch-to-image",
        licence=STABILITY,
        hub="stabilityai/stable-diffusion-3.5-large-turbo",
        pipelines=("StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline"),
        components={
            "transformer": 16290 * 10**6,
            "text_encoder": 247 * 10**6,
            "text_encoder_2": 1390 * 10**6,
            "text_encoder_3": 9525 * 10**6,
            "vae": 168 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="sd3:SD3",
    ),
    Entry(
        id="pixart",
        title="PixArt-delta LCM",
        task="sketch-to-image",
        licence=OPENRAIL,
        hub="PixArt-alpha/PixArt-LCM-XL-2-1024-MS",
        pipelines=("PixArtAlphaPipeline",),
        components={
            "transformer": 1222 * 10**6,
            "text_encoder": 9525 * 10**6,
            "vae": 167 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="pixart:PixArt",
    ),
    Entry(
        id="qwen-image",
        title="Qwen-Image",
        task="sketch-to-image",
        licence=APACHE,
        hub="Qwen/Qwen-Image",
        pipelines=("QwenImagePipeline", "QwenImageImg2ImgPipeline"),
        components={
            "transformer": 40861 * 10**6,
            "text_encoder": 16584 * 10**6,
            "vae": 254 * 10**6,
        },
        width=1024,
        height=1024,
        draft_steps=1,
        max_steps=8,
        family="qwen:Qwen",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.id: entry for entry in _ENTRIES}


def what_is_said(name: str) -> str:
    """Return what a model's licence forbids or asks for; empty where that is not known here."""
    return CATALOGUE[name].licence.says if name in CATALOGUE else ""
