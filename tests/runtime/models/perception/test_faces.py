"""Faces are found, meshed and followed: large and small, light and dark, turned and hidden."""

import cv2
import numpy as np
import pytest

from livedraft.errors import WeightsError
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.perception.contours import CHIN, CONTOURS, FOREHEAD, NOSE_TIP, POINTS
from livedraft.runtime.models.perception.face_tracker import FaceTracker
from livedraft.runtime.models.perception.faces import FaceRegion, detect
from livedraft.runtime.models.perception.mesh import LEAST_PRESENCE, Mesh, mesh, meshes, still_mesh
from livedraft.runtime.models.perception.networks import FaceNetworks
from livedraft.runtime.models.perception.squares import Square

NOSE = (225, 128)  # of the astronaut, px


@pytest.fixture(scope="module")
def laughing(person: Pixels, face_networks: FaceNetworks) -> Mesh:
    (region,) = detect(person, face_networks)
    return still_mesh(person, region, face_networks)


def test_a_mesh_lies_on_its_face(laughing: Mesh) -> None:
    assert laughing.points.shape == (POINTS, 2)
    assert np.linalg.norm(laughing.points[NOSE_TIP] - NOSE) < 8
    assert laughing.points[FOREHEAD, 1] < laughing.points[NOSE_TIP, 1] < laughing.points[CHIN, 1]
    assert laughing.depth[NOSE_TIP] < laughing.depth.mean()
    assert laughing.presence > 0.99


def test_contours_name_each_point_once() -> None:
    for name, line in CONTOURS.items():
        assert len(set(line)) == len(line), name
        assert all(0 <= number < POINTS for number in line)


@pytest.mark.parametrize("degrees", [-40, 25])
def test_a_face_is_upright_wherever_the_picture_is(
    person: Pixels, laughing: Mesh, face_networks: FaceNetworks, degrees: int
) -> None:
    turned = cv2.getRotationMatrix2D(NOSE, -degrees, 1.0)  # OpenCV turns the other way
    picture = cv2.warpAffine(person, turned, (512, 512)).astype(np.uint8)
    (region,) = detect(picture, face_networks)
    found = still_mesh(picture, region, face_networks)
    expected = laughing.points @ turned[:, :2].T + turned[:, 2]
    assert np.linalg.norm(found.points - expected, axis=1).mean() < 0.03 * laughing.scale
    assert np.degrees(found.turn.roll - laughing.turn.roll) == pytest.approx(degrees, abs=3)


def test_a_mirrored_face_is_turned_the_other_way(
    person: Pixels, face_networks: FaceNetworks
) -> None:
    narrowed = person[:, 60:400]
    (region,) = detect(narrowed[:, ::-1], face_networks)
    mirrored = still_mesh(narrowed[:, ::-1], region, face_networks)
    (region,) = detect(narrowed, face_networks)
    found = still_mesh(narrowed, region, face_networks)
    assert found.turn.roll == pytest.approx(-mirrored.turn.roll, abs=0.03)
    assert found.turn.pitch == pytest.approx(mirrored.turn.pitch, abs=0.05)


def test_painted_and_dark_faces_are_seen(
    painting: Pixels, dark: Pixels, face_networks: FaceNetworks
) -> None:
    for picture in (painting, dark):
        assert len(meshes(picture, face_networks)) == 1


def test_a_small_face_is_found_in_pieces(person: Pixels, face_networks: FaceNetworks) -> None:
    room = np.full((1600, 1600, 3), 127, np.uint8)
    room[900:1156, 300:556] = cv2.resize(person, (256, 256), interpolation=cv2.INTER_AREA)
    (found,) = meshes(room, face_networks)
    assert np.linalg.norm(found.points[NOSE_TIP] - np.add((300, 900), np.divide(NOSE, 2))) < 8


def test_where_no_face_is_presence_says_so(person: Pixels, face_networks: FaceNetworks) -> None:
    beside = FaceRegion(Square(60, 80, 100), 1.0)
    assert mesh(person, beside, face_networks).presence < LEAST_PRESENCE
    assert meshes(np.zeros((40, 3, 3), np.uint8), face_networks) == []


def test_a_face_is_followed_without_lag_and_forgotten(
    person: Pixels, laughing: Mesh, face_networks: FaceNetworks
) -> None:
    tracker = FaceTracker(face_networks)
    for number in range(12):
        frame = np.roll(person, 3 * number, axis=1)
        found = tracker.follow(frame, 33_333 * number)
        assert found is not None
        apart = found.points - laughing.points - (3 * number, 0)
        assert np.linalg.norm(apart, axis=1).mean() < 0.06 * laughing.scale
    blank = np.zeros_like(person)
    assert tracker.follow(blank, 400_000) is None
    assert tracker.follow(person, 2_000_000) is not None


def test_a_still_face_hardly_trembles_in_noise(person: Pixels, face_networks: FaceNetworks) -> None:
    drawn = np.random.default_rng(3)
    tracker, raw, steady = FaceTracker(face_networks), [], []
    (region,) = detect(person, face_networks)
    for number in range(30):
        noise = drawn.normal(0, 8, person.shape)
        frame = np.clip(person + noise, 0, 255).astype(np.uint8)
        found = tracker.follow(frame, 33_333 * number)
        assert found is not None
        steady.append(found.points)
        raw.append(mesh(frame, region, face_networks).points)

    def trembling(points: list[np.ndarray]) -> float:
        return float(np.diff(points[10:], axis=0).std())

    assert trembling(steady) < 0.6 * trembling(raw)


def test_a_folder_without_networks_is_named(tmp_path: object) -> None:
    with pytest.raises(WeightsError, match="face_detection"):
        FaceNetworks.read(str(tmp_path))
