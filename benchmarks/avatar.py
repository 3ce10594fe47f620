"""What an avatar that speaks costs: read once, then each frame of 512 px, and its idle life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import count
from typing import Any

from livedraft.runtime.models.head.avatar import AvatarFace, load
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.life import Life
from livedraft.runtime.models.head.visemes import POSES

from .harness import Result, command, in_turns, option


@dataclass(frozen=True, slots=True)
class Options:
    """Have an avatar show each viseme while it lives; then one that wears glasses over its eyes."""

    rounds: int = option(200, "frames of each kind")


def measure(options: Options) -> Result:
    """Return the processor's ms of each part."""
    result = Result("avatar", asdict(options))
    plain, glasses = load("ada"), load("ruth")
    lively = Life(liveliness=1)
    ticks = count()

    def alive(face: AvatarFace) -> Any:
        tick = next(ticks)
        shown = lively.at(40_000 * tick, "speaking", 0.5)
        return face.render(replace(shown, mouth=POSES[tick % len(POSES)]))

    parts: dict[str, Callable[[], Any]] = {
        "frame at rest": lambda: plain.render(Expression()),
        "frame that speaks and lives": lambda: alive(plain),
        "frame that speaks and lives behind glasses": lambda: alive(glasses),
        "idle life alone": lambda: lively.at(40_000 * next(ticks), "idle"),
    }
    result.ms = in_turns(parts, options.rounds)
    result.ms |= in_turns({"load": lambda: load("ada")}, 5)
    result.figures["bytes held"] = float(glasses.nbytes)
    return result


if __name__ == "__main__":
    command(measure, Options)
