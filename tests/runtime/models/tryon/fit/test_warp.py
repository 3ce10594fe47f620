"""Maps from a person's picture to a garment's: known on a grid, and what lies between."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from livedraft.runtime.models.splines import spline
from livedraft.runtime.models.tryon.fit.warp import GRID_PX, affine, field

Points = NDArray[np.float32]
BOX = 37, 12, 250, 301  # of no whole number of the grid's px

_SQUARE = np.array([[0, 0], [100, 0], [0, 100], [100, 100]], np.float32)


def places() -> tuple[Points, Points]:
    """Return the pixels of the box, as rows and columns and as points of the picture."""
    x0, y0, x1, y1 = BOX
    x, y = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
    return np.stack([x, y], -1).reshape(-1, 2).astype(np.float32), np.array(x.shape)


def test_a_straight_map_is_true_at_every_pixel() -> None:
    turned = _SQUARE @ np.array([[0.8, 0.3], [-0.2, 1.1]], np.float32) + np.float32(7)
    mapping = affine(_SQUARE, turned)
    points, shape = places()
    assert np.allclose(field(mapping, BOX).whole, mapping(points).reshape(*shape, 2), atol=1e-2)


def test_a_bent_map_is_true_to_a_fraction_of_a_px() -> None:
    bent = _SQUARE * 2 + np.array([[3, 1], [-5, 8], [2, -9], [12, 4]], np.float32)
    mapping = spline(np.r_[_SQUARE, [[50, 50]]] + 80, np.r_[bent, [[110, 95]]])
    points, shape = places()
    off = field(mapping, BOX).whole - mapping(points).reshape(*shape, 2)
    assert np.abs(off).max() < 0.5
    assert np.abs(off).mean() < 0.1


@pytest.mark.parametrize("share", [1, 0.5, 0.25])
def test_a_smaller_picture_is_laid_where_the_full_one_is(share: float) -> None:
    """A ramp says where each pixel was taken from."""
    x, y = np.meshgrid(np.arange(400, dtype=np.float32), np.arange(400, dtype=np.float32))
    size = int(400 * share), int(400 * share)
    ramp = cv2.resize(np.dstack([x, y, x]), size, interpolation=cv2.INTER_AREA)
    made = field(affine(_SQUARE, _SQUARE), BOX)
    laid = cv2.remap(ramp, *made.planes(share), cv2.INTER_LINEAR)
    assert np.abs(laid[5:-5, 5:-5, :2] - made.whole[5:-5, 5:-5]).max() < 0.1


def test_no_pixel_is_missed_of_what_takes_from_a_part() -> None:
    made = field(affine(_SQUARE, _SQUARE * np.float32(1.5)), BOX)
    low, high = np.array([200, 100], np.float32), np.array([230, 180], np.float32)
    near = made.within(low, high)
    assert near is not None
    takes = np.asarray(((made.whole >= low) & (made.whole <= high)).all(-1), bool)
    assert takes.any()
    takes[near] = False
    assert not takes.any()
    rows, columns = near
    assert rows.stop - rows.start < 80 / 1.5 + 3 * GRID_PX, "nor is all of it looked at"
    assert columns.stop - columns.start < 30 / 1.5 + 3 * GRID_PX
    assert made.within(high + 900, high + 950) is None
