"""The models by name that make moving pictures, as the catalogue has them."""

from __future__ import annotations

from .entry import Entry
from .terms import APACHE

CLIPS = (
    Entry(
        id="wan",
        title="Wan 2.1 1.3B",
        task="text-to-video",
        licence=APACHE,
        hub="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        pipelines=("WanPipeline",),
        components={
            "transformer": 2838 * 10**6,
            "text_encoder": 11361 * 10**6,
            "vae": 254 * 10**6,
        },
        width=832,
        height=480,
        draft_steps=4,
        max_steps=50,
        family="wan:Wan",
        rate=16.0,
    ),
    Entry(
        id="wan-i2v",
        title="Wan 2.2 image-to-video 14B, two experts",
        task="image-to-video",
        licence=APACHE,
        hub="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        pipelines=("WanImageToVideoPipeline",),
        components={
            "transformer": 28578 * 10**6,
            "transformer_2": 28578 * 10**6,
            "text_encoder": 11361 * 10**6,
            "vae": 254 * 10**6,
        },
        width=832,
        height=480,
        draft_steps=4,
        max_steps=50,
        family="wan:WanPicture",
        rate=16.0,
    ),
)
