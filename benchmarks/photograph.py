"""What a photograph that speaks costs: prepared once, then each frame of 512 px."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
from skimage import data

from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.photograph import prepare
from livedraft.runtime.models.head.visemes import POSES
from livedraft.runtime.models.perception.networks import FaceNetworks, read_parse

from .harness import Result, command, in_turns, option


@dataclass(frozen=True, slots=True)
class Options:
    """Prepare a photograph of 512 px, and have it show each viseme."""

    rounds: int = option(200, "frames of each kind")


def measure(options: Options) -> Result:
    """Return the processor's ms of each part."""
    result = Result("photograph", asdict(options))
    plan = Plan(threads=1)
    networks, parser = FaceNetworks.read(plan=plan), read_parse(plan=plan)
    person: Pixels = data.astronaut()
    face = prepare(person, networks, parser)
    numbers = count()

    def alive(mouth: int) -> Expression:
        sway = float(np.sin(mouth / 7))
        pose = POSES[mouth % len(POSES)]
        return Expression(pose, blink=0.5 + 0.5 * sway, gaze=(0.2 * sway, 0.0), yaw=0.05 * sway)

    parts: dict[str, Callable[[], Any]] = {
        "frame at rest": lambda: face.render(Expression()),
        "frame that speaks, blinks and sways": lambda: face.render(alive(next(numbers))),
    }
    result.ms = in_turns(parts, options.rounds)
    result.ms |= in_turns({"prepare": lambda: prepare(person, networks, parser)}, 5)
    result.figures["bytes held"] = float(face.nbytes)
    return result


if __name__ == "__main__":
    command(measure, Options)
