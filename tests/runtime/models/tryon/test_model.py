"""The model `tryon` from outside: requests in, pictures, notes and data out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from livedraft.errors import InvalidImage, InvalidParams
from livedraft.media.chunks import Output, Still, VideoChunk
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
def person() -> Pixels:
    return np.asarray(pictures.astronaut(), np.uint8)  # NASA, public domain


@pytest.fixture(scope="module")
def shirt() -> Pixels:
    """A flat shirt, drawn: RGBA."""
    outline = [(180, 60), (300, 60), (420, 110), (470, 230), (390, 260), (375, 215)]
    outline += [(375, 440), (105, 440), (105, 215), (90, 260), (10, 230), (60, 110)]
    picture = np.zeros((480, 480, 4), np.uint8)
    cv2.fillPoly(picture, [np.array(outline, np.int32)], (40, 120, 200, 255))
    cv2.ellipse(picture, (240, 55), (45, 30), 0, 0, 360, (0, 0, 0, 0), -1)
    return picture


def asked(
    model: TryOn,
    state: TryOnState | None = None,
    stage: Stage = Stage.DRAFT,
    params: dict[str, Any] | None = None,
    frame: VideoChunk | None = None,
    **inputs: Pixels,
) -> tuple[TryOnJob, list[Output]]:
    request = Request(
        TryOnParams.model_validate(params or {}),
        inputs,
        stage,
        1,
        video={} if frame is None else {"camera": [frame]},
    )
    (job,) = model.prepare([(state or model.open(), request)])
    model.step([job])
    return job, model.emit([job])[0]


def still(outputs: list[Output]) -> Pixels:
    (made,) = outputs
    assert isinstance(made, Still)
    return made.pixels


def codes(job: TryOnJob) -> list[str]:
    return [note["code"] for note in job.notes]


def test_somebody_wears_it(model: TryOn, person: Pixels, shirt: Pixels) -> None:
    job, made = asked(model, person=person, garment=shirt)
    picture = still(made)
    assert picture.shape == person.shape
    blue = np.abs(picture.astype(int) - (40, 120, 200)).max(-1) < 90
    assert blue[300:420, 180:300].mean() > 0.8
    assert np.array_equal(picture[:100], person[:100])
    assert job.data["category"] == "upper"
    assert {"elbow_l", "shoulder_r"} <= set(job.data["joints"])
    assert len(job.data["people"]) == 1


def test_of_no_picture_comes_nothing_and_a_refine_says_so(model: TryOn, shirt: Pixels) -> None:
    assert asked(model, garment=shirt)[1] == []
    with pytest.raises(InvalidImage, match="no picture of a person"):
        asked(model, stage=Stage.FINAL, garment=shirt)


def test_of_no_garment_comes_the_picture_and_a_word(model: TryOn, person: Pixels) -> None:
    job, made = asked(model, person=person)
    assert np.array_equal(still(made), person)
    assert codes(job) == ["garment_unclear"]


@pytest.mark.parametrize("shape", [(512, 512, 3), (20, 900, 3), (40, 40, 4), (1, 1, 3)])
def test_of_nobody_comes_the_picture_and_a_word(
    model: TryOn, shirt: Pixels, shape: tuple[int, int, int]
) -> None:
    job, made = asked(model, person=np.full(shape, 200, np.uint8), garment=shirt)
    assert codes(job) == ["no_person"]
    assert len(made) == 1


def test_several_people_are_told_and_chosen(model: TryOn, person: Pixels, shirt: Pixels) -> None:
    two = np.ascontiguousarray(np.concatenate([person, person[:, ::-1]], 1))
    job, _ = asked(model, person=two, garment=shirt)
    assert "several_people" in codes(job)
    assert len(job.data["people"]) == 2
    for left, subject in ((True, (0.25, 0.5)), (False, (0.75, 0.5))):
        job, made = asked(model, person=two, garment=shirt, params={"subject": subject})
        assert "several_people" not in codes(job)
        half = still(made).shape[1] // 2
        small = cv2.resize(two, (2 * half, half), interpolation=cv2.INTER_AREA)
        changed = (still(made) != small).any(-1)
        assert changed[:, :half].any() == left
        assert changed[:, half:].any() != left


def test_a_refine_is_as_large_as_the_photograph(
    model: TryOn, person: Pixels, shirt: Pixels
) -> None:
    large = cv2.resize(person, (1000, 1000), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    state = model.open()
    assert still(asked(model, state, person=large, garment=shirt)[1]).shape == (512, 512, 3)
    final = still(asked(model, state, Stage.FINAL, person=large, garment=shirt)[1])
    assert final.shape == (1000, 1000, 3)
    assert np.array_equal(final[:200], large[:200])


def test_a_layer_and_a_mask_are_of_what_changes(
    model: TryOn, person: Pixels, shirt: Pixels
) -> None:
    state = model.open()
    worn = still(asked(model, state, person=person, garment=shirt)[1])
    layer = still(asked(model, state, person=person, garment=shirt, params={"view": "layer"})[1])
    mask = still(asked(model, state, person=person, garment=shirt, params={"view": "mask"})[1])
    assert layer.shape == (512, 512, 4)
    assert not layer[layer[..., 3] == 0].any()  # nothing of the photograph goes out beside it
    assert np.array_equal(mask[..., 0], layer[..., 3])
    alpha = layer[..., 3:] / 255.0
    assert np.abs(person * (1 - alpha) + layer[..., :3] * alpha - worn).max() <= 3


def test_a_hand_made_mask_binds(model: TryOn, person: Pixels, shirt: Pixels) -> None:
    mask = np.zeros((64, 64, 3), np.uint8)
    mask[:, :32] = 255
    picture = still(asked(model, person=person, garment=shirt, mask=mask)[1])
    assert np.array_equal(picture[:, 260:], person[:, 260:])
    assert (picture[:, :250] != person[:, :250]).any()


def test_joints_that_a_user_moves_are_heeded(model: TryOn, person: Pixels, shirt: Pixels) -> None:
    job, _ = asked(model, person=person, garment=shirt)
    x, y = job.data["joints"]["elbow_l"]
    moved = {"joints": {"elbow_l": [x - 0.05, y - 0.02]}}
    again, _ = asked(model, person=person, garment=shirt, params=moved)
    assert again.data["joints"]["elbow_l"] == pytest.approx([x - 0.05, y - 0.02], abs=1e-3)


def test_what_stays_is_not_looked_at_again(model: TryOn, person: Pixels, shirt: Pixels) -> None:
    state = model.open()
    first, _ = asked(model, state, person=person, garment=shirt)
    loose, _ = asked(model, state, person=person, garment=shirt, params={"fit": 1})
    other, _ = asked(model, state, person=person, garment=shirt[:, ::-1].copy())
    assert loose.person is first.person
    assert loose.look is first.look
    assert loose.garments == first.garments
    assert other.look is first.look
    assert other.garments != first.garments


def test_a_garment_that_cannot_be_read_is_refused_with_a_way_out(
    model: TryOn, person: Pixels
) -> None:
    with pytest.raises(InvalidImage) as refused:
        asked(model, person=person, garment=np.full((200, 200, 3), 255, np.uint8))
    assert refused.value.fix
    with pytest.raises(InvalidParams) as unknown:
        asked(model, person=person, params={"sku": "none-such"})
    assert "none-such" in unknown.value.message


def test_a_garment_that_somebody_wears_in_its_picture_is_told(model: TryOn, person: Pixels) -> None:
    with pytest.raises(InvalidImage, match="somebody wears") as caught:
        asked(model, person=person, garment=person)
    assert "alone" in caught.value.fix


def test_a_camera_shows_moving_pictures_in_time(
    model: TryOn, person: Pixels, shirt: Pixels
) -> None:
    state = model.open()
    for number in range(4):
        shift = np.array([[1, 0, 3 * number], [0, 1, 0]], np.float32)
        frame = cv2.warpAffine(person, shift, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        chunk = VideoChunk(frame[None].astype(np.uint8), number * 66_000, 66_000)
        _, (made,) = asked(model, state, frame=chunk, garment=shirt)
        assert isinstance(made, VideoChunk)
        assert (made.pts, made.duration) == (chunk.pts, chunk.duration)
        assert (made.frames != chunk.frames).any()
        assert np.array_equal(made.frames[0, :100], chunk.frames[0, :100])


def test_a_camera_before_nobody_shows_what_it_sees(model: TryOn, shirt: Pixels) -> None:
    chunk = VideoChunk(np.full((1, 240, 320, 3), 90, np.uint8), 0, 33_000)
    job, (made,) = asked(model, frame=chunk, garment=shirt)
    assert isinstance(made, VideoChunk)
    assert np.array_equal(made.frames, chunk.frames)
    assert codes(job) == ["no_person"]


def test_a_finisher_is_handed_all_that_it_needs(
    model: TryOn, person: Pixels, shirt: Pixels
) -> None:
    inputs = {"person": person, "garment": shirt}
    request = Request(TryOnParams(), inputs, Stage.FINAL, 1)
    handed = model.hand_over(model.open(), request)
    assert set(handed) == {"person", "garment", "mask", "draft"}
    same = (handed["mask"] == 0).all(-1)
    assert np.array_equal(handed["draft"][same], handed["person"][same])
    with pytest.raises(InvalidImage, match="no garment"):
        model.hand_over(model.open(), Request(TryOnParams(), {"person": person}, Stage.FINAL, 1))


def test_a_suspended_state_is_light_and_goes_on(
    model: TryOn, person: Pixels, shirt: Pixels
) -> None:
    state = model.open()
    before = still(asked(model, state, person=person, garment=shirt)[1])
    full = model.footprint(state)
    model.suspend(state)
    assert model.footprint(state) < full
    assert np.array_equal(still(asked(model, state, person=person, garment=shirt)[1]), before)
