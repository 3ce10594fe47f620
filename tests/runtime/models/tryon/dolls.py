"""A painted person and a painted garment with all that is known of them: no network looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from livedraft.runtime.models.perception.parse import Parse, Part
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.look import Look, look
from livedraft.runtime.models.tryon.garment import Garment, Kind, Sleeves

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIZE = 384, 512  # px, width and height of a picture
SKIN, SHIRT, TROUSERS, GROUND = (150, 105, 80), (190, 60, 50), (40, 60, 110), (205, 210, 200)
STANDING = [
    [[142, 150], [120, 225], [112, 290], [160, 300], [158, 385], [156, 465]],
    [[242, 150], [264, 225], [272, 290], [224, 300], [226, 385], [228, 465]],
]
CROSSED = [
    [[142, 150], [122, 220], [205, 226], [160, 300], [158, 385], [156, 465]],
    [[242, 150], [262, 220], [178, 210], [224, 300], [226, 385], [228, 465]],
]


def body(joints: ArrayLike = STANDING, **what: Any) -> Body:
    """Return somebody who faces us."""
    return Body(np.array(joints, np.float32), **what)


class Doll:
    """A person: picture, and its parse as if by a network."""

    def __init__(
        self, joints: ArrayLike = STANDING, sleeved: bool = True, hands: bool = True
    ) -> None:
        self.body = body(joints)
        self.image = np.full((SIZE[1], SIZE[0], 3), GROUND, np.uint8)
        self.kinds = np.zeros((SIZE[1], SIZE[0]), np.uint8)
        j = self.body.joints
        for side in (0, 1):
            self._limb(j[side, 3:], 46, TROUSERS, Part.CLOTHES)
        torso = np.array(
            [j[0, 0] - [18, 8], j[1, 0] + [18, -8], j[1, 3] + [22, 0], j[0, 3] - [22, 0]]
        )
        self._fill(torso, SHIRT, Part.CLOTHES)
        self._limb(np.array([[192, 130], [192, 100]]), 40, SKIN, Part.SKIN)
        self._disc((192, 78), 36, SKIN, Part.FACE)
        self._disc((192, 62), 30, (30, 25, 20), Part.HAIR, top=66)
        for side in (0, 1):
            if hands:
                self._disc(tuple(j[side, 2] + (j[side, 2] - j[side, 1]) * 0.2), 13, SKIN, Part.SKIN)
            self._limb(
                j[side, :3], 26, SHIRT if sleeved else SKIN, Part.CLOTHES if sleeved else Part.SKIN
            )
        if not hands:  # nor any other skin
            for part in (Part.SKIN, Part.FACE):
                self.kinds[self.kinds == part] = Part.HAIR
        noise = np.random.default_rng(3).normal(0, 3, self.image.shape)
        self.image = np.clip(self.image + noise, 0, 255).astype(np.uint8)

    @property
    def parse(self) -> Parse:
        """What the network would say, a little unsure at rims."""
        planes = [cv2.blur((self.kinds == part).astype(np.float32), (3, 3)) for part in Part]
        return Parse(np.dstack(planes), np.eye(2, 3), SIZE)

    @property
    def look(self) -> Look:
        """What is read of it."""
        return look(self.image, self.parse, self.body)

    @property
    def clothes(self) -> Floats:
        """Where clothes are, (H, W)."""
        return np.asarray(self.kinds == Part.CLOTHES, np.float32)

    def _fill(self, polygon: object, colour: tuple[int, int, int], part: Part) -> None:
        points = np.array(polygon, np.float32).round().astype(np.int32)
        cv2.fillPoly(self.image, [points], colour)
        cv2.fillPoly(self.kinds, [points], int(part))

    def _limb(self, line: ArrayLike, wide: int, colour: tuple[int, int, int], part: Part) -> None:
        points = np.array(line, np.float32).round().astype(np.int32)
        cv2.polylines(self.image, [points], False, colour, wide)
        cv2.polylines(self.kinds, [points], False, int(part), wide)

    def _disc(
        self,
        at: Iterable[float],
        radius: int,
        colour: tuple[int, int, int],
        part: Part,
        top: int = SIZE[1],
    ) -> None:
        mask = np.zeros(self.kinds.shape, np.uint8)
        x, y = (round(float(v)) for v in at)
        cv2.circle(mask, (x, y), radius, 1, -1)
        mask[top:] = 0
        self.image[mask > 0] = colour
        self.kinds[mask > 0] = int(part)


def garment(
    kind: Kind = "upper", sleeves: Sleeves = "short", colour: tuple[int, int, int] = (240, 200, 40)
) -> Garment:
    """Return a garment cut out of a plain picture, 300 × 300 px."""
    if kind == "lower":
        return _trousers(colour)
    points = {
        "neck_l": (125.0, 30.0),
        "neck_r": (175.0, 30.0),
        "collar": (150.0, 48.0),
        "shoulder_l": (90.0, 45.0),
        "shoulder_r": (210.0, 45.0),
        "pit_l": (95.0, 105.0),
        "pit_r": (205.0, 105.0),
        "hem_l": (95.0, 250.0),
        "hem_r": (205.0, 250.0),
    }
    end = {"none": 0, "short": 70, "long": 190}[sleeves]
    if end:
        points |= {
            "cuff_out_l": (90.0 - end * 0.4, 45.0 + end),
            "cuff_in_l": (118.0 - end * 0.4, 55.0 + end),
            "cuff_out_r": (210.0 + end * 0.4, 45.0 + end),
            "cuff_in_r": (182.0 + end * 0.4, 55.0 + end),
        }
    if kind == "dress":
        points |= {
            "waist_l": (100.0, 150.0),
            "waist_r": (200.0, 150.0),
            "hip_l": (92.0, 190.0),
            "hip_r": (208.0, 190.0),
            "hem_l": (80.0, 290.0),
            "hem_r": (220.0, 290.0),
        }
    sides = [("neck_l", "shoulder_l", "pit_l", "hem_l"), ("hem_r", "pit_r", "shoulder_r", "neck_r")]
    body_ = _polygon([points[name] for side in sides for name in side])
    opening = np.zeros((300, 300), np.float32)
    cv2.ellipse(opening, (150, 30), (25, 18), 0, 0, 360, 1.0, -1)
    limbs = {
        f"sleeve_{side}": _polygon(
            [points[f"{n}_{side}"] for n in ("shoulder", "cuff_out", "cuff_in", "pit")]
        )
        for side in ("l", "r")
        if end
    }
    alpha = np.maximum.reduce([body_ * (1 - opening), *limbs.values()])
    return Garment(
        np.full((300, 300, 3), colour, np.uint8),
        alpha,
        kind,
        points,
        body_ * (1 - opening),
        limbs,
        opening,
        opening * 0,
        sleeves,
    )


def _trousers(colour: tuple[int, int, int]) -> Garment:
    points = {
        "waist_l": (115.0, 20.0),
        "waist_r": (185.0, 20.0),
        "hip_l": (105.0, 75.0),
        "hip_r": (195.0, 75.0),
        "crotch": (150.0, 95.0),
        "knee_out_l": (105.0, 185.0),
        "knee_in_l": (140.0, 185.0),
        "knee_out_r": (195.0, 185.0),
        "knee_in_r": (160.0, 185.0),
        "hem_out_l": (105.0, 285.0),
        "hem_in_l": (135.0, 285.0),
        "hem_out_r": (195.0, 285.0),
        "hem_in_r": (165.0, 285.0),
    }
    seat = _polygon(
        [points[n] for n in ("waist_l", "hip_l")]
        + [(104, 110), (196, 110)]
        + [points[n] for n in ("hip_r", "waist_r")]
    )
    limbs = {
        f"leg_{side}": _polygon(
            [points[f"{n}_{side}"] for n in ("hip", "knee_out", "hem_out", "hem_in", "knee_in")]
            + [points["crotch"], (150.0, 75.0)]
        )
        for side in ("l", "r")
    }
    none = np.zeros((300, 300), np.float32)
    return Garment(
        np.full((300, 300, 3), colour, np.uint8),
        np.maximum.reduce([seat, *limbs.values()]),
        "lower",
        points,
        seat,
        limbs,
        none,
        none,
        "none",
    )


def _polygon(points: object) -> Floats:
    mask = np.zeros((300, 300), np.uint8)
    cv2.fillPoly(mask, [np.array(points, np.float32).round().astype(np.int32)], 255)
    return np.asarray(cv2.blur(mask, (3, 3)) / 255, np.float32)
