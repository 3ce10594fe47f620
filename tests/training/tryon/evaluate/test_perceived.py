"""What is seen of people is judged by the truth: who sees it is off by nothing."""

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
from training.tryon.data.paint import BODY, GROUND, paint
from training.tryon.data.records import Record, records
from training.tryon.data.skin import tone_of
from training.tryon.evaluate.perceived import SEED, TORSO, Sight, off, overlap, perceive, table

from livedraft.runtime.models.perception.detection import Region
from livedraft.runtime.models.perception.joints import Joint
from livedraft.runtime.models.perception.parse import SIDE, Parse, Part
from livedraft.runtime.models.perception.pose import Pose
from livedraft.runtime.models.perception.squares import Box, Square
from livedraft.runtime.models.tryon.eyes import Eyes


@pytest.fixture(scope="module")
def record(cache: Path) -> Record:
    return next(records(cache, held_out=False))


def true_pose(record: Record) -> Pose:
    points = np.zeros((len(Joint), 2), np.float32)
    for joint in Joint:
        points[joint] = np.add(record.meta["joints"].get(joint.label, (0, 0)), 0.5)
    sure = np.ones(len(Joint), np.float32)
    return Pose(points, np.zeros(len(Joint), np.float32), sure, sure)


class FakeEyes:
    """Knows the truth of one record, or sees nobody."""

    def __init__(self, record: Record, blind: bool = False) -> None:
        self.record, self.blind = record, blind

    def people(self, image: Any) -> list[Region]:
        return [] if self.blind else [Region(Square.around(image), 1.0)]

    def pose(self, image: Any, region: Region) -> Pose:
        return true_pose(self.record)

    def parse(self, image: Any, pose: Pose, whole: bool) -> Parse:
        tone = tone_of(int(self.record.meta["index"]))
        shows = paint(self.record, SEED, tone).shows
        classes = np.zeros((SIDE, SIDE, len(Part)), np.float32)
        parts = ((Part.BACKGROUND, shows == GROUND), (Part.CLOTHES, shows > BODY))
        for part, where in (*parts, (Part.SKIN, shows == BODY)):
            classes[..., part] = cv2.resize(where.astype(np.float32), (SIDE, SIDE))
        height, width = shows.shape
        return Parse(classes, Box(0, 0, width, height).matrix(SIDE), (width, height))


def test_who_sees_the_truth_is_off_by_nothing(record: Record) -> None:
    sight = perceive(cast(Eyes, FakeEyes(record)), record)
    assert sight.joints is not None
    assert sight.joints.max() == pytest.approx(0, abs=1e-4)
    assert min(sight.person, sight.clothes) > 0.95


def test_joints_are_judged_in_widths_where_the_picture_has_them(record: Record) -> None:
    pose, joints = true_pose(record), record.meta["joints"]
    across = float(np.hypot(*np.subtract(joints["left_shoulder"], joints["right_shoulder"])))
    apart = off(pose.moved(pose.points + np.array([across, 0], np.float32)), record, TORSO)
    assert apart.max() <= 1 + 1e-4
    assert apart.min() > 0.5
    beyond = {name: [-900.0, place[1]] for name, place in joints.items()}
    gone = Record(**{**vars(record), "meta": {**record.meta, "joints": beyond}})
    assert off(pose, gone, TORSO).size == 0


def test_masks_overlap_as_far_as_they_share() -> None:
    one, other = np.array([True, True, False, False]), np.array([False, True, True, False])
    assert overlap(one, other) == pytest.approx(1 / 3)
    assert overlap(one & False, one & False) == 0


def test_the_table_tells_groups_apart_and_counts_who_was_not_found(record: Record) -> None:
    nobody = perceive(cast(Eyes, FakeEyes(record, blind=True)), record)
    assert nobody.joints is None
    seen = Sight(("all", "deep"), np.array([0.1, 0.5]), torso=0.5, person=0.9, clothes=0.8)
    lines = table([seen, Sight(("all", "light"))]).splitlines()
    assert lines[2] == "| all | 2 | 1 | 0.300 | 0.460 | 1 | 0.900 | 0.800 |"
    assert lines[3].startswith("| deep | 1 | 0 |")
    assert lines[4].startswith("| light | 1 | 1 |")
