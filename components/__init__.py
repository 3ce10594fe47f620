"""Gradio components over livedraft's own elements; they need the extra ``ui``."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from livedraft import telemetry as telemetry  # first: Gradio reads it when a Blocks is made
from livedraft.errors import MissingExtraError

if find_spec("gradio") is None:
    raise MissingExtraError("ui", "livedraft.components")

from .live_video import LiveVideo
from .sketch_to_image import SketchToImage
from .sketch_value import SketchValue
from .talking_head import TalkingHead
from .virtual_try_on import TryOnValue, VirtualTryOn

# Gradio writes a stub beside each component's source that no type checker accepts, yet all prefer.
with suppress(OSError):  # of an installation that may not be written to, which then has none
    for stub in Path(__file__).parent.glob("*.pyi"):
        stub.unlink()

__all__ = ["LiveVideo", "SketchToImage", "SketchValue", "TalkingHead", "TryOnValue", "VirtualTryOn"]
