"""The trained offsets of control points: of every garment, in any size, within bounds."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import ArrayLike
from tests.runtime.models.tryon.dolls import CROSSED, STANDING, Doll, garment

from livedraft.errors import WeightsError
from livedraft.runtime.models.tryon.arrays import Points
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.fit.controls import Part, in_frame
from livedraft.runtime.models.tryon.fit.description import described
from livedraft.runtime.models.tryon.fit.learned import Offsets
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.fit.tops import Ease
from livedraft.runtime.models.tryon.garment import Kind, Sleeves

MOST = 0.6 * 2**0.5 + 1e-3  # shoulders' widths, of each coordinate


@pytest.fixture(scope="module")
def offsets() -> Offsets:
    return Offsets.load()


def outline(doll: Doll) -> Outline:
    return doll.look.outline(doll.body)


def by_name(parts: tuple[Part, ...]) -> dict[str, Points]:
    return {n: at for part in parts for n, at in zip(part.names, part.body, strict=True)}


@pytest.mark.parametrize("joints", [STANDING, CROSSED])
@pytest.mark.parametrize(
    ("kind", "sleeves"),
    [("upper", "none"), ("upper", "short"), ("upper", "long"), ("dress", "short")],
)
def test_every_garment_keeps_its_parts_and_no_point_goes_astray(
    offsets: Offsets, joints: ArrayLike, kind: Kind, sleeves: Sleeves
) -> None:
    doll, worn = Doll(joints), garment(kind, sleeves)
    plain = targets(worn, doll.body, outline(doll))
    placed = offsets.placed(worn, doll.body, outline(doll))
    assert [part.names for part in placed] == [part.names for part in plain]
    for one, other in zip(plain, placed, strict=True):
        np.testing.assert_array_equal(one.garment, other.garment)
        moved = np.linalg.norm(one.body - other.body, axis=1) / doll.body.width
        assert moved.max() < MOST
    assert any(not np.array_equal(a.body, b.body) for a, b in zip(plain, placed, strict=True))


def test_trousers_have_offsets_of_their_own(offsets: Offsets) -> None:
    doll = Doll()
    placed = offsets.placed(garment("lower"), doll.body, outline(doll))
    assert {part.layer for part in placed} == {"body", "leg_l", "leg_r"}


def test_what_a_point_is_called_in_two_layers_lies_in_one_place(offsets: Offsets) -> None:
    doll = Doll()
    body, *sleeves = offsets.placed(garment(), doll.body, outline(doll))
    shoulders = dict(zip(body.names, body.body, strict=True))
    for sleeve in sleeves:
        for name, at in zip(sleeve.names, sleeve.body, strict=True):
            if name in shoulders:
                np.testing.assert_allclose(at, shoulders[name], atol=0.01)


def test_size_and_place_of_a_person_do_not_count(offsets: Offsets) -> None:
    doll, worn = Doll(), garment()
    twice = replace(doll.body, joints=doll.body.joints * 2)
    masks = [
        cv2.resize(np.asarray(mask, np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        for mask in (outline(doll).person, outline(doll).worn)
    ]
    larger = Outline(masks[0] > 0, masks[1] > 0, outline(doll).back)
    first = offsets.placed(worn, doll.body, outline(doll))
    second = offsets.placed(worn, twice, larger)
    for one, other in zip(first, second, strict=True):
        small, large = in_frame(one.body, doll.body), in_frame(other.body, twice)
        np.testing.assert_allclose(small, large, atol=0.03)


def test_a_looser_fit_is_wider_with_offsets_too(offsets: Offsets) -> None:
    doll, worn = Doll(), garment()
    widths = []
    for fit in (-1.0, 0.0, 1.0):
        points = by_name(offsets.placed(worn, doll.body, outline(doll), ease=Ease(fit)))
        widths.append(points["hem_r"][0] - points["hem_l"][0])
    assert widths[0] < widths[1] < widths[2]


@pytest.mark.parametrize("hem", [0.85, 0.95, 1.0, 1.08])
@pytest.mark.parametrize("sleeves", ["none", "short", "long"])
def test_no_old_cloth_is_left_in_sight_below_a_new_hem(
    offsets: Offsets, sleeves: Sleeves, hem: float
) -> None:
    doll, worn = Doll(), garment("upper", sleeves)
    px = hem * doll.body.height
    plain = by_name(targets(worn, doll.body, outline(doll), px))
    placed = by_name(offsets.placed(worn, doll.body, outline(doll), px))
    for name in ("hem_l", "hem_m", "hem_r"):
        new, ruled = (float((at[name] - doll.body.neck) @ doll.body.down) for at in (placed, plain))
        assert new > min(px, ruled) - 0.5


def test_what_nets_hear_is_bounded_whatever_is_seen() -> None:
    doll, worn = Doll(), garment("upper", "long")
    far = replace(doll.body, joints=doll.body.joints * np.array([1.0, -40.0], np.float32))
    parts = targets(worn, far, outline(doll))
    features = described(worn, far, outline(doll), parts, None)
    assert np.isfinite(features).all()
    assert np.abs(features).max() <= 4


def test_a_net_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="offsets_upper"):
        Offsets.load(tmp_path)
