"""What golden frames of avatars show: each that ships, in four expressions side by side."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.head.avatar import AvatarFace, avatars
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.visemes import POSES, VISEMES

FRAMES = Path(__file__).parent / "frames"
CASES = list(avatars())
SIDE = 320  # px of each frame


def frame_of(avatar: str) -> Path:
    """Return where an avatar's frames are kept."""
    return FRAMES / f"{avatar}.webp"


def expressions(avatar: str) -> list[Expression]:
    """Return what an avatar shows: at rest, wide open, in a blink, turned; no two say the same."""
    number = 3 * CASES.index(avatar)
    said = [POSES[(number + each) % len(VISEMES)] for each in range(3)]
    side = 1 if number % 2 else -1
    return [
        Expression(),
        Expression(mouth=POSES[VISEMES.index("aa")], brows=0.8, gaze=(0.7 * side, 0)),
        Expression(mouth=said[0], blink=0.5 + 0.25 * (number % 3), roll=0.05 * side),
        Expression(mouth=said[1], yaw=0.1 * side, pitch=0.05, brows=-0.8, gaze=(-side, 0.6)),
    ]


def made(face: AvatarFace, avatar: str) -> NDArray[np.uint8]:
    """Return what an avatar shows now, uint8 (320, 1280, 3)."""
    frames = [face.render(expression) for expression in expressions(avatar)]
    small = [cv2.resize(each, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for each in frames]
    return np.concatenate(small, axis=1).astype(np.uint8)
