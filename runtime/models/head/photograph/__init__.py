"""Photographs that speak: a portrait is prepared once, and drawn many times."""

from .face import PhotographFace
from .prepare import prepare

__all__ = ["PhotographFace", "prepare"]
