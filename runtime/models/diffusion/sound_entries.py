"""The models by name that make sound, as the catalogue has them."""

from __future__ import annotations

from .entry import Entry
from .terms import STABILITY

SOUNDS = (
    Entry(
        id="stable-audio",
        title="Stable Audio Open 1.0",
        description="Makes sounds and short music from words.",
        task="text-to-sound",
        licence=STABILITY,
        hub="stabilityai/stable-audio-open-1.0",
        pipelines=("StableAudioPipeline",),
        components={
            "transformer": 2114 * 10**6,
            "text_encoder": 219 * 10**6,
            "vae": 313 * 10**6,
            "projection_model": 2 * 10**6,
        },
        width=1,  # of pictures, which there are none of
        height=1,
        draft_steps=10,
        max_steps=200,
        family="stable_audio:StableAudio",
    ),
)
