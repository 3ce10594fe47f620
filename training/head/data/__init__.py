"""Speech to learn mouths from: synthesised by openly licensed voices, with its phones' times."""

from pathlib import Path

CACHE = Path(".cache/head")
