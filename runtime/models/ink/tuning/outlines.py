"""Line art from a picture alone: where its colours part, and the thin dark lines it already has."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats, srgb_to_oklab

COLOURS = 10  # that a picture is reduced to before its regions are outlined
SPECK = 40  # px; a smaller region is no region
THIN = 9  # px; dark strokes up to about this width are lines and no regions
DARK = 0.42  # OKLab lightness below which a thin stroke is a line
PEN = 3  # px, width of the lines

Labels = NDArray[np.int32]
Mask = NDArray[np.bool_]


def outline(art: Floats) -> Floats:
    """Return lines (H, W) in 0..1 of a premultiplied picture (H, W, 4) in 0..1."""
    solid = art[..., 3] > 0.5
    rgb = np.clip(art[..., :3] / np.maximum(art[..., 3:], 1e-3), 0, 1).astype(np.float32)
    smooth = cv2.bilateralFilter(rgb, 7, 0.12, 5)
    lab = srgb_to_oklab(np.asarray(smooth, np.float32))
    drawn = _thin(solid & (lab[..., 0] < DARK))
    labels = _quantised(lab, solid)
    labels = _spread(labels, drawn | _specks(labels))
    edges = np.zeros(solid.shape, np.uint8)
    edges[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edges[1:] |= labels[1:] != labels[:-1]
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (PEN, PEN))
    edges = np.asarray(cv2.dilate(edges, pen), np.uint8)
    near = cv2.dilate(drawn.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    edges[near] = 0  # the stroke itself says where this edge is
    lines = np.maximum(edges, drawn).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(lines, (3, 3), 0.6), np.float32)


def _thin(dark: Mask) -> Mask:
    """Keep what vanishes when a dark mask is opened: strokes, not areas."""
    tool = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THIN, THIN))
    areas = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, tool)
    areas = cv2.dilate(areas, np.ones((3, 3), np.uint8))
    strokes = dark & (areas == 0)
    kept: Mask = strokes & ~_small(strokes)
    return kept


def _quantised(lab: Floats, solid: Mask) -> Labels:
    """Number each pixel by its nearest of a few colours; -1 where nothing is painted."""
    points = np.ascontiguousarray(lab[solid] * np.array([1, 1.6, 1.6], np.float32))
    labels = np.full(solid.shape, -1, np.int32)
    if len(points) < COLOURS:
        return labels
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.005)
    _, nearest, centres = cv2.kmeans(
        points, COLOURS, np.empty((0, 0), np.int32), stop, 2, cv2.KMEANS_PP_CENTERS
    )
    labels[solid] = _merged(np.asarray(centres, np.float32))[np.asarray(nearest)[:, 0]]
    return labels


def _merged(centres: Floats, same: float = 0.07) -> NDArray[np.int32]:
    """Give centres that look alike one number: shading is no outline."""
    number = np.arange(len(centres), dtype=np.int32)
    for i in range(len(centres)):
        for j in range(i):
            if np.linalg.norm(centres[i] - centres[j]) < same:
                number[number == number[i]] = number[j]
    return number


def _specks(labels: Labels) -> Mask:
    found = np.zeros(labels.shape, bool)
    for label in np.unique(labels):
        found |= _small(labels == label)
    return found


def _small(mask: Mask) -> Mask:
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    small = np.array(stats[:count, cv2.CC_STAT_AREA]) < SPECK
    small[0] = False
    result: Mask = small[parts]
    return result


def _spread(labels: Labels, unknown: Mask) -> Labels:
    """Give each unknown pixel the label of the nearest known one."""
    if unknown.all() or not unknown.any():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        unknown.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = np.zeros(int(nearest.max()) + 1, np.int32)
    known[nearest[~unknown]] = labels[~unknown]
    result: Labels = known[nearest]
    return result
