"""What records hold is true: where cloth is, where its picture shows it, who stands how."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from training.tryon.data import clothes, poses
from training.tryon.data.bodies import ARMS
from training.tryon.data.records import Record, records
from training.tryon.data.scenes import Studio
from training.tryon.data.sets import SETS, SLEEVES


@pytest.fixture(scope="module")
def people(cache: Path) -> list[Record]:
    return list(records(cache, held_out=False))


def test_cloth_covers_the_body_and_stands_off_it(people: list[Record]) -> None:
    for record in people:
        body = record.body.image(record.body.depth, np.nan)
        for cloth in (record.upper, record.lower, record.new):
            seen = cloth.image(cloth.depth, np.nan)
            both = ~np.isnan(body) & ~np.isnan(seen)
            inside = cloth.image(cloth.inside) if cloth.inside is not None else both
            front = both & ~inside & ~np.isin(record.body.image(record.body.part), ARMS)
            assert front.sum() > 300
            assert np.mean(seen[front] < body[front] + 0.01) > 0.95


def test_a_place_on_the_person_is_where_the_flat_picture_has_it(people: list[Record]) -> None:
    for record in people:
        assert record.new.flat is not None
        drawn = record.flat.mask
        front = ~record.new.inside if record.new.inside is not None else slice(None)
        x, y = np.rint(record.new.flat[front]).astype(int).T
        ok = (x >= 0) & (y >= 0) & (x < 512) & (y < 512)
        assert np.mean(drawn[y[ok], x[ok]]) > 0.9


def test_pairs_agree_with_the_pixels(people: list[Record]) -> None:
    """A vertex that is seen lies on the pixel that says so."""
    for record in people:
        assert record.new.flat is not None
        height, width = record.new.size
        flat = record.new.image(record.new.flat, np.nan)
        flat[~record.new.mask] = np.nan
        x, y = np.rint(record.pairs[:, 2:]).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        error = np.linalg.norm(flat[y[inside], x[inside]] - record.pairs[inside, :2], axis=1)
        assert np.nanmedian(error) < 3.0


def test_the_flat_picture_is_centred_and_whole(people: list[Record]) -> None:
    for record in people:
        y, x = np.nonzero(record.flat.mask)
        assert min(x.min(), y.min()) > 10
        assert max(x.max(), y.max()) < 502
        assert max(np.ptp(x), np.ptp(y)) > 380


def test_joints_lie_on_the_body_or_just_beside_it(people: list[Record]) -> None:
    for record in people:
        mask = cv2.dilate(record.body.mask.astype(np.uint8), np.ones((9, 9), np.uint8))
        seen = [
            mask[round(y), round(x)]
            for x, y in record.meta["joints"].values()
            if 0 <= round(y) < mask.shape[0] and 0 <= round(x) < mask.shape[1]
        ]
        assert np.mean(seen) > 0.9


def test_every_body_is_another(people: list[Record]) -> None:
    rest = {tuple(record.meta["rest"]["wrist.L"]) for record in people}
    assert len(rest) == len(people)


def test_all_poses_come_up_and_nobody_turns_away() -> None:
    rng = np.random.default_rng(0)
    drawn = [poses.sample(rng) for _ in range(300)]
    assert {pose.kind for pose in drawn} == set(poses.KINDS)
    assert max(abs(pose.yaw) for pose in drawn) <= np.radians(26)


@pytest.mark.parametrize("kind", clothes.KINDS)
def test_garments_are_of_all_lengths(kind: str) -> None:
    rng = np.random.default_rng(0)
    drawn = [clothes.sample(rng, kind) for _ in range(200)]
    assert {cut.collar for cut in drawn} == set(clothes.COLLARS)
    assert {round(cut.sleeve * 3) for cut in drawn} == {0, 1, 2, 3}
    assert any(cut.skirt for cut in drawn) == (kind != "upper")
    assert max(cut.leg for cut in drawn) > 0.9 > 0.4 > min(cut.leg for cut in drawn)


def test_a_pose_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="none of down, out"):
        poses.arm("sitting", np.random.default_rng(0), first=True)


def test_easy_people_face_the_camera_in_tight_cloth(studio: Studio) -> None:
    easy = Studio(bodies=studio.bodies, people=SETS["front"])
    drawn = [easy.record(index) for index in range(4)]
    for record in drawn:
        assert (record.meta["kind"], record.meta["framing"]) == ("upper", "half")
        assert abs(record.meta["yaw"]) <= 0.2
        assert not record.meta["tucked"]
        worn, new = record.meta["cuts"]["upper"], record.meta["cuts"]["new"]
        assert (worn["sleeve"], new["sleeve"]) in SLEEVES
        assert worn["ease"] == new["ease"] < 0.005
        apart = np.mean(record.upper.mask != record.new.mask)
        assert apart < (0.01 if worn["sleeve"] == new["sleeve"] else 0.15)
