"""A background's grain goes on where it was hidden; its things are not doubled."""

import numpy as np

from livedraft.runtime.models.tryon.arrays import Mask, Pixels
from livedraft.runtime.models.tryon.repair.texture import detail

SIGMA = 6.0


def around() -> Mask:
    known = np.ones((120, 160), bool)
    known[30:100, 50:110] = False
    return known


def test_grain_goes_on_as_strong_as_it_is() -> None:
    noise = np.random.default_rng(0).normal(0, 12, (120, 160, 3))
    image = np.clip(140 + noise, 0, 255).astype(np.uint8)
    fine = detail(image, around(), SIGMA)
    assert 9 < fine[~around()].std() < 13
    assert abs(float(fine[~around()].mean())) < 1.5
    assert not fine[around()].any()


def test_it_joins_at_the_border() -> None:
    x = np.zeros((120, 1)) + np.arange(160)
    image = np.repeat((140 + 20 * np.sin(x / 3))[..., None], 3, 2).astype(np.uint8)
    fine = detail(image, around(), SIGMA)[..., 0]
    there = image[60, 49, 0].astype(float) - 140
    assert abs(fine[60, 50] - there) < 8


def test_a_plain_ground_stays_plain_and_an_edge_is_held_back() -> None:
    plain: Pixels = np.full((120, 160, 3), 90, np.uint8)
    assert np.abs(detail(plain, around(), SIGMA)).max() < 1
    edge = plain.copy()
    edge[:, 46:] = 250
    assert np.abs(detail(edge, around(), SIGMA)).max() <= 40


def test_where_nothing_or_all_is_known_there_is_none() -> None:
    image = np.random.default_rng(1).integers(0, 255, (40, 50, 3)).astype(np.uint8)
    for known in (np.ones((40, 50), bool), np.zeros((40, 50), bool)):
        assert not detail(image, known, SIGMA).any()


def test_a_rod_on_a_plain_wall_is_not_there_twice() -> None:
    wall = np.clip(150 + np.random.default_rng(2).normal(0, 3, (120, 160, 3)), 0, 255)
    wall[60:64] = 70, 40, 20
    fine = detail(wall.astype(np.uint8), around(), SIGMA)
    assert np.abs(fine[~around()]).max() < 25


def test_it_is_the_same_where_only_a_part_is_wanted() -> None:
    image = np.random.default_rng(4).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    wanted = np.zeros((120, 160), bool)
    wanted[20:60, 40:80] = True
    whole, part = detail(image, around(), SIGMA), detail(image, around(), SIGMA, wanted)
    assert np.array_equal(part[wanted], whole[wanted])
    assert not part[~wanted].any()
