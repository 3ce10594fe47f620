"""People are found, however many, however large, and their joints with them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from livedraft.errors import WeightsError
from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.perception.detection import Region, detect, everybody
from livedraft.runtime.models.perception.joints import BONES, Joint
from livedraft.runtime.models.perception.networks import PoseNetworks
from livedraft.runtime.models.perception.pose import LEAST_SCORE, Pose, landmarks, similarity
from livedraft.runtime.models.perception.squares import Square, cut

# Places in the astronaut's photograph, px, told by eye.
EYES = {Joint.LEFT_EYE: (246, 103), Joint.RIGHT_EYE: (204, 101)}
SHOULDERS = {Joint.LEFT_SHOULDER: (290, 240), Joint.RIGHT_SHOULDER: (105, 240)}
NOSE = (225, 128)


def only(picture: Pixels, networks: PoseNetworks) -> Pose:
    (region,) = detect(picture, networks)
    return landmarks(picture, region, networks)[0]


def test_joints_are_where_they_are(person: Pixels, networks: PoseNetworks) -> None:
    pose = only(person, networks)
    assert pose.score > 0.9
    for joint, place in EYES.items():
        assert np.hypot(*(pose.points[joint] - place)) < 10
    for joint, place in SHOULDERS.items():
        assert np.hypot(*(pose.points[joint] - place)) < 40  # they are beneath a space suit


def test_what_is_beyond_the_edge_is_said_not_to_be_there(
    person: Pixels, networks: PoseNetworks
) -> None:
    pose = only(person, networks)
    assert pose.presence[Joint.NOSE] > 0.95
    assert max(pose.presence[[Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE]]) < 0.1


def test_several_people_are_told_apart(crowd: Pixels, networks: PoseNetworks) -> None:
    found = detect(crowd, networks)
    assert sorted(round(region.square.x / 256 - 0.5) for region in found) == [0, 1, 2]
    assert [region.score for region in found] == sorted((r.score for r in found), reverse=True)
    noses = [landmarks(crowd, r, networks)[0].points[Joint.NOSE, 0] for r in found]
    assert sorted(int(x // 256) for x in noses) == [0, 1, 2]


@pytest.mark.parametrize("turned", [False, True], ids=["wide", "tall"])
def test_people_far_apart_in_a_panorama_are_found(
    person: Pixels, networks: PoseNetworks, turned: bool
) -> None:
    panorama = np.full((200, 2400, 3), 120, np.uint8)
    small = cv2.resize(person, (200, 200), interpolation=cv2.INTER_AREA)
    for left in (100, 2000):
        panorama[:, left : left + 200] = small
    if turned:
        panorama = np.full((2400, 200, 3), 120, np.uint8)
        for top in (100, 2000):
            panorama[top : top + 200] = small
    found = detect(panorama, networks)
    noses = [landmarks(panorama, each, networks)[0].points[Joint.NOSE] for each in found]
    along = sorted(nose[int(turned)] for nose in noses)
    first = NOSE[int(turned)] * 200 / 512
    np.testing.assert_allclose(along, [100 + first, 2000 + first], atol=12)


def test_the_same_is_seen_at_any_size(person: Pixels, networks: PoseNetworks) -> None:
    large = cv2.resize(person, (2048, 2048), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    one, other = only(person, networks), only(large, networks)
    there = one.presence > 0.9
    apart = np.hypot(*(other.points / 4 - one.points)[there].T)
    assert np.median(apart) < 3


def test_turned_pictures_have_turned_people(person: Pixels, networks: PoseNetworks) -> None:
    upright, turned = (only(each, networks) for each in (person, np.rot90(person, -1)))
    expected = np.stack([512 - upright.points[:, 1], upright.points[:, 0]], axis=1)
    eyes = [Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.NOSE]
    assert np.abs(turned.points[eyes] - expected[eyes]).max() < 12


def test_transparency_changes_nothing(person: Pixels, networks: PoseNetworks) -> None:
    clear = np.dstack([person, np.zeros((512, 512), np.uint8)])
    np.testing.assert_array_equal(only(clear, networks).points, only(person, networks).points)


# Joints of the drawn person whose skin is very deep, px: where the drawing has them.
DRAWN = {
    Joint.LEFT_SHOULDER: (244, 182),
    Joint.RIGHT_SHOULDER: (132, 173),
    Joint.LEFT_ELBOW: (253, 264),
    Joint.RIGHT_ELBOW: (117, 256),
}


def test_dark_faces_before_bright_walls_are_found(dark: Pixels, networks: PoseNetworks) -> None:
    (region,) = everybody(dark, networks)
    pose, _ = landmarks(dark, region, networks)
    assert pose.score > 0.9
    for joint, place in DRAWN.items():
        assert np.hypot(*(pose.points[joint] - place)) < 14, joint.label


def test_who_is_seen_well_is_found_as_ever(person: Pixels, networks: PoseNetworks) -> None:
    assert everybody(person, networks) == detect(person, networks)


EMPTY = {
    "a pixel": np.full((1, 1, 3), 200, np.uint8),
    "a line": np.full((1, 4000, 3), 200, np.uint8),
    "black": np.zeros((480, 640, 3), np.uint8),
    "white": np.full((480, 640, 4), 255, np.uint8),
    "noise": np.random.default_rng(5).integers(0, 255, (300, 200, 3), dtype=np.uint8),
    "a panorama": np.full((100, 12_000, 3), 90, np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
def test_where_nobody_is_nobody_is_found(name: str, networks: PoseNetworks) -> None:
    assert everybody(EMPTY[name], networks) == detect(EMPTY[name], networks, closely=True) == []


@pytest.mark.parametrize("name", EMPTY)
def test_looking_at_nothing_gives_numbers_that_say_so(name: str, networks: PoseNetworks) -> None:
    picture = EMPTY[name]
    pose, region = landmarks(picture, Region(Square.around(picture), 1.0), networks)
    assert pose.score < LEAST_SCORE
    for values in (pose.points, pose.depth, pose.visibility, pose.presence):
        assert np.isfinite(values).all()
    assert np.isfinite([region.square.x, region.square.side]).all()


@pytest.mark.parametrize("x", [-1e6, 512, 1e6])
def test_a_square_outside_of_a_picture_is_black(person: Pixels, x: float) -> None:
    assert cut(person, Square(x, x, 4.0), 16).max() <= person.max() / 255
    assert cut(person, Square(1e6, 1e6, 64.0), 16).max() == 0


def test_a_cut_keeps_the_places_of_things() -> None:
    picture = np.zeros((400, 600, 3), np.uint8)
    picture[100:140, 300:340] = 255  # its middle is at 320, 120
    for side in (40, 100, 400):
        square = Square(310, 130, 300, angle=0.4)
        held = cut(picture, square, side)[..., 0]
        rows, columns = np.indices(held.shape)
        own = np.array(
            [np.average(columns + 0.5, weights=held), np.average(rows + 0.5, weights=held)]
        )
        matrix = square.matrix(side)
        np.testing.assert_allclose(matrix[:, :2] @ own + matrix[:, 2], (320, 120), atol=0.7)


def test_a_similarity_takes_one_torso_to_the_other(person: Pixels, networks: PoseNetworks) -> None:
    pose = only(person, networks)
    matrix = np.array([[0.8, -0.3, 20.0], [0.3, 0.8, -7.0]])
    after = pose.moved((pose.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32))
    np.testing.assert_allclose(similarity(pose, after), matrix, atol=1e-3)


def test_bones_join_joints_with_names() -> None:
    assert len(Joint) == 33
    assert {joint.label for bone in BONES for joint in bone} <= {joint.label for joint in Joint}
    assert Joint.LEFT_SHOULDER.label == "left_shoulder"


def test_a_folder_without_networks_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pose_detection") as caught:
        PoseNetworks.read(str(tmp_path))
    assert "pose_detection.onnx" in caught.value.fix
    (tmp_path / "pose_detection.onnx").write_bytes(b"no network")
    with pytest.raises(WeightsError, match="cannot be opened"):
        PoseNetworks.read(str(tmp_path))


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(WeightsError, match="cannot run on device 'mps'"):
        PoseNetworks.read(plan=Plan("mps"))
