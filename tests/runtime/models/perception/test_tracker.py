"""One person is followed: steadily at rest, closely when moving, lost and found again."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from benchmarks.swaying import FRAME_US, film, trembling

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.onnx import Graph
from livedraft.runtime.models.perception import tracker as tracking
from livedraft.runtime.models.perception.detection import Region, detect
from livedraft.runtime.models.perception.following import EVERY_US, Follower
from livedraft.runtime.models.perception.joints import FACE, HIPS, SHOULDERS, Joint
from livedraft.runtime.models.perception.networks import PoseNetworks
from livedraft.runtime.models.perception.one_euro import OneEuro
from livedraft.runtime.models.perception.pose import similarity
from livedraft.runtime.models.perception.tracker import Tracker

SURE = [*FACE, *SHOULDERS]  # joints of the astronaut that her picture shows
EMPTY = np.full((256, 256, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def small(person: Pixels) -> Pixels:
    return cv2.resize(person, (256, 256), interpolation=cv2.INTER_AREA).astype(np.uint8)


def watched(still: Pixels, moves: float, tracker: Tracker) -> tuple[float, float]:
    """Return how the joints that are surely seen tremble, and how far they are off, px."""
    places = []
    for shot in film(still, moves, 40):
        pose = tracker.follow(shot.picture, shot.at_us)
        assert pose is not None
        places.append(shot.back(pose)[SURE])
    return trembling(np.array(places[8:]))


def unfiltered(networks: PoseNetworks) -> Tracker:
    tracker = Tracker(networks)
    tracker._filter = OneEuro(cutoff=1e9)  # what an open filter shows is the networks' own
    return tracker


def test_who_stands_still_does_not_tremble(small: Pixels, networks: PoseNetworks) -> None:
    steady, _ = watched(small, 0, Tracker(networks))
    raw, _ = watched(small, 0, unfiltered(networks))
    assert steady < 0.5
    assert steady < raw / 2


def test_who_moves_is_followed_closely(small: Pixels, networks: PoseNetworks) -> None:
    jitter, off = watched(small, 1, Tracker(networks))
    assert jitter < 1.0
    assert off < 3.0, "filtered joints lag behind"


@pytest.mark.parametrize("moves", [0, 1])
def test_hips_that_are_guessed_below_the_picture_rest_on_who_is_seen(
    moves: float, person: Pixels, networks: PoseNetworks
) -> None:
    tracker, places = Tracker(networks), []
    for shot in list(film(person, moves, 60))[::2]:
        pose = tracker.follow(shot.picture, shot.at_us)
        assert pose is not None
        places.append(shot.back(pose)[[*SHOULDERS, *HIPS]])
    assert places[0][2:, 1].min() > 512
    assert trembling(np.array(places[8:]))[0] < 1.5


def test_who_turns_is_followed_though_joints_part_from_the_motion_of_all(
    person: Pixels, networks: PoseNetworks
) -> None:
    """A picture that is squeezed in half a second has shoulders as narrow as of who turns."""
    tracker, width = Tracker(networks), []
    for number in range(30):
        narrow = 1 - 0.45 * min(max(number - 8, 0) / 8, 1)
        squeeze = np.array([[narrow, 0, 256 * (1 - narrow)], [0, 1, 0]])
        frame = cv2.warpAffine(person, squeeze, (512, 512), borderMode=cv2.BORDER_REFLECT)
        pose = tracker.follow(frame.astype(np.uint8), number * 2 * FRAME_US)
        assert pose is not None
        width.append(float(np.ptp(pose.points[list(SHOULDERS), 0])))
    assert width[-1] == pytest.approx(0.6 * width[8], rel=0.1)
    assert width[20] < 0.75 * width[8], "a quarter of a second after"


def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each search for people."""
    searches: list[int] = []

    def counted(picture: Pixels, networks: PoseNetworks, lifted: bool) -> list[Region]:
        searches.append(1)
        return detect(picture, networks, lifted=lifted)

    monkeypatch.setattr(tracking, "detect", counted)
    return searches


