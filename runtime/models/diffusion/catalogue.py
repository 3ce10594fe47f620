"""The table of names: what each model is, what its licence allows, where it is published.

Nothing here imports torch, so a list of the models costs nothing. A name stands here as soon as
its family has a driver, and not before. Licences are told as their publishers' model cards have
them; bytes are rough, of the published numbers of weights at two bytes each. What a folder really
takes is counted when it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping

from .entry import Entry
from .flow_entries import TRANSFORMERS
from .unet_entries import UNETS
from .video_entries import CLIPS

__all__ = ["CATALOGUE", "Entry", "what_is_said"]

CATALOGUE: Mapping[str, Entry] = {entry.id: entry for entry in (*UNETS, *TRANSFORMERS, *CLIPS)}


def what_is_said(name: str) -> str:
    """Return what a model's licence forbids or asks for; empty where that is not known here."""
    return CATALOGUE[name].licence.says if name in CATALOGUE else ""
