"""Restyle: frames in, frames of the same size out, in the styles that are asked for, calm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from livedraft.errors import WeightsError
from livedraft.media.chunks import Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.restyle.model import Restyle, RestyleState
from livedraft.runtime.models.restyle.params import STYLES, RestyleParams

FRAME = np.ascontiguousarray(data.astronaut()[:384:2, ::2][:144])  # 144 by 256


@pytest.fixture(scope="module")
def model() -> Restyle:
    return Restyle.tiny()


def filmed(
    model: Restyle, frames: Pixels, state: RestyleState | None = None, **params: Any
) -> Pixels:
    chunk = VideoChunk(frames, 0, 40_000 * len(frames))
    request = Request(RestyleParams(**params), {}, Stage.DRAFT, 1, video={"camera": [chunk]})
    (job,) = model.prepare([(state or model.open(), request)])
    model.step([job])
    (outputs,) = model.emit([job])
    (made,) = outputs
    assert isinstance(made, VideoChunk)
    assert (made.pts, made.duration) == (chunk.pts, chunk.duration)
    assert made.frames.shape == frames.shape
    return made.frames


def painted(model: Restyle, picture: Pixels, **params: Any) -> Pixels:
    request = Request(RestyleParams(**params), {"picture": picture}, Stage.FINAL, 1)
    (job,) = model.prepare([(model.open(), request)])
    model.step([job])
    (still,) = model.emit([job])[0]
    assert isinstance(still, Still)
    return still.pixels


def apart(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def edges(picture: Pixels) -> np.ndarray[Any, np.dtype[np.float64]]:
    light = picture.astype(float).mean(2)
    return np.asarray(np.hypot(*np.gradient(light)).ravel())


def test_every_style_differs_and_shows_what_is_there(model: Restyle) -> None:
    made = {style: painted(model, FRAME, style=style) for style in STYLES}
    for style, one in made.items():
        others = [other for name, other in made.items() if name != style]
        assert min(apart(one, other) for other in others) > 8, style
        assert np.corrcoef(edges(one), edges(FRAME))[0, 1] > 0.3, style


def test_a_mix_lies_between_its_styles(model: Restyle) -> None:
    one, other = (painted(model, FRAME, style=style) for style in ("night", "pastel"))
    half = painted(model, FRAME, style="night", second="pastel", share=0.5)
    assert max(apart(half, one), apart(half, other)) < apart(one, other)
    assert min(apart(half, one), apart(half, other)) > 8
    all_of_it = painted(model, FRAME, style="night", second="pastel", share=1.0)
    assert np.array_equal(all_of_it, other)


def test_strength_and_colours(model: Restyle) -> None:
    whole = painted(model, FRAME)
    assert np.array_equal(painted(model, FRAME, strength=0), FRAME)
    assert apart(painted(model, FRAME, strength=0.5), FRAME) < 0.6 * apart(whole, FRAME)
    kept = painted(model, FRAME, style="night", colours="kept")
    taken = painted(model, FRAME, style="night")

    def tint(picture: Pixels) -> Pixels:
        return np.asarray(picture - picture.mean(2, keepdims=True) + 128, np.uint8)

    assert apart(tint(kept), tint(FRAME)) < 0.5 * apart(tint(taken), tint(FRAME))


@pytest.mark.parametrize("size", [(1, 1), (5, 300), (147, 251), (144, 256)])
def test_any_size_comes_back_as_it_was(model: Restyle, size: tuple[int, int]) -> None:
    frame = np.full((*size, 3), 90, np.uint8)
    assert painted(model, frame).shape == frame.shape
    assert filmed(model, np.stack([frame, frame])).shape == (2, *frame.shape)


def test_transparency_is_seen_on_white(model: Restyle) -> None:
    clear = np.zeros((64, 64, 4), np.uint8)
    white = np.full((64, 64, 3), 255, np.uint8)
    assert np.array_equal(painted(model, clear), painted(model, white))


def test_without_a_picture_it_says_what_to_do(model: Restyle) -> None:
    request = Request(RestyleParams(), {}, Stage.DRAFT, 1)
    (job,) = model.prepare([(model.open(), request)])
    model.step([job])
    assert [note["code"] for note in job.notes] == ["no_picture"]


def test_a_refine_without_a_picture_is_of_the_newest_frame(model: Restyle) -> None:
    state = model.open()
    filmed(model, FRAME[None], state)
    (job,) = model.prepare([(state, Request(RestyleParams(), {}, Stage.FINAL, 1))])
    model.step([job])
    (still,) = model.emit([job])[0]
    assert isinstance(still, Still)
    assert np.array_equal(still.pixels, painted(model, FRAME))


def test_weights_that_are_missing_or_damaged_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        Restyle.load(str(tmp_path))
    (tmp_path / "restyle.onnx").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="cannot be opened"):
        Restyle.load(str(tmp_path))