def test_people_are_searched_once_and_then_tracked(
    small: Pixels, networks: PoseNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches, tracker = seen(monkeypatch), Tracker(networks)
    for shot in film(small, 1, 8):
        assert tracker.follow(shot.picture, shot.at_us) is not None
    assert len(searches) == 1


def test_who_leaves_is_lost_and_found_again_when_back(
    small: Pixels, networks: PoseNetworks
) -> None:
    tracker = Tracker(networks)
    shown = [small] * 3 + [EMPTY] * 8 + [small] * 8
    found = [tracker.follow(each, at * FRAME_US) is not None for at, each in enumerate(shown)]
    assert found[:3] == [True] * 3
    assert found[3:11] == [False] * 8
    assert found[-1], "within the time between two searches"


def test_an_empty_room_is_not_searched_in_every_frame(
    networks: PoseNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches, tracker = seen(monkeypatch), Tracker(networks)
    for number in range(30):
        assert tracker.follow(EMPTY, number * FRAME_US) is None
    assert 4 <= len(searches) <= 6, "five times a second"


@pytest.mark.parametrize("times", [[0, 10_000_000], [10_000_000, 0], [500, 500]])
def test_a_jump_in_time_begins_anew(
    times: Sequence[int], small: Pixels, networks: PoseNetworks
) -> None:
    tracker = Tracker(networks)
    mirrored = np.ascontiguousarray(small[:, ::-1])
    tracker.follow(small, times[0])
    jumped = tracker.follow(mirrored, times[1])
    alone = Tracker(networks).follow(mirrored, times[1])
    assert jumped is not None
    assert alone is not None
    np.testing.assert_allclose(jumped.points, alone.points, atol=1e-3)


def test_another_size_of_frames_begins_anew(
    small: Pixels, person: Pixels, networks: PoseNetworks
) -> None:
    tracker = Tracker(networks)
    tracker.follow(small, 0)
    found = tracker.follow(person, FRAME_US)
    alone = Tracker(networks).follow(person, FRAME_US)
    assert found is not None
    assert alone is not None
    np.testing.assert_allclose(found.points, alone.points, atol=1e-3)


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_of_several_people_the_chosen_one_is_followed(
    chosen: int, crowd: Pixels, networks: PoseNetworks
) -> None:
    tracker = Tracker(networks)
    for number in range(3):
        pose = tracker.follow(crowd, number * FRAME_US, subject=(256 * chosen + 128, 200))
        assert pose is not None
        assert int(pose.points[Joint.NOSE, 0] // 256) == chosen


def test_a_filter_goes_by_time_not_by_count() -> None:
    """Half the rate reaches the same place: Casiez et al., equation 5."""
    step = np.array([10.0])
    quick, slow = OneEuro(cutoff=0.5), OneEuro(cutoff=0.5)
    quick.filtered(np.zeros(1), 0.0)
    slow.filtered(np.zeros(1), 0.0)
    reached = [quick.filtered(step, number / 100) for number in range(1, 101)][-1]
    other = [slow.filtered(step, number / 50) for number in range(1, 51)][-1]
    assert reached[0] == pytest.approx(other[0], rel=0.02)
    assert 9 < reached[0] < 10


def test_a_filter_follows_the_sooner_the_faster_it_goes() -> None:
    def lag(beta: float) -> float:
        euro = OneEuro(cutoff=1.0, beta=beta)
        ramp = [float(euro.filtered(np.array([n * 5.0]), n / 30)[0]) for n in range(60)]
        return 59 * 5.0 - ramp[-1]

    assert lag(1.0) < lag(0.1) < lag(0.0)


def test_between_two_parses_the_older_moves_with_the_joints(
    small: Pixels, networks: PoseNetworks, parser: Graph
) -> None:
    follower = Follower(networks, parser)
    shots = list(film(small, 1, EVERY_US // FRAME_US + 2))
    found = [each for shot in shots if (each := follower.follow(shot.picture, shot.at_us))]
    fresh = [each.parse.classes is not found[0].parse.classes for each in found]
    assert fresh == [False] * (len(shots) - 1) + [True], "after EVERY_US there is a new one"
    moved = found[0].parse.moved(similarity(found[0].pose, found[4].pose))
    np.testing.assert_allclose(found[4].parse.matrix, moved.matrix)
    assert not np.allclose(found[4].parse.matrix, found[0].parse.matrix)


def test_a_follower_forgets_who_leaves(
    small: Pixels, networks: PoseNetworks, parser: Graph
) -> None:
    follower = Follower(networks, parser)
    assert follower.follow(small, 0) is not None
    assert follower.follow(EMPTY, FRAME_US) is None


def test_a_dark_face_is_found_before_a_camera_too(dark: Pixels, networks: PoseNetworks) -> None:
    """Every other search lifts shadows, so that no frame takes longer than another."""
    tracker = Tracker(networks)
    seen = [tracker.follow(dark, number * FRAME_US) is not None for number in range(16)]
    assert any(seen)
    assert all(seen[seen.index(True) :])
