"""A photograph speaks as it did when somebody looked at it last.

A change of motion, lids or teeth is seen here. If it is meant and looks better, renew the frames
with `python -m tests.runtime.models.head.photograph.golden`, and look at each.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.runtime.models.head.photograph.golden.cases import CASES, FRAMES, frame_of, made

from livedraft.runtime.models.base import Pixels

# Frames are kept as WebP, and machines round otherwise: points move by a fraction of a px.
FAR, MOST_FAR = 24, 0.002  # levels of 255 a pixel may be off, and the share that may be off more


@pytest.fixture(scope="module")
def frames() -> dict[str, Pixels]:
    return dict(made())


def off(now: Pixels, kept: Pixels) -> float:
    """Return the share of pixels that are far from what they were, each 2 x 2 averaged."""
    one, other = (
        each.astype(np.float32).reshape(256, 2, 256, 2, 3).mean(axis=(1, 3)) for each in (now, kept)
    )
    return float((np.abs(one - other).max(-1) > FAR).mean())


def kept(name: str) -> Pixels:
    return np.asarray(Image.open(frame_of(name)).convert("RGB"))


@pytest.mark.parametrize("name", CASES)
def test_it_is_drawn_as_it_was(frames: dict[str, Pixels], name: str) -> None:
    share = off(frames[name], kept(name))
    assert share <= MOST_FAR, f"{share:.1%} of {name} is another; see this file"


def test_a_change_is_seen(frames: dict[str, Pixels]) -> None:
    for one, other in (("smile", "sil"), ("FF", "U"), ("sil", "blink")):
        assert off(frames[one], kept(other)) > MOST_FAR


def test_every_frame_is_of_a_case_and_small() -> None:
    assert sorted(FRAMES.iterdir()) == sorted(frame_of(name) for name in CASES)
    assert all(frame.stat().st_size <= 60_000 for frame in FRAMES.iterdir())
