"""Avatars show what they showed when somebody looked at them last.

If a change is meant and looks better, renew the frames with
`python -m tests.runtime.models.head.avatar.golden`, and look at each.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.runtime.models.head.avatar.golden.cases import CASES, FRAMES, frame_of, made

from livedraft.runtime.models.head.avatar import AvatarFace, load

# Frames are kept as WebP, and machines round otherwise.
BLUR_PX = 1.2
FAR, MOST_FAR = 24, 0.0005  # levels of 255 a pixel may be off, and the share that may be off more


def off(now: NDArray[np.uint8], kept: NDArray[np.uint8]) -> float:
    """Return the share of pixels that are far from what they were."""
    assert now.shape == kept.shape
    one, other = (
        cv2.GaussianBlur(each.astype(np.float32), (0, 0), BLUR_PX) for each in (now, kept)
    )
    return float((np.abs(one - other).max(-1) > FAR).mean())


def kept(avatar: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(frame_of(avatar)).convert("RGB"))


@pytest.mark.parametrize("avatar", CASES)
def test_it_is_drawn_as_it_was(avatar: str) -> None:
    share = off(made(load(avatar), avatar), kept(avatar))
    assert share <= MOST_FAR, f"{share:.2%} of {frame_of(avatar).name} is another; see this file"


@pytest.mark.parametrize("avatar", CASES[:3])
def test_a_change_of_its_mouth_is_seen(avatar: str) -> None:
    face = load(avatar)
    wider = face.drawing.mouth.model_copy(update={"width": face.drawing.mouth.width * 1.15})
    drawing = face.drawing.model_copy(update={"mouth": wider})
    base = np.zeros((1024, 1024, 3), np.uint8) + np.array([200, 160, 130], np.uint8)
    over = np.zeros((1024, 1024, 4), np.uint8)
    now, then = (made(AvatarFace(each, base, over), avatar) for each in (drawing, face.drawing))
    assert off(now, then) > MOST_FAR


def test_every_frame_is_of_a_case_and_small() -> None:
    frames = sorted(FRAMES.iterdir())
    assert frames == sorted(frame_of(avatar) for avatar in CASES)
    assert sum(frame.stat().st_size for frame in frames) <= 400_000
