"""How a body is shown by its picture: from which side, how large, and what of it."""

from __future__ import annotations

from ..arrays import length
from .frame import Body

# Of the shoulders' width as it is seen, in the height from them to the hips. From the front it is
# about 0.65; somebody turned by 60° has 0.42, and who is cut in two by the picture's edge less.
_ASIDE, _PROFILE = 0.45, 0.3
# From shoulders to hips, px: with less it is said, and with far less nothing is told apart.
_SMALL, _TINY = 40.0, 20.0
_CROTCH = 0.25  # how far below the hips trousers part, in the same height


def aside(body: Body) -> bool:
    """Return whether somebody is turned to the side, or half of them is beyond the edge."""
    return _facing(body) < _ASIDE


def small(body: Body) -> bool:
    """Return whether somebody is too small in the picture for garments to look well."""
    return body.height < _SMALL


def dressable(body: Body) -> bool:
    """Return whether enough of somebody is seen from the front for any garment."""
    return _facing(body) >= _PROFILE and body.height >= _TINY


def legs_pictured(body: Body, size: tuple[int, int]) -> bool:
    """Return whether legs begin within a picture of this width and height, px."""
    x, y = body.seat + body.down * body.height * _CROTCH
    return bool(0 <= x < size[0] and 0 <= y < size[1])


def _facing(body: Body) -> float:
    return length(body.joints[1, 0] - body.joints[0, 0]) / body.height
