"""Sound to mouth: a causal net that hears visemes, and the mouth that they make at a time."""

from .encoder import AudioEncoder
from .mouth import MouthTrack

__all__ = ["AudioEncoder", "MouthTrack"]
