"""What a camera sees of bodies and of their tops, as small planes: `python -m …repair.records`.

They are made of the cache of `training.tryon.data`, around each upper body.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ..data import CACHE
from ..data.bodies import Part
from ..data.records import Layer, Record, records
from .arrays import Bytes, Floats, floats

SIDE = 256  # px of the planes
OVER = 0.03  # m by which cloth may lie behind the skin that it covers
LEAST = 90  # px from shoulders to hips: smaller bodies say little of arms
NOTHING, TRUNK, ARM_L, FACE, HAIR, ARM_R = range(6)  # values of `Body.part`
_ARMS = {
    ARM_L: (Part.LEFT_UPPER_ARM, Part.LEFT_FOREARM, Part.LEFT_HAND),
    ARM_R: (Part.RIGHT_UPPER_ARM, Part.RIGHT_FOREARM, Part.RIGHT_HAND),
}
# Ranges of what is kept in bytes: normals, the place along an arm (0 shoulder, 1 elbow, 2 wrist,
# 3 beyond the fingers), height on the trunk (0 hip, 1 neck), across it (in half shoulders), depth,
# place behind the neck's joint, the cloth's normals.
UNIT = (-1.0, 1.0)
RANGES = (
    UNIT,
    UNIT,
    UNIT,
    (-0.5, 3),
    (-1.5, 1.5),
    (-2.5, 2.5),
    (-0.6, 0.6),
    (-0.25, 0.25),
    UNIT,
    UNIT,
    UNIT,
)
JOINTS = (
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "neck",
)


@dataclass(frozen=True, eq=False)
class Body:
    """One body as a camera sees it, planes of (S, S)."""

    joints: Floats  # (9, 2) px, as `JOINTS`
    part: Bytes
    normal: Floats  # (S, S, 3): x to the right, y down, z towards the camera
    along: Floats
    up: Floats
    across: Floats
    depth: Floats  # m, more is nearer
    front: Floats  # m behind the neck's joint at rest
    cloth: Floats  # 0..1: where its top is seen
    cloth_normal: Floats  # (S, S, 3)

    @property
    def arms(self) -> Floats:
        """Shoulder, elbow and wrist of both arms, (2, 3, 2) px, the picture's left one first."""
        both = np.stack([self.joints[[side, side + 2, side + 4]] for side in (0, 1)])
        return both[np.argsort(both[:, 0, 0])]

    @property
    def width(self) -> float:
        """From shoulder to shoulder, px; not less than half of the height to the hips."""
        shoulders, hips = self.joints[:2], self.joints[6:8]
        height = np.linalg.norm(shoulders.mean(0) - hips.mean(0))
        return float(max(np.linalg.norm(shoulders[0] - shoulders[1]), 0.5 * height))

    def mirrored(self) -> Body:
        """Return the body in a mirror."""
        size = self.part.shape[1]
        planes: list[Any] = [np.ascontiguousarray(plane[:, ::-1]) for plane in self.planes()]
        for which in (1, 8):
            planes[which] = planes[which] * np.array([-1, 1, 1], np.float32)
        joints = np.array([size - 1, 0]) + self.joints * np.array([-1, 1])
        return Body(floats(joints), *planes)

    def resized(self, size: int) -> Body:
        """Return the body at another size, px."""
        planes: list[Any] = [
            cv2.resize(
                plane,
                (size, size),
                interpolation=cv2.INTER_NEAREST if index != 7 else cv2.INTER_LINEAR,
            )
            for index, plane in enumerate(self.planes())
        ]
        return Body(self.joints * np.float32(size / len(self.part)), *planes)

    def planes(self) -> list[Any]:
        """Return all planes in their order."""
        body = [self.part, self.normal, self.along, self.up, self.across, self.depth, self.front]
        return [*body, self.cloth, self.cloth_normal]


class Bodies:
    """Bodies of one file of planes, (n, 13, S, S) bytes, and their joints."""

    def __init__(self, file: Path) -> None:
        self._planes = np.load(file.with_suffix(".npy"), mmap_mode="r")
        self._joints = np.load(file.with_name(file.stem + "_joints.npy"))

    def __len__(self) -> int:
        return len(self._joints)

    def __getitem__(self, index: int) -> Body:
        raw = self._planes[index]
        planes = [
            raw[1 + i].astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
            for i, (low, high) in enumerate(RANGES)
        ]
        normals = [_unit(np.dstack(planes[start : start + 3])) for start in (0, 8)]
        cloth = raw[12].astype(np.float32) / np.float32(255)
        along, up, across, depth, front = planes[3:8]
        body = np.array(raw[0]), normals[0], along, up, across, depth, front
        return Body(self._joints[index], *body, cloth, normals[1])


def _unit(normal: Floats) -> Floats:
    long = np.linalg.norm(normal, axis=-1, keepdims=True)
    return floats(normal / np.maximum(long, 1e-3))


