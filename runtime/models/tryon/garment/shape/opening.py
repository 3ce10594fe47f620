"""The collar's opening: where the front ends and the inside of the back is seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..cutting.morphology import blurred, softened
from ..cutting.shadow import best_line
from ..garment import Floats, Mask, Pixels

# Ways out from the middle of the neck, a little below its corners; lengths in neck widths.
_ANGLES = np.linspace(0, np.pi, 73, dtype=np.float32)  # from the right corner down to the left
_REACHES = np.geomspace(0.2, 1.5, 84).astype(np.float32)
_START = np.array([0, 0.04], np.float32)
_WIDEST = 0.54  # to a side: an opening narrows downwards from its corners
_CORNER = 0.4  # at the corners themselves, at least
_BEND = 0.16  # a step of reach between neighbouring ways
_LEANS = (-0.2, 0.0, 0.1, 0.2)  # for each doubling of the reach, for or against it
_OFF = 0.04  # to both sides of a line that its colours are compared at
_STEADY = 0.2
_LIT_INSIDE = 0.4  # weight of an edge whose inside is the brighter side: it mostly lies in shadow
_LEAST_EDGE = 5.0  # Sobel's sum of Lab, over the width of a smoothed edge
_PLAIN = 0.5  # of the strongest edges: more makes no edge plainer
_SEEN = 0.33  # mean strength of an edge, 0..1


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
    strength = _on_both_sides(_edges(lab, mask, place, width))
    found, steady = _steadiest(lab, strength, place)
    seen = float(strength[np.arange(len(found)), found].mean()) > _SEEN
    if not seen or steady < _STEADY:
        return _by_outline(mask, left, right)
    ways = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], -1) * _REACHES[found, None]
    line = (ways + _START) @ place[:, :2].T + place[:, 2]
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


def _steadiest(lab: Floats, strength: Floats, place: Floats) -> tuple[NDArray[np.int64], float]:
    """Return the line whose sides differ in the same way all along, and how steadily they do.

    Lines are sought that lean inwards and outwards more or less: bands, labels, seams and prints
    have strong edges, too, but not those of a deeper inside against a front.
    """
    aside = np.abs(np.cos(_ANGLES))[:, None] * _REACHES
    costs = 1 - strength + np.where(aside > _WIDEST, 1e3, 0)
    costs[[0, -1]] += np.where(_REACHES < _CORNER, 1e3, 0)
    best, most = np.zeros(len(_ANGLES), np.int64), -1.0
    for lean in _LEANS:
        leant = np.asarray(costs - lean * np.log2(_REACHES / 0.5), np.float32)
        line = best_line(leant, _BEND)
        steady = _steadiness(lab, line, place)
        if steady > most:
            best, most = line, steady
    return best, most


def _steadiness(lab: Floats, line: NDArray[np.int64], place: Floats) -> float:
    """Return how much a line's sides differ by the mean, over how much that changes along it."""
    ways = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], -1)
    sides = []
    for off in (-_OFF, _OFF):
        at = (ways * (_REACHES[line] + off)[:, None] + _START) @ place[:, :2].T + place[:, 2]
        x, y = (np.ascontiguousarray(at[:, i], np.float32)[:, None] for i in (0, 1))
        sides.append(np.asarray(cv2.remap(lab, x, y, cv2.INTER_LINEAR), np.float32)[:, 0])
    differ = sides[1] - sides[0]
    mean = differ.mean(0)
    spread = float(np.linalg.norm(differ - mean, axis=1).mean())
    lit = 1.0 if mean[0] >= 0 else _LIT_INSIDE
    return float(np.linalg.norm(mean)) * lit / (spread + 2)


def _edges(lab: Floats, mask: Mask, place: Floats, width: float) -> Floats:
    """Return how strong an edge is seen at each reach of each way, (angles, reaches) 0..1."""
    ways = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], -1)
    at = (ways[:, None] * _REACHES[None, :, None] + _START) @ place[:, :2].T + place[:, 2]
    x, y = (np.ascontiguousarray(at[..., i], np.float32) for i in (0, 1))
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    slopes = np.concatenate([across, down], -1)
    seen = np.asarray(cv2.remap(slopes[..., :3], x, y, cv2.INTER_LINEAR), np.float32)
    seen_down = np.asarray(cv2.remap(slopes[..., 3:], x, y, cv2.INTER_LINEAR), np.float32)
    outwards = ways @ (place[:, :2] / width).T
    along = seen * outwards[:, None, :1] + seen_down * outwards[:, None, 1:]
    strength = np.linalg.norm(along, axis=-1)
    strength *= np.where(along[..., 0] >= 0, 1, _LIT_INSIDE)
    cloth = cv2.remap(mask.astype(np.float32), x, y, cv2.INTER_LINEAR)
    strength *= cloth > 0.9
    # An edge that goes all the way counts for more than one that is strong in places.
    plain = max(_LEAST_EDGE, _PLAIN * float(np.percentile(strength, 96)))
    return np.asarray(np.minimum(strength / plain, 1), np.float32)


def _on_both_sides(strength: Floats) -> Floats:
    """Return what is seen on the left and on the right alike, give or take a step of reach."""
    near = np.asarray(cv2.dilate(strength, np.ones((1, 5), np.uint8)), np.float32)
    both = np.sqrt(near * near[::-1]) * 0.5 + np.minimum(strength, near[::-1]) * 0.5
    return np.asarray(both, np.float32)


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
