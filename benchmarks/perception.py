"""What it costs to see a person: found, tracked, parsed; and how steadily."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from skimage import data

from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.perception.detection import detect
from livedraft.runtime.models.perception.faces import detect as detect_faces
from livedraft.runtime.models.perception.following import Follower
from livedraft.runtime.models.perception.joints import FACE, SHOULDERS
from livedraft.runtime.models.perception.mesh import mesh
from livedraft.runtime.models.perception.networks import FaceNetworks, PoseNetworks, read_parse
from livedraft.runtime.models.perception.parse import parse, whole_body
from livedraft.runtime.models.perception.pose import landmarks
from livedraft.runtime.models.perception.tracker import Tracker

from .harness import Result, command, in_turns, option, processor_ms
from .swaying import film, trembling

SURE = [*FACE, *SHOULDERS]  # joints that the picture shows
_SETTLED = 10  # frames


@dataclass(frozen=True, slots=True)
class Options:
    """See a photograph of 512 px, and a moving picture made of it."""

    rounds: int = option(30, "looks at the photograph")
    frames: int = option(90, "of each moving picture, at 30 a second")
    threads: int = option(1, "that the networks may use")


def measure(options: Options) -> Result:
    """Return the processor's ms of each part, and px by which joints tremble and lag."""
    result = Result("perception", asdict(options))
    plan = Plan(threads=options.threads)
    networks, parser = PoseNetworks.read(plan=plan), read_parse(plan=plan)
    person: Pixels = data.astronaut()
    region = detect(person, networks)[0]
    pose = landmarks(person, region, networks)[0]
    seen = parse(person, whole_body(pose), parser)
    faces = FaceNetworks.read(plan=plan)
    face = detect_faces(person, faces)[0]
    parts: dict[str, Callable[[], Any]] = {
        "find people": lambda: detect(person, networks),
        "joints of one": lambda: landmarks(person, region, networks),
        "parse of one": lambda: parse(person, whole_body(pose), parser),
        "find faces": lambda: detect_faces(person, faces),
        "mesh of one": lambda: mesh(person, face, faces),
        "its pixels": lambda: seen.moved(np.eye(3)[:2]).probabilities,
    }
    result.ms = in_turns(parts, options.rounds)
    followed = Follower(networks, parser)
    times = [
        processor_ms(partial(followed.follow, shot.picture, shot.at_us))
        for shot in film(person, 1, options.frames)
    ]
    result.figures["processor a frame with parses at 5 a second, ms"] = float(np.mean(times))
    for moves, title in ((0, "at rest"), (1, "moving")):
        jitter, lag = _steadiness(person, moves, networks, options.frames)
        result.figures[f"joints {title}: from frame to frame, px"] = jitter
        result.figures[f"joints {title}: off their place, px"] = lag
    return result


def _steadiness(
    person: Pixels, moves: float, networks: PoseNetworks, frames: int
) -> tuple[float, float]:
    tracker, places = Tracker(networks), []
    for shot in film(person, moves, frames):
        pose = tracker.follow(shot.picture, shot.at_us)
        if pose is not None:
            places.append(shot.back(pose)[SURE])
    return trembling(np.array(places[_SETTLED:]))


if __name__ == "__main__":
    command(measure, Options)
