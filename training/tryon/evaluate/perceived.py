"""Measure what try-on sees of people: `python -m training.tryon.evaluate.perceived`.

Joints against the true ones, person and clothes against what the picture truly shows, of held-out
drawn people, by group of skin tones and by framing. Bones' heads are not quite what the networks
call joints: some hundredths of the shoulders' width are of that.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.perception.joints import Joint
from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.perception.pose import Pose
from livedraft.runtime.models.tryon.eyes import Eyes
from livedraft.runtime.models.tryon.person import found

from ..data import CACHE
from ..data.paint import BODY, GROUND, paint
from ..data.records import Record, records
from ..data.skin import tone_of

SEED = 1  # of the pictures
TORSO, ARMS = ("shoulder", "hip"), ("elbow", "wrist")
MISSED = 0.35  # shoulders' widths by which the worst joint of a torso is off: nothing fits then
LEAST_WIDTH = 0.5  # of the torso's height: the unit for who is turned away


@dataclass(frozen=True)
class Sight:
    """What was seen of one person; nothing but the groups where nobody was found."""

    groups: tuple[str, ...]
    joints: NDArray[np.float64] | None = None  # how far those in the picture are off, in widths
    torso: float = 0.0  # of the torso's the worst
    person: float = 0.0  # intersection over union
    clothes: float = 0.0


def perceive(eyes: Eyes, record: Record) -> Sight:
    """Paint a record, and judge what is seen of all of it."""
    tone = tone_of(int(record.meta["index"]))
    sample = paint(record, SEED, tone)
    groups = "all", tone, str(record.meta["framing"])
    person = found(eyes, sample.person, None, {})
    if person is None:
        return Sight(groups)
    parse = eyes.parse(person.image, person.pose, whole=True)
    torso, arms = (off(person.pose, record, names) for names in (TORSO, ARMS))
    return Sight(
        groups,
        np.concatenate([torso, arms]),
        max(torso, default=0.0),
        overlap(parse.of(Part.BACKGROUND) < 0.5, sample.shows > GROUND),
        overlap(parse.of(Part.CLOTHES) > 0.5, sample.shows > BODY),
    )


def off(pose: Pose, record: Record, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return how far joints that lie in the picture are off, in shoulders' widths."""
    true = {name: np.array(place) for name, place in record.meta["joints"].items()}
    neck, seat = ((true[f"left_{name}"] + true[f"right_{name}"]) / 2 for name in TORSO)
    across = float(np.hypot(*(true["left_shoulder"] - true["right_shoulder"])))
    unit = max(across, LEAST_WIDTH * float(np.hypot(*(seat - neck))))
    height, width = record.body.size
    chosen = [f"{side}_{name}" for side in ("left", "right") for name in names]
    inside = [name for name in chosen if ((true[name] >= 0) & (true[name] < (width, height))).all()]
    seen = [pose.points[Joint[name.upper()]] - true[name] - 0.5 for name in inside]
    return np.asarray(np.hypot(*np.array(seen, float).reshape(-1, 2).T) / unit, np.float64)


def overlap(seen: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Return the intersection over the union of two masks."""
    return float((seen & true).sum() / max(1, (seen | true).sum()))


def table(sights: Iterable[Sight]) -> str:
    """Return the figures of each group as lines of Markdown."""
    groups: dict[str, list[Sight]] = {}
    for sight in sights:
        for group in sight.groups:
            groups.setdefault(group, []).append(sight)
    lines = [
        "| | people | nobody found | joints off: median | 90 % | torso missed | person | clothes |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for group, members in groups.items():
        seen = [each for each in members if each.joints is not None]
        joints = np.concatenate(
            [each.joints for each in seen if each.joints is not None] or [np.zeros(1)]
        )
        missed = sum(each.torso > MISSED for each in seen)
        person, clothes = (
            np.mean([getattr(each, name) for each in seen] or [0]) for name in ("person", "clothes")
        )
        lines.append(
            f"| {group} | {len(members)} | {len(members) - len(seen)} | {np.median(joints):.3f} "
            f"| {np.quantile(joints, 0.9):.3f} | {missed} | {person:.3f} | {clothes:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Look at held-out people, and print what was seen of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--count", type=int, default=160)
    options = parser.parse_args()
    eyes = Eyes.load(Plan(threads=1))
    held = islice(records(options.cache, held_out=True), options.count)
    print(table(perceive(eyes, record) for record in tqdm(held, total=options.count)))


if __name__ == "__main__":
    main()
