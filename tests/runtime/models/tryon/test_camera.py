"""A garment before a camera: it rests on who moves, and what is seen anew does not shake it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from benchmarks.swaying import FRAME_US, film, trembling
from numpy.typing import NDArray
from skimage import data

from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams
from livedraft.runtime.models.tryon.state import TryOnJob, TryOnState

Pixels = NDArray[np.uint8]
pictures: Any = data  # has no types


@pytest.fixture(scope="module")
def model() -> TryOn:
    return TryOn.tiny()


@pytest.fixture(scope="module")
def close() -> Pixels:
    """The astronaut: shoulders of 208 px, hips below the picture; NASA, public domain."""
    return np.asarray(pictures.astronaut(), np.uint8)


@pytest.fixture(scope="module")
def far(close: Pixels) -> Pixels:
    """The same, small in an even room."""
    room = np.full((512, 512, 3), 127, np.uint8)
    room[200:392, 160:352] = cv2.resize(close, (192, 192), interpolation=cv2.INTER_AREA)
    return room


def shown(model: TryOn, state: TryOnState, frame: Pixels, at_us: int) -> TryOnJob:
    chunk = VideoChunk(frame[None], at_us, 2 * FRAME_US)
    sku = TryOnParams(sku="tee-terracotta")
    request = Request(sku, {}, Stage.DRAFT, 1, video={"camera": [chunk]})
    (job,) = model.prepare([(state, request)])
    model.step([job])
    model.emit([job])
    return job


@pytest.mark.parametrize("size", ["close", "far"])
def test_a_garment_rests_on_who_moves(
    model: TryOn, size: str, request: pytest.FixtureRequest
) -> None:
    state, places = model.open(), []
    for shot in list(film(request.getfixturevalue(size), 1, 50))[::2]:
        worn = shown(model, state, shot.picture, shot.at_us).worn
        assert worn is not None
        points = np.concatenate([part.body for each in worn.garments for part in each.parts])
        places.append((points - shot.matrix[:, 2]) @ np.linalg.inv(shot.matrix[:, :2]).T)
    assert trembling(np.array(places[10:]))[0] < 1.5
