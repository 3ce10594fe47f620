"""The pieces of a drawing that have a place and a shape: what a part of a thing can be.

Lines of a hurried hand leave gaps, through which a hair is one region with the paper around it. So
pieces are found by trapped balls (Zhang et al., 2009): a large ball does not pass a gap, what it
covers is a piece, and smaller balls find what is left. Rules; nothing is trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from .regions import Mask

BALLS = (4, 2)  # px of 128, radii from large to small; what is left is parted as it is
SMALLEST = 6  # px of 128, pieces that do not count
MOST = 48  # pieces; the smallest of more are left out
LOOKED_AT = (
    150  # fewer than 256, pieces that may be joined to others; of hatching there are thousands
)
NECK = 0.55  # width of a passage, against the narrower of two pieces, from which they are one
SPECK = 60  # px, the largest blot of ink, or ring, that may be an eye
RINGED = 0.8  # share of a small piece's rim that faces one other, from which it lies within that

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Segments:
    """N pieces of a drawing, by size; arrays of one dimension have one entry each."""

    labels: Labels  # (128, 128): 1 … N, 0 for ink and what is outside
    nearest: Labels  # (128, 128), the same with all ink given to the nearest piece or the outside
    away: Floats  # (128, 128), how far that is, px; 0 outside of ink
    deep: Floats  # (128, 128), distance to the nearest ink or the outside, px
    area: Floats  # px
    left: Floats  # px, as are the other sides
    top: Floats
    right: Floats
    bottom: Floats
    x: Floats  # px, of the centre
    y: Floats
    width: Floats  # px, of the largest circle within it
    touch: Floats  # (N + 1, N + 1): length of common borders across lines; 0 is the outside
    specks: Floats  # blots of ink and small rings, such as eyes, that lie within it

    def __len__(self) -> int:
        return len(self.area)

    @cached_property
    def edge(self) -> Floats:
        """Share of each one's rim that faces the outside."""
        return np.asarray(self.touch[1:, 0] / np.maximum(self.touch[1:].sum(1), 1), np.float32)

    @cached_property
    def held(self) -> Floats:
        """Share of each one's rim that faces the one other piece that it faces most."""
        if len(self) < 2:
            return np.zeros(len(self), np.float32)
        most = self.touch[1:, 1:].max(1)
        return np.asarray(most / np.maximum(self.touch[1:].sum(1), 1), np.float32)


def segments(walls: Mask, outside: Mask) -> Segments:
    """Part what the ink of a drawing encloses, see `stray`: (128, 128) each."""
    space = ~walls & ~outside
    deep = _distance(space)
    labels = _ranked(_trapped(space, deep), LOOKED_AT)
    labels = _ranked(_merged(labels, deep), MOST)
    return _measured(labels, deep, walls, outside)


def _trapped(space: Mask, deep: Floats) -> NDArray[np.int32]:
    """Number what balls of falling size cover of a space."""
    labels = np.zeros(space.shape, np.int32)
    count = 0
    left = space
    for radius in BALLS:
        away, nearest = cv2.distanceTransformWithLabels(
            (deep <= radius).astype(np.uint8),  # where no centre of a ball comes
            cv2.DIST_L2,
            cv2.DIST_MASK_5,
            labelType=cv2.DIST_LABEL_CCOMP,
        )
        covered = left & (np.asarray(away) <= radius)
        ball = np.asarray(nearest, np.int32)
        labels[covered] = ball[covered] + count
        count += int(ball.max())
        left = left & ~covered
        deep = _distance(left)
    found = cv2.connectedComponents(left.astype(np.uint8), connectivity=4)[1]
    labels[left] = np.asarray(found, np.int32)[left] + count
    return labels


def _ranked(labels: NDArray[np.integer], most: int) -> Labels:
    """Number the largest pieces anew, by size; the others become 0."""
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    count = min(most, int((areas >= SMALLEST).sum()))
    rank = np.zeros(len(areas), np.uint8)
    rank[np.argsort(-areas, kind="stable")[:count]] = np.arange(1, count + 1)
    return np.asarray(rank[labels], np.uint8)


