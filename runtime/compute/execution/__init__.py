"""How a callable is run: eager, compiled or replayed from a CUDA graph, as measured at warm-up."""

from __future__ import annotations

from .choice import MODES, Choice, Mode
from .execution import Execution
from .store import PlanStore

__all__ = ["MODES", "Choice", "Execution", "Mode", "PlanStore"]
