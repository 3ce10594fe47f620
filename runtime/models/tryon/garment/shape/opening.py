"""The collar's opening: where the front ends and the inside of the back is seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..cutting.morphology import blurred, softened
from ..garment import Floats, Mask, Pixels
from .closure import closed_from
from .necklines import Seen, family, seen

_SEEN = 0.6  # mean strength of an edge, 0..1
_LONGER = 0.45  # strength over which a longer line is the plainer one
_STEADIEST = 1.5
_NARROW = 0.1  # half width at which the edges of a V are read as a closure's, neck widths
_TAIL = 0.08  # half width below which an end may be drawn along a closure
_EARLY = 0.08  # above its end that it is
_NEAR = 0.15  # that a closure begins below, or above, an opening's end
_TRUST = 0.85  # the most that a closure counts


@dataclass(frozen=True)
class Opening:
    """What lies inside a collar."""

    mask: Floats  # (H, W) 0..1: inside, and up to the picture's top
    bottom: tuple[float, float]  # its lowest place, px
    seen: bool  # whether an edge was seen; else the outline alone tells


def find_opening(colour: Pixels, mask: Mask, left: Floats, right: Floats) -> Opening:
    """Find the opening between the neck's corners, x and y px, of (H, W, 3) pixels."""
    width = max(4.0, float(np.hypot(*(right - left))))
    place = _placed(left, right)
    lab = _lightness_evened(colour, width)
    cuts = seen(lab, mask, place)
    best = int(_plainness(cuts, *closed_from(lab, place)).argmax())
    if cuts.edge[best] < _SEEN:
        return _by_outline(mask, left, right)
    half = _ended(cuts.lines[best])
    whole = np.concatenate([half, half[::-1] * (-1, 1)])  # from the right corner to the left
    line = whole @ place[:, :2].T + place[:, 2]
    return _filled(mask.shape, np.asarray(line, np.float32), True)


def opening_to(shape: tuple[int, ...], left: Floats, right: Floats, bottom: Floats) -> Opening:
    """Return a scoop from the neck's corners through a lowest place that somebody set."""
    at = np.linspace(-1, 1, 41, dtype=np.float32)[:, None]
    line = (left + right) / 2 + at * (right - left) / 2
    line = line + (bottom - line[20]) * (1 - at * at)
    opening = _filled(shape, np.asarray(line[::-1], np.float32), True)
    return Opening(opening.mask, (float(bottom[0]), float(bottom[1])), True)


def _placed(left: Floats, right: Floats) -> Floats:
    """Return the affine (2, 3) from neck widths to px: x along the corners, y across, down."""
    along = right - left
    across = np.array([-along[1], along[0]], np.float32)
    return np.asarray(np.column_stack([along, across, (left + right) / 2]), np.float32)


def _lightness_evened(colour: Pixels, width: float) -> Floats:
    """Return smoothed CIELAB, its lightness spread so that black cloth has edges, too."""
    lab = np.asarray(cv2.cvtColor(colour.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    lab[..., 0] = 10 * np.sqrt(np.maximum(lab[..., 0], 0))
    return blurred(lab, max(0.6, 0.012 * width))


def _plainness(cuts: Seen, closed: float, trust: float) -> Floats:
    """Return which neckline is the plainest to be seen, (n,): a long one, steady along its way.

    Seams, bands, labels and prints have edges, too. Where the front is closed, as far down as
    ``closed``, the opening ends there.
    """
    plain = (cuts.edge - _LONGER) * np.sqrt(family().length)
    plain = plain * np.minimum(cuts.steady, _STEADIEST) ** 0.25
    narrow = np.abs(cuts.lines[..., 0] - _NARROW).argmin(1)
    ends = cuts.lines[np.arange(len(narrow)), narrow, 1] - _EARLY
    near = np.exp(-(((ends - closed) / _NEAR) ** 2))
    return np.asarray(plain * (1 - _TRUST * trust * (1 - near)), np.float32)


def _ended(half: Floats) -> Floats:
    """Return a right half down to the middle, no more pointed than its sides are.

    Bent to what is seen, an end may follow a zip or a placket.
    """
    end = half[-1] + (half[-1] - half[-2]) / 2
    x, y = np.append(half[:, 0], np.float32(0)), np.append(half[:, 1], end[1])
    narrow = int((x < _TAIL).argmax())
    steep = float((y[narrow] - y[0]) / max(float(x[0] - x[narrow]), 1e-3))
    lowest = float(y[narrow]) + 1.2 * steep * _TAIL
    return np.asarray(np.stack([x, np.minimum(y, lowest)], -1), np.float32)


def _filled(shape: tuple[int, ...], line: Floats, seen: bool) -> Opening:
    top = line[[-1, 0]] * [1, 0] - [0, 8]
    ring = np.concatenate([line, top])
    inside = np.zeros(shape, np.uint8)
    cv2.fillPoly(inside, [np.round(ring * 8).astype(np.int32)], (1,), shift=3)
    soft = softened(inside.astype(bool), 1.2)
    low = line[line[:, 1].argmax()]
    return Opening(soft, (float(low[0]), float(low[1])), seen)


def _by_outline(mask: Mask, left: Floats, right: Floats) -> Opening:
    """Return what lies above the outline between the neck's corners: no inside is seen."""
    columns = np.arange(round(left[0]), max(round(left[0]), round(right[0])) + 1)
    columns = np.clip(columns, 0, mask.shape[1] - 1)
    tops = np.where(mask[:, columns].any(0), mask[:, columns].argmax(0), 0)
    line = np.stack([columns, tops], -1).astype(np.float32)
    return _filled(mask.shape, line[::-1], False)
