"""Painted samples: the same person twice, and nothing else changed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from training.tryon.data.paint import paint
from training.tryon.data.records import Record, records
from training.tryon.data.skin import MONK, ORBS, TONES, complexion


@pytest.fixture(scope="module")
def people(cache: Path) -> list[Record]:
    return list(records(cache, held_out=False))[:6]


def lightness(colour: NDArray[Any]) -> float:
    """Return CIE L* of an sRGB colour, 0..255."""
    c = np.asarray(colour) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def test_a_seed_paints_the_same_picture_and_another_paints_another(people: list[Record]) -> None:
    first, again, other = paint(people[0], 1), paint(people[0], 1), paint(people[0], 2)
    np.testing.assert_array_equal(first.person, again.person)
    np.testing.assert_array_equal(first.truth, again.truth)
    assert np.mean(first.person != other.person) > 0.5


def test_truth_differs_from_the_person_only_where_clothes_changed(people: list[Record]) -> None:
    for record in people:
        sample = paint(record, 3)
        changed = sample.worn | sample.replaced
        reach = np.zeros_like(changed)
        y, x = np.nonzero(changed)
        reach[max(0, y.min() - 12) : y.max() + 13, max(0, x.min() - 12) : x.max() + 13] = True
        np.testing.assert_array_equal(sample.person[~reach], sample.truth[~reach])


def test_masks_say_what_is_seen(people: list[Record]) -> None:
    for record in people:
        sample = paint(record, 4)
        assert sample.worn.any()
        assert not (sample.worn & (sample.skin | sample.revealed | sample.kept)).any()
        assert (sample.bared <= sample.skin).all()
        np.testing.assert_array_equal(np.isnan(sample.flat[..., 0]), ~sample.worn)
        assert (sample.revealed <= sample.replaced).all()
        assert sample.garment.shape == (512, 512, 4)
        inner = sample.garment[..., 3] > 250
        assert (record.flat.mask[inner]).all()


@pytest.mark.parametrize("group", TONES)
def test_bare_arms_have_the_tone_that_was_asked_for(people: list[Record], group: str) -> None:
    first, last = (MONK[orb - 1] for orb in ORBS[group])
    bounds = [lightness(np.array(list(bytes.fromhex(code)))) for code in (last, first)]
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert bounds[0] - 4 < lightness(complexion(group, rng).colour) < bounds[1] + 1
    for record in people:
        sample = paint(record, 5, group)
        assert sample.tone == group
