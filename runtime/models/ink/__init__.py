"""`ink`: a small model of our own that paints line drawings, live, on a CPU."""

from .model import HERE, Ink
from .state import InkParams

__all__ = ["HERE", "Ink", "InkParams"]
