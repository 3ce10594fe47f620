"""Gradio components over livedraft's own elements; they need the extra ``ui``."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from livedraft import telemetry as telemetry  # first: before Gradio is loaded
from livedraft.errors import MissingExtraError

if find_spec("gradio") is None:
    raise MissingExtraError("ui", "livedraft.components")

# Each gr.Blocks would ask for Gradio's newest version and report itself. Gradio reads this when one
# is made, so who imports us first is offline; what the user has set stays.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from .sketch_to_image import SketchToImage
from .sketch_value import SketchValue

# Gradio writes a stub beside each component's source that no type checker accepts, yet all prefer.
with suppress(OSError):  # of an installation that may not be written to, which then has none
    for stub in Path(__file__).parent.glob("*.pyi"):
        stub.unlink()

__all__ = ["SketchToImage", "SketchValue"]
