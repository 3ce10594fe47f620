"""Pixels that are found again say how a person moved; where too few are, nothing is said."""

import numpy as np
from benchmarks.swaying import film

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.perception.motion import Motion
from livedraft.runtime.models.perception.pose import Pose


def test_a_motion_is_told_to_a_fraction_of_a_pixel(person: Pixels, pose: Pose) -> None:
    motion = Motion()
    shots = list(film(person, 1, 5))
    assert motion.since(shots[0].picture) is None, "there is no frame before"
    motion.watch(pose)
    told = motion.since(shots[4].picture)
    assert told is not None
    corners = np.array([[100, 240], [310, 240], [200, 480]], np.float64)
    true = corners @ shots[4].matrix[:, :2].T + shots[4].matrix[:, 2]
    assert np.linalg.norm(true - corners, axis=1).min() > 2
    np.testing.assert_allclose(corners @ told[:, :2].T + told[:, 2], true, atol=0.5)


def test_of_another_picture_nothing_is_told(person: Pixels, pose: Pose) -> None:
    noise = np.random.default_rng(0).integers(0, 256, person.shape).astype(np.uint8)
    for other in (noise, np.full_like(person, 128), person[:300]):
        motion = Motion()
        motion.since(person)
        motion.watch(pose)
        assert motion.since(other) is None


def test_of_an_even_picture_nothing_is_watched(person: Pixels, pose: Pose) -> None:
    motion, even = Motion(), np.full_like(person, 128)
    motion.since(even)
    motion.watch(pose)
    assert motion.since(even) is None


def test_what_is_forgotten_is_not_compared(person: Pixels, pose: Pose) -> None:
    motion = Motion()
    motion.since(person)
    motion.watch(pose)
    motion.forget()
    assert motion.since(person) is None
