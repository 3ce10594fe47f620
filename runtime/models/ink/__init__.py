"""`ink`: a small model of our own that paints line drawings, live, on a CPU."""

from .model import Ink
from .state import InkParams
from .weights import WEIGHTS

__all__ = ["WEIGHTS", "Ink", "InkParams"]
