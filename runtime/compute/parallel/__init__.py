"""One network in several processes, each on a device of its own: by rows, tokens or blocks."""

from __future__ import annotations

from .ranks import Ranks
from .shares import Spec
from .stages import chain
from .worn import RankSlots

__all__ = ["RankSlots", "Ranks", "Spec", "chain"]
