"""People who try clothes on, drawn: bodies, poses, clothes and cameras, as exact geometry."""

from pathlib import Path

CACHE = Path(".cache/tryon")
