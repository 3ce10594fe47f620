"""``pose``, ``parse`` and ``face`` as clients meet them: pictures in, numbers and overlays out."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.sdk.client.test_real_server import serving

from livedraft.client import AsyncClient
from livedraft.errors import InvalidParams
from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import AnyModel, Pixels, Request
from livedraft.runtime.models.perception.contours import CONTOURS, POINTS
from livedraft.runtime.models.perception.face_model import FaceModel, FaceParams
from livedraft.runtime.models.perception.joints import Joint
from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.perception.parse_model import ParseModel, ParseParams
from livedraft.runtime.models.perception.pose_model import PoseModel, PoseParams
from livedraft.runtime.models.perception.seeing import SeeingJob

Seer = PoseModel | ParseModel | FaceModel
NOSE = (225, 128)  # of the astronaut, px
WINDOW = (400, 60)  # behind her: background


@pytest.fixture(scope="module")
def pose() -> PoseModel:
    return PoseModel.tiny()


@pytest.fixture(scope="module")
def parsed() -> ParseModel:
    return ParseModel.tiny()


@pytest.fixture(scope="module")
def face() -> FaceModel:
    return FaceModel.tiny()


@pytest.fixture(params=["pose", "parse", "face"])
def model(
    request: pytest.FixtureRequest, pose: PoseModel, parsed: ParseModel, face: FaceModel
) -> Seer:
    models: dict[str, Seer] = {"pose": pose, "parse": parsed, "face": face}
    return models[request.param]


def asked(model: Any, picture: Pixels | None = None, **more: Any) -> SeeingJob[Any, Any]:
    """Return a finished job of a picture, or of what ``more`` says."""
    params = model.params(**{k: v for k, v in more.items() if k in model.params.model_fields})
    inputs = {} if picture is None else {"picture": picture}
    stage = more.get("stage", Stage.DRAFT)
    request = Request(params, inputs, stage, 1, video=more.get("video", {}))
    state = more.get("state") or model.open()
    (job,) = model.prepare([(state, request)])
    model.step([job])
    found: SeeingJob[Any, Any] = job
    return found


def still(job: SeeingJob[Any, Any]) -> Pixels:
    (made,) = job.outputs
    assert isinstance(made, Still)
    return made.pixels


def test_joints_are_told_in_shares_of_the_picture(pose: PoseModel, person: Pixels) -> None:
    job = asked(pose, person)
    (found,) = job.data["people"]
    nose = found["joints"]["nose"]
    assert np.hypot(nose["x"] * 512 - NOSE[0], nose["y"] * 512 - NOSE[1]) < 10
    assert found["joints"].keys() == {joint.label for joint in Joint}
    left, top, right, bottom = found["box"]
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert left < nose["x"] < right
    assert job.notes == ()


def test_the_overlay_is_drawn_on_the_person_alone(pose: PoseModel, person: Pixels) -> None:
    drawn = still(asked(pose, person))
    changed = (drawn != person).any(axis=-1)
    assert changed[200:400, 80:320].any()
    assert not changed[:100, 350:].any()


def test_several_people_are_told_and_drawn(pose: PoseModel, crowd: Pixels) -> None:
    assert len(asked(pose, crowd).data["people"]) == 3
    job = asked(pose, crowd, people=1)
    assert len(job.data["people"]) == 1
    (note,) = job.notes
    assert (note["code"], note["param"], note["choices"]) == ("several_people", "people", ["3"])
    assert "3" in note["message"]


def test_a_face_is_told_in_shares_of_the_picture(face: FaceModel, person: Pixels) -> None:
    (found,) = asked(face, person).data["people"]
    assert found["contours"].keys() == CONTOURS.keys()
    tip = found["contours"]["nose"][6]
    assert np.hypot(tip[0] * 512 - NOSE[0], tip[1] * 512 - NOSE[1]) < 10
    assert tip[2] < -0.02, "it is nearer than the face's middle"
    left, top, right, bottom = found["box"]
    assert 0 <= left < tip[0] < right <= 1
    assert 0 <= top < tip[1] < bottom <= 1
    assert abs(found["turn"]["yaw"]) < 8
    assert found["lips"] > 0.1, "she laughs"
    assert min(found["lids"].values()) > 0.2, "with her eyes open"
    assert "points" not in found
    (whole,) = asked(face, person, points=True).data["people"]
    assert len(whole["points"]) == POINTS


def test_its_overlay_stays_on_the_face(face: FaceModel, person: Pixels) -> None:
    changed = (still(asked(face, person)) != person).any(axis=-1)
    assert changed[60:190, 160:290].mean() > 0.05
    assert not changed[240:].any()


def test_several_faces_are_told_and_drawn(face: FaceModel, crowd: Pixels) -> None:
    assert len(asked(face, crowd).data["people"]) == 3
    (note,) = asked(face, crowd, people=2).notes
    assert (note["code"], note["param"], note["choices"]) == ("several_people", "people", ["3"])


def test_parts_are_told_with_share_and_box(parsed: ParseModel, person: Pixels) -> None:
    (found,) = asked(parsed, person).data["people"]
    parts = found["parts"]
    assert parts.keys() <= {part.label for part in Part}
    assert parts["clothes"]["share"] > parts["face"]["share"] > 0.01
    left, top, right, bottom = parts["face"]["box"]
    assert left < NOSE[0] / 512 < right
    assert top < NOSE[1] / 512 < bottom


def test_a_cutout_holds_the_person_alone(parsed: ParseModel, person: Pixels) -> None:
    cut = still(asked(parsed, person, view="cutout"))
    assert cut.shape == (512, 512, 4)
    assert cut[NOSE[1], NOSE[0], 3] > 240
    assert cut[WINDOW[1], WINDOW[0], 3] < 15
    np.testing.assert_array_equal(cut[..., :3], person)


def test_each_of_several_people_is_parsed_when_asked(parsed: ParseModel, crowd: Pixels) -> None:
    one = still(asked(parsed, crowd, view="cutout"))[..., 3] > 128
    job = asked(parsed, crowd, view="cutout", people=3)
    assert len(job.data["people"]) == 3
    shown = still(job)[..., 3] > 128
    for face in (112, 400, 624):  # px from the left; the one in the middle is mirrored
        assert shown[62, face - 8 : face + 8].all()
    assert not one[62, [112, 400, 624]].all()


def test_a_closer_look_is_a_param(parsed: ParseModel, person: Pixels) -> None:
    standing = np.pad(person, ((0, 188), (0, 0), (0, 0)), mode="edge")  # there is room for legs
    whole, upper = (still(asked(parsed, standing, body=each)) for each in ("whole", "upper"))
    assert (whole != upper).any()


NOBODY: dict[str, Pixels] = {
    "black": np.zeros((480, 640, 3), np.uint8),
    "a pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": np.zeros((1, 2000, 4), np.uint8),
    "a panorama": np.full((60, 2048, 3), 120, np.uint8),
    "nothing but transparency": np.zeros((300, 200, 4), np.uint8),
}


def nobody(model: Seer) -> str:
    return "no_face" if isinstance(model, FaceModel) else "no_person"


@pytest.mark.parametrize("name", NOBODY)
def test_where_nobody_is_a_note_says_what_to_do(name: str, model: Seer) -> None:
    job = asked(model, NOBODY[name])
    assert job.data == {"people": []}
    assert [note["code"] for note in job.notes] == [nobody(model)]
    assert still(job).shape == (*NOBODY[name].shape[:2], 3)
    if NOBODY[name].shape[2] == 4:
        assert still(job).min() == 255, "what is clear is seen on white"


def test_without_a_picture_a_note_says_so(model: Seer) -> None:
    job = asked(model)
    assert [note["code"] for note in job.notes] == ["no_picture"]
    assert still(job).shape == (512, 512, 3)


def chunk(frames: Pixels, at_us: int) -> Mapping[str, Any]:
    return {"camera": [VideoChunk(frames, at_us, 33_333 * len(frames))]}


def test_frames_come_back_at_their_times(model: Seer, person: Pixels) -> None:
    job = asked(model, video=chunk(np.stack([person, person]), 7_000_000))
    (made,) = job.outputs
    assert isinstance(made, VideoChunk)
    assert (made.pts, made.duration, made.frames.shape) == (7_000_000, 66_666, (2, 512, 512, 3))
    assert (made.frames[0] != person).any()
    assert len(job.data["people"]) == 1


def test_a_camera_may_see_nobody(model: Seer) -> None:
    job = asked(model, video=chunk(np.zeros((1, 90, 160, 3), np.uint8), 0))
    assert [note["code"] for note in job.notes] == [nobody(model)]
    (made,) = job.outputs
    assert isinstance(made, VideoChunk)
    assert not made.frames.any()


def test_the_newest_frame_is_what_a_refine_shows(model: Seer, person: Pixels) -> None:
    state = model.open()
    asked(model, state=state, video=chunk(person[None], 0))
    job = asked(model, state=state, stage=Stage.FINAL)
    assert still(job).shape == (512, 512, 3)
    assert len(job.data["people"]) == 1


def test_all_that_is_told_goes_into_json(model: Seer, crowd: Pixels) -> None:
    job = asked(model, crowd, people=8)
    text = json.dumps(job.data, allow_nan=False)
    assert len(text) < 64 * 1024


def test_a_session_tells_what_it_keeps(model: AnyModel, person: Pixels) -> None:
    state = model.open()
    asked(model, state=state, video=chunk(person[None], 0))
    assert model.footprint(state) >= person.nbytes


@pytest.mark.parametrize("people", [0, 17])
@pytest.mark.parametrize("params", [PoseParams, ParseParams, FaceParams])
def test_how_many_people_is_bounded(
    params: type[PoseParams | ParseParams | FaceParams], people: int
) -> None:
    with pytest.raises(ValueError, match="people"):
        params(people=people)


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("pose", "parse", "face")) as client:
        yield client


@pytest.mark.anyio
async def test_over_the_wire_a_picture_is_measured(client: AsyncClient, person: Pixels) -> None:
    async with client.session("pose") as session:
        await session.send(Image.fromarray(person))
        frame = await session.next_frame()
        assert frame is not None
        assert frame.image.size == (512, 512)
        nose = frame.data["people"][0]["joints"]["nose"]
        assert abs(nose["x"] * 512 - NOSE[0]) < 10
        await session.switch("parse", view="cutout")
        frame = await session.next_frame()
        assert frame is not None
        assert frame.image.mode == "RGBA"
        assert "face" in frame.data["people"][0]["parts"]
        await session.switch("face", points=True)
        frame = await session.next_frame()
        assert frame is not None
        assert len(frame.data["people"][0]["points"]) == POINTS
        await session.switch("parse")
        with pytest.raises(InvalidParams, match="view"):
            await session.update(view="upside down")


@pytest.mark.anyio
async def test_over_the_wire_a_camera_is_followed(client: AsyncClient, person: Pixels) -> None:
    async with client.session("pose", codecs=["jpeg"]) as session:
        await session.send({"camera": person})
        made: Output = await anext(session.outputs())
        assert isinstance(made, VideoChunk)
        assert len(session.data["people"]) == 1
