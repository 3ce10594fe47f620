"""The models by name that make moving pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..base import ModelInfo, Params
from .causal_model import CausalModel
from .params import FineVideoParams, LightningClipParams, MochiParams, ToldGuidanceClipParams
from .video_model import VideoModel, clips_of

PICTURE = "picture"


class WanClips(VideoModel):
    """Wan Team, "Wan", 2025: clips of words."""

    info: ModelInfo = clips_of("wan")


class WanFromPicture(VideoModel):
    """The same, clips that begin with a picture."""

    pictures: ClassVar[Mapping[str, str]] = {PICTURE: "What the clip begins with."}
    info: ModelInfo = clips_of("wan-i2v", PICTURE)


class WanFromPictureByClip(VideoModel):
    """Wan 2.1, the first that went on from pictures."""

    pictures: ClassVar[Mapping[str, str]] = WanFromPicture.pictures
    info: ModelInfo = clips_of("wan-2.1-i2v", PICTURE)


class WanSmall(VideoModel):
    """Wan 2.2 of five thousand million weights: clips of words, and of a picture."""

    params: ClassVar[type[Params]] = FineVideoParams
    pictures: ClassVar[Mapping[str, str]] = {
        PICTURE: "What the clip begins with; without it, words alone."
    }
    needs_picture: ClassVar[bool] = False
    info: ModelInfo = clips_of("wan-5b", PICTURE, required=False)


class AnimateDiffLightning(VideoModel):
    """Lin and Yang, "AnimateDiff-Lightning", 2024."""

    params: ClassVar[type[Params]] = LightningClipParams
    info: ModelInfo = clips_of("animatediff-lightning")


class HunyuanVideo(VideoModel):
    """Kong et al., "HunyuanVideo", 2024."""

    params: ClassVar[type[Params]] = ToldGuidanceClipParams
    info: ModelInfo = clips_of("hunyuan-video")


class MochiClips(VideoModel):
    """Genmo, "Mochi 1", 2024."""

    params: ClassVar[type[Params]] = MochiParams
    info: ModelInfo = clips_of("mochi")


class AnyFlowStream(CausalModel):
    """NVIDIA, "AnyFlow", 2026: a stream that goes on."""

    info: ModelInfo = clips_of("anyflow")
