"""What a session has had of an engine, and in which phase."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from livedraft.protocol.messages import Stage


class Phase(IntEnum):
    """What a task needs next from the engine."""

    HAND_OVER = 0  # of the model that drafted, for another one that refines
    PREPARE = 1
    STEP = 2
    EMIT = 3


@dataclass(slots=True, eq=False)
class Account:
    """What a session has had of the engine; the scheduler's to write."""

    served: dict[Stage, float] = field(default_factory=dict)  # s, once it has asked
    costs: dict[tuple[Stage, Phase], float] = field(default_factory=dict)  # s, of its last calls
    groups: dict[Stage, int] = field(default_factory=dict)  # of its last jobs
