"""The models by name that make moving pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..base import ModelInfo
from .video_model import VideoModel, clips_of

PICTURE = "picture"


class WanClips(VideoModel):
    """Wan Team, "Wan", 2025: clips of words."""

    info: ModelInfo = clips_of("wan")


class WanFromPicture(VideoModel):
    """The same, clips that begin with a picture."""

    pictures: ClassVar[Mapping[str, str]] = {PICTURE: "What the clip begins with."}
    info: ModelInfo = clips_of("wan-i2v", PICTURE)
