"""What try-on makes is what it made when somebody looked at it last.

A change of fit, warp, light or repair is seen here. If it is meant and looks better, renew the
frames with `python -m tests.runtime.models.tryon.golden`, and look at each.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.runtime.models.tryon.golden.cases import CASES, FRAMES, Pixels, frame_of, made

from livedraft.runtime.models.tryon.model import TryOn

# Frames are kept as WebP, and machines round otherwise: joints move by a fraction of a px.
BLUR_PX = 1.5
FAR, MOST_FAR = 20, 0.004  # levels of 255 a pixel may be off, and the share that may be off more


@pytest.fixture(scope="module")
def model() -> TryOn:
    return TryOn.tiny()


def off(now: Pixels, kept: Pixels) -> float:
    """Return the share of pixels that are far from what they were."""
    assert now.shape == kept.shape
    one, other = (
        cv2.GaussianBlur(each.astype(np.float32), (0, 0), BLUR_PX) for each in (now, kept)
    )
    return float((np.abs(one - other).max(-1) > FAR).mean())


def kept(case: tuple[str, str, str]) -> Pixels:
    return np.asarray(Image.open(frame_of(*case)).convert("RGB"))


@pytest.mark.parametrize("case", CASES, ids="+".join)
def test_it_is_made_as_it_was(model: TryOn, case: tuple[str, str, str]) -> None:
    share = off(made(model, *case), kept(case))
    assert share <= MOST_FAR, f"{share:.1%} of {frame_of(*case).name} is another; see this file"


def test_a_change_of_fit_is_seen(model: TryOn) -> None:
    for case in CASES[:3]:
        assert off(made(model, *case, fit=0.5), kept(case)) > MOST_FAR


def test_every_frame_is_of_a_case_and_small() -> None:
    frames = sorted(FRAMES.iterdir())
    assert frames == sorted(frame_of(*case) for case in CASES)
    assert all(frame.stat().st_size <= 60_000 for frame in frames)
