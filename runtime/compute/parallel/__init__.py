"""One network in several processes, each on a device of its own: by rows of a call, by tokens."""

from __future__ import annotations

from .ranks import Ranks
from .shares import Spec

__all__ = ["Ranks", "Spec"]
