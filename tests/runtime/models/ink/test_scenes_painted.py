"""Scenes painted: each thing in its own colours, at every size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.scenes.pieces import Piece, side_for

Mask = NDArray[np.bool_]


def halves(picture: Pixels) -> tuple[Mask, Mask]:
    """Return what is left of the widest free column in the middle, and what is right of it."""
    free = picture[..., 3].max(0) <= 8
    middle = np.flatnonzero(free[64:192]) + 64
    split = int(middle[len(middle) // 2])
    left = np.zeros(picture.shape[:2], bool)
    left[:, :split] = True
    return left, ~left


def test_a_thing_is_painted_as_large_as_it_is_laid() -> None:
    def piece(scale: float) -> Piece:
        at = np.array([[scale, 0, 0], [0, scale, 0]], np.float32)
        return Piece(0, at, np.ones((256, 256), bool))

    assert side_for([piece(0.5)], 512) == 256
    assert side_for([piece(0.9)], 512) == 512
    assert side_for([piece(0.3), piece(0.9)], 1024) == 1024


def painted(model: Ink, said: str, size: int = 256, **params: object) -> Pixels:
    asked = InkParams.model_validate({"prompt": said, "size": size, "lines": 0} | params)
    job = model.prepare([(model.open(), Request(asked, {}, Stage.FINAL, 1))])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def mean_colour(picture: Pixels, mask: Mask) -> NDArray[np.float64]:
    inner = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    inner &= picture[..., 3] > 200
    assert inner.sum() > 300
    return np.asarray(np.median(picture[inner][:, :3].astype(float), 0))


@pytest.mark.parametrize(
    ("said", "first"), [("a red cat and a blue dog", 0), ("a blue cat and a red dog", 1)]
)
def test_colours_are_those_of_the_things_that_they_are_said_of(
    model: Ink, said: str, first: int
) -> None:
    picture = painted(model, said)
    both = [mean_colour(picture, half) for half in halves(picture)]
    red, blue = both[first], both[1 - first]
    assert red[0] > red[2] + 80
    assert blue[2] > blue[0] + 80


def test_a_thing_has_the_colours_that_it_has_alone(model: Ink) -> None:
    picture = painted(model, "a frog beside a banana")
    frog, banana = (mean_colour(picture, half) for half in halves(picture))
    assert frog[1] > frog[0] + 40, "green"
    assert banana[0] > frog[0] + 60, "yellow"


@pytest.mark.parametrize("size", [512, 1024])
def test_a_scene_is_the_same_at_every_size(model: Ink, size: int) -> None:
    small, large = (painted(model, "a cat and a tree", side).astype(float) for side in (256, size))
    side = size // 256
    again = large.reshape(256, side, 256, side, 4).mean((1, 3))
    both = (small[..., 3] > 250) & (again[..., 3] > 250)
    assert np.abs(again[..., 3] - small[..., 3]).mean() < 6
    assert np.abs(again[both] - small[both]).mean() < 10


def test_scenes_and_single_drawings_share_a_batch(model: Ink) -> None:
    state, jobs = model.open(), []
    for said in ("a cat and a dog", "a fox", "three stars"):
        asked = Request(InkParams(prompt=said), {}, Stage.DRAFT, 2)
        jobs.append(model.prepare([(state, asked)])[0])
    while not all(job.done for job in jobs):
        model.step(jobs)
    together = [still.pixels for (still,) in model.emit(jobs)]
    request = Request(InkParams(prompt="a fox"), {}, Stage.DRAFT, 2)
    (alone,) = model.prepare([(model.open(), request)])
    while not alone.done:
        model.step([alone])
    assert np.abs(together[1].astype(int) - model.emit([alone])[0][0].pixels).max() <= 2


def test_swatches_count_for_all_things(model: Ink) -> None:
    picture = painted(model, "a cat and a dog", palette=("#2060d0",))
    solid = picture[picture[..., 3] > 200][:, :3].astype(float)
    assert (solid[:, 2] > solid[:, 0] + 40).mean() > 0.5
