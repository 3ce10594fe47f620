"""The table of names: what each model is, what its licence allows, where it is published.

Nothing here imports torch, so a list of the models costs nothing. A name stands here as soon as
its family has a driver, and not before. Licences are told as their publishers' model cards have
them; bytes are rough, of the published numbers of weights at two bytes each. What a folder really
takes is counted when it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .entry import Entry
from .flow_entries import TRANSFORMERS
from .sound_entries import SOUNDS
from .unet_entries import UNETS
from .video_entries import CLIPS

__all__ = ["CATALOGUE", "Entry", "what_is_said"]

_MODELS = {entry.id: entry for entry in (*UNETS, *TRANSFORMERS, *CLIPS, *SOUNDS)}
_STREAMED = {  # of whose weights a camera is painted, with the steps of each frame
    "sd-turbo": 1,
    "sdxl-turbo": 1,
    "lcm": 2,
    "sd-1.5": 4,  # of an LCM-LoRA
    "flux-schnell": 1,
}


def _streamed(name: str, steps: int) -> Entry:
    """Return what is known of a model that paints a camera's frames."""
    of = _MODELS[name]
    title = f"{of.title}, of a camera"
    said = f"Paints each frame of a camera as words say, with {of.title}."
    return replace(
        of,
        id=f"{name}-stream",
        title=title,
        description=said,
        task="video-to-video",
        draft_steps=steps,
    )


_STREAMS = {entry.id: entry for entry in (_streamed(*each) for each in _STREAMED.items())}
CATALOGUE: Mapping[str, Entry] = _MODELS | _STREAMS


def what_is_said(name: str) -> str:
    """Return what a model's licence forbids or asks for; empty where that is not known here."""
    return CATALOGUE[name].licence.says if name in CATALOGUE else ""