def planes(record: Record) -> tuple[Bytes, Floats] | None:
    """Return a record's planes (13, S, S) and joints; None where the body is too small."""
    joints = np.array([record.meta["joints"][name] for name in JOINTS], np.float32)
    shoulders, hips = joints[:2].mean(0), joints[6:8].mean(0)
    height = float(np.linalg.norm(shoulders - hips))
    if height < LEAST:
        return None
    reach = float(np.ptp(joints[:6, 0])), 1.4 * float(np.linalg.norm(joints[0] - joints[1]))
    size = np.array(record.body.size[::-1], np.float32)
    side = min(1.7 * max(*reach, height), float(size.min()))
    corner = (shoulders * 0.6 + hips * 0.4) - side * np.array([0.5, 0.55], np.float32)
    corner = np.clip(corner, 0, size - side)
    scale = SIDE / side
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])

    def placed(plane: NDArray[Any]) -> NDArray[Any]:
        return cv2.warpAffine(plane, matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST)

    values = [placed(plane) for plane in _values(record)]
    made = np.zeros((13, SIDE, SIDE), np.uint8)
    made[0] = values[0]
    for index, (low, high) in enumerate(RANGES):
        share = (values[1 + index] - low) / (high - low)
        made[1 + index] = np.clip(share * 255 + 0.5, 0, 255).astype(np.uint8)
    made[1:9, made[0] == NOTHING] = 0
    made[12] = values[12] * 255
    made[9:12, made[12] == 0] = 0
    return made, ((joints - corner) * np.float32(scale)).astype(np.float32)


def _values(record: Record) -> list[NDArray[Any]]:
    """Return part, normals, places, depth, and the cloth's normals and mask, at full size."""
    body, cloth, rest = record.body, record.upper, record.meta["rest"]
    part = np.full(len(body.at), TRUNK, np.uint8)
    for code, parts in _ARMS.items():
        part[np.isin(body.part, parts)] = code
    part[np.isin(body.part, (Part.HEAD, Part.EYE))] = FACE
    part[body.part == Part.HAIR] = HAIR
    assert body.rest is not None, "a body's layer has places at rest"
    at = body.rest
    shoulder, elbow, wrist = (
        np.array(rest[f"{bone}.L"]) for bone in ("upperarm01", "lowerarm01", "wrist")
    )
    folded = at * np.array([1, 1, 1], np.float32)
    folded[:, 0] = np.abs(at[:, 0])
    upper = (
        (folded - shoulder) @ (elbow - shoulder) / float((elbow - shoulder) @ (elbow - shoulder))
    )
    lower = (folded - elbow) @ (wrist - elbow) / float((wrist - elbow) @ (wrist - elbow))
    along = np.where(lower > 0, 1 + lower, np.minimum(upper, 1))
    hip, neck = np.array(rest["upperleg01.L"]), np.array(rest["neck01"])
    up = (at[:, 2] - hip[2]) / (neck[2] - hip[2])
    spread = [along, up, at[:, 0] / shoulder[0], -body.depth, at[:, 1] - neck[1]]
    layers = [part, *_seen(body.normal), *spread]
    found = [body.image(values.astype(np.float32)) for values in layers]
    return [found[0].astype(np.uint8), *found[1:], *_cloth(cloth, body)]


def _seen(normal: Floats) -> list[Floats]:
    """Return normals of the world (x right, y away, z up) as a viewer's x, y (down), z (nearer)."""
    return [normal[:, 0], -normal[:, 2], -normal[:, 1]]


def _cloth(cloth: Layer, body: Layer) -> list[Floats]:
    normals = [cloth.image(values) for values in _seen(cloth.normal)]
    behind = cloth.image(cloth.depth) - body.image(body.depth, 1e3)
    return [*normals, (cloth.mask & (behind < OVER)).astype(np.float32)]


def build(cache: Path, held_out: bool, file: Path, most: int) -> int:
    """Write planes and joints of one split of the cache; return how many there are."""
    made: list[Bytes] = []
    joints: list[Floats] = []
    for record in tqdm(records(cache, held_out), total=most):
        found = planes(record)
        if found is not None:
            made.append(found[0])
            joints.append(found[1])
        if len(made) == most:
            break
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file.with_suffix(".npy"), np.array(made))
    np.save(file.with_name(file.stem + "_joints.npy"), np.array(joints))
    return len(made)


def main() -> None:
    """Parse the command line and write both splits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--bodies", type=int, default=3000, help="at most, of each split")
    options = parser.parse_args()
    for split, held_out in (("train", False), ("held", True)):
        count = build(options.cache, held_out, options.cache / "repair" / split, options.bodies)
        print(f"{split}: {count} bodies")


if __name__ == "__main__":
    main()