def _merged(labels: Labels, deep: Floats) -> Labels:
    """Join pieces whose passage is about as wide as the narrower of them is itself."""
    count = int(labels.max()) + 1
    if count < 3:
        return labels
    passage = _contacts(labels, count)
    passage[0] = passage[:, 0] = 0
    width = np.zeros(count, np.float32)
    width[1:] = 2 * _Sorted.of(labels).most(deep)
    joined = passage > NECK * np.minimum(width[:, None], width[None])
    root = np.arange(count, dtype=np.uint8)
    for one, other in np.argwhere(np.triu(joined, 1)):
        root[root == root[other]] = root[one]
    return np.asarray(root[labels], np.uint8)


def _measured(labels: Labels, deep: Floats, walls: Mask, outside: Mask) -> Segments:
    count = int(labels.max()) + 1
    nearest, away = _nearest(labels, outside)
    touch = _contacts(nearest, count)
    order = _Sorted.of(labels)
    rows, columns = order.places
    area = order.sizes.astype(np.float32)
    pieces = Segments(
        labels,
        nearest,
        away,
        deep,
        area,
        left=order.reduced(np.minimum, columns),
        top=order.reduced(np.minimum, rows),
        right=order.reduced(np.maximum, columns),
        bottom=order.reduced(np.maximum, rows),
        x=order.reduced(np.add, columns) / area,
        y=order.reduced(np.add, rows) / area,
        width=2 * order.most(deep),
        touch=touch,
        specks=_specks(walls, nearest, count),
    )
    for ring in np.nonzero((pieces.held > RINGED) & (area < SPECK))[0]:
        pieces.specks[touch[ring + 1, 1:].argmax()] += 1
    return pieces


@dataclass(frozen=True)
class _Sorted:
    """The pixels of 1 … N pieces in the order of their pieces, none of which is empty."""

    pixels: NDArray[np.intp]  # flat indices
    starts: NDArray[np.intp]  # of each piece in them
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, labels: Labels) -> _Sorted:
        flat = labels.ravel()  # of one byte, so that sorting is by radix
        sizes = np.bincount(flat)
        pixels = np.argsort(flat, kind="stable")[sizes[0] :]
        return cls(pixels, np.cumsum(sizes)[:-1] - sizes[0], sizes[1:])

    @property
    def places(self) -> tuple[Floats, Floats]:
        """Rows and columns of the pixels."""
        rows, columns = np.divmod(self.pixels, 128)
        return rows.astype(np.float32), columns.astype(np.float32)

    def reduced(self, operation: np.ufunc, values: Floats) -> Floats:
        """Reduce values of the pixels to one of each piece, (N,)."""
        if len(self.starts) == 0:
            return np.zeros(0, np.float32)
        return np.asarray(operation.reduceat(values, self.starts), np.float32)

    def most(self, picture: Floats) -> Floats:
        """Return the largest value of a picture (128, 128) in each piece, (N,)."""
        return self.reduced(np.maximum, picture.ravel()[self.pixels])


def _nearest(labels: Labels, outside: Mask) -> tuple[Labels, Floats]:
    """Give every pixel of ink to the nearest piece, or to the outside , and say how far it lies."""
    known = (labels > 0) | outside
    if not known.any():
        return labels, np.zeros(labels.shape, np.float32)
    away, found = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.asarray(found, np.int32)
    owner = np.zeros(int(places.max()) + 1, np.uint8)
    owner[places[known]] = labels[known]
    return np.asarray(owner[places], np.uint8), np.asarray(away, np.float32)


def _contacts(labels: Labels, count: int) -> Floats:
    """Return how long the common border of each two labels is, (count, count)."""
    pairs = []
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        apart = one != other
        pairs.append(one[apart].astype(np.intp) * count + other[apart])
    touch = np.bincount(np.concatenate(pairs), minlength=count**2).reshape(count, count)
    return np.asarray(touch + touch.T, np.float32)


def _specks(walls: Mask, nearest: Labels, count: int) -> Floats:
    """Count the blots of ink within each piece, such as eyes, buttons and mouths."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(walls.astype(np.uint8), connectivity=8)
    small = centres[1:][stats[1:, cv2.CC_STAT_AREA] <= SPECK]
    columns, rows = np.rint(small).astype(int).T
    return np.bincount(nearest[rows, columns], minlength=count)[1:].astype(np.float32)


def _distance(mask: Mask) -> Floats:
    """Return the distance of each pixel to where a mask ends, or to the picture's end, px."""
    padded = np.pad(mask.astype(np.uint8), 1)
    far = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(far[1:-1, 1:-1], np.float32)
