"""What is done once for each garment picture: cut-out, named points, layers, collar."""

from .garment import Garment, Kind, Sleeves
from .prepare import prepare

__all__ = ["Garment", "Kind", "Sleeves", "prepare"]
