"""Gradio components over livedraft's own elements; they need the extra ``ui``."""

from __future__ import annotations

from importlib.util import find_spec

from livedraft.errors import MissingExtraError

if find_spec("gradio") is None:
    raise MissingExtraError("ui", "livedraft.components")

from .sketch_to_image import SketchToImage
from .sketch_value import SketchValue

__all__ = ["SketchToImage", "SketchValue"]
