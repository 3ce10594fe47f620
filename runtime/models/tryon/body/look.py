"""What one parse of a person's picture tells, kept until the next: planes, light, hem, skin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from ...perception.parse import Parse, Part
from ..arrays import Box, Floats, Pixels, Points, Vector, from_bytes, in_bytes
from ..repair.hidden import worn_top
from ..repair.net import Repair, Repaired, Under
from ..repair.skin import seen
from .frame import Body
from .light import shade
from .outline import Outline
from .worn import USUAL_HEM, firm, hands_apart, strays, told_apart, trunk, worn

_LEAST_FACE = 0.1  # of the shoulders' width: a side of the least face that says where a head is
_LOG = 300.0  # a byte of light is 1/300 of a log unit, 128 none: ±0.42, more than folds have


@dataclass(frozen=True, eq=False)
class Planes:
    """What a parse says of a crop of the present frame, (h, w) floats in 0..1; light as logs."""

    front: Floats  # hair and face: what no garment covers
    skin: Floats
    clothes: Floats
    background: Floats
    top: Floats  # of clothes: the top's, not the trousers'
    light: Floats


@dataclass(frozen=True, eq=False)
class Look:
    """One parsed picture; all of it in bytes, as it is kept for a session."""

    body: Body  # as it stood then
    planes: Pixels  # (6, H, W), in the order of `Planes`; light around 128
    person: Pixels  # (H, W): all of it, and without the face
    hem: float | None  # of the worn top below the shoulders, in the body's height
    tone: Vector | None  # RGB 0..255
    under: Under | None = None  # what the worn top hides, where a net was asked

    @property
    def ends(self) -> float:
        """Where the worn top ends, or about, below the shoulders, in the body's height."""
        return USUAL_HEM if self.hem is None else self.hem

    @cached_property
    def clothed(self) -> float:
        """The share of the torso on which clothes are seen."""
        corners = self.body.joints[:, [0, 3]].reshape(4, 2)[[0, 2, 3, 1]]
        zone = np.zeros(self.planes.shape[1:], np.uint8)
        cv2.fillConvexPoly(zone, corners.round().astype(np.int32), 1)
        inside = self.planes[2][zone > 0]
        return float((inside > 127).mean()) if inside.size else 0.0

    def head(self, body: Body) -> Vector | None:
        """Return the middle of the face in the present frame, px; None where none is seen."""
        if self._face is None:
            return None
        move = motion(self.body, body)
        return np.asarray(move[:, :2] @ self._face + move[:, 2], np.float32)

    @cached_property
    def _face(self) -> Vector | None:
        """The same, of the picture that was parsed."""
        face = cv2.subtract(self.person[..., 0], self.person[..., 1])
        found = cv2.moments(face)
        if found["m00"] < 255 * (_LEAST_FACE * self.body.width) ** 2:
            return None
        return np.array([found["m10"], found["m01"]], np.float32) / np.float32(found["m00"])

    def dressed(self, body: Body, near: Box) -> Box | None:
        """Return the box of the clothes that are seen in a box of the present frame; None: none."""
        move = motion(self.body, body)
        back = np.asarray(cv2.invertAffineTransform(move), np.float32)
        height, width = self.planes.shape[1:]
        x0, y0, x1, y1 = _moved(near, back, width, height)
        there = self.planes[2, y0:y1, x0:x1] > 127
        rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
        if not len(rows):
            return None
        found = (x0 + int(columns[0]), y0 + int(rows[0]))
        ends = (x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
        return _moved((*found, *ends), move, width, height)

    def repaired(self, box: Box, body: Body) -> Repaired | None:
        """Return what lies under the worn top, in a crop of the present frame."""
        return None if self.under is None else self.under.within(box, motion(self.body, body))

    def outline(self, body: Body) -> Outline:
        """Return the outline, for points of a body of now."""
        back = cv2.invertAffineTransform(motion(self.body, body))
        return replace(self._outline, back=np.asarray(back, np.float32))

    @cached_property
    def _outline(self) -> Outline:
        """The outline, for points of the body as it stood then."""
        person, without = self.person[..., 0] > 127, self.person[..., 1] > 127
        return Outline(person, without, np.eye(2, 3, dtype=np.float32), self.planes[2] > 127)

    def within(self, box: Box, body: Body) -> Planes:
        """Return a crop of the present frame, moved there with the body."""
        x0, y0, x1, y1 = box
        move = motion(self.body, body)
        if np.allclose(move, np.eye(2, 3), atol=1e-3):
            crops = list(self.planes[:, y0:y1, x0:x1])
        else:
            move[:, 2] -= (x0, y0)
            size = x1 - x0, y1 - y0
            crops = [
                np.asarray(plane, np.uint8)
                for sheet in self._sheets
                for plane in cv2.split(
                    cv2.warpAffine(sheet, move, size, borderMode=cv2.BORDER_REPLICATE)
                )
            ]
        front, skin, clothes, background, top = (from_bytes(crop) for crop in crops[:5])
        light = (crops[5].astype(np.float32) - 128) / np.float32(_LOG)
        return Planes(front, skin, clothes, background, top, light)

    @cached_property
    def _sheets(self) -> tuple[Pixels, Pixels]:
        """The planes as pictures of four channels: OpenCV moves those quicker than one plane."""
        front, skin, clothes, background, top, light = self.planes
        return np.dstack([front, skin, clothes, background]), np.dstack([top, light, top, light])


def look(
    image: Pixels,
    parse: Parse,
    body: Body,
    repair: Repair | None = None,
    features: Points | None = None,
) -> Look:
    """Read a parsed picture; image is (H, W, 3) RGB, of the parse's size.

    With ``repair`` it also says what the worn top hides, if enough skin is seen to tell its tone.
    Where a parse knows no face its ``features`` (n, 2), eyes and mouth in px, say where one is.
    """
    clothes, skin, face = parse.of(Part.CLOTHES), parse.of(Part.SKIN), parse.of(Part.FACE)
    hair, background = parse.of(Part.HAIR), parse.of(Part.BACKGROUND)
    stray = strays(hair + face, body)
    clothes = np.asarray(clothes + (hair + face) * stray, np.float32)
    hair, face = (np.asarray(share * (1 - stray), np.float32) for share in (hair, face))
    skin, hair = (firm(share, body.width) for share in (skin, hair))
    things = parse.of(Part.OTHER) * trunk(body, clothes.shape)
    clothes = np.asarray(clothes + things, np.float32)
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.uint8)
    arms = body.joints[:, :3]
    known = seen(image, face, skin, arms, body.width)
    if known is None and features is not None:
        known = seen(image, _between(features, face.shape), skin, arms, body.width)
    if known is not None:
        skin, clothes = told_apart(image, skin, clothes, known.tone, body.width)
    wears = worn(lab, clothes, body)
    if known is not None:
        skin, clothes = hands_apart(lab, skin, clothes, known.tone, body, wears.hem)
    light = shade(lab, clothes, body.width)
    shares = (hair + face, skin, clothes, background, wears.top.astype(np.float32))
    logs = np.clip(light * _LOG + 128.5, 0, 255).astype(np.uint8)
    planes = np.stack([*(in_bytes(each) for each in shares), logs])
    person = np.dstack([in_bytes(1 - background), in_bytes(1 - background - face)])
    hem = None if wears.hem is None else wears.hem / body.height
    if known is None:
        return Look(body, planes, person, hem, None)
    under = None
    if repair is not None:
        ends = (USUAL_HEM if hem is None else hem) * body.height
        above, high = _above(body, clothes.shape, ends)
        top = np.maximum(wears.top, high)
        kept = hair + face + skin
        hidden = worn_top(clothes, top, kept, background, arms, body.width, above)
        if hidden.max() > 0.3:
            bare = np.maximum(face, skin)
            under = repair.under(image, hidden, 1 - background, bare, known.tone, arms, body.width)
    return Look(body, planes, person, hem, known.tone, under)


def _between(features: Points, shape: tuple[int, ...]) -> Floats:
    """Return what lies between a face's features, (H, W) 0 or 1."""
    inside = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(features.round().astype(np.int32)), 1)
    return inside.astype(np.float32)


def _moved(box: Box, move: Points, width: int, height: int) -> Box:
    """Return the box around a moved one, in a picture of this width and height."""
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], np.float32)
    moved = corners @ move[:, :2].T + move[:, 2]
    low = np.clip(np.floor(moved.min(0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(moved.max(0)), low + 1, (width, height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _above(body: Body, shape: tuple[int, ...], hem: float) -> tuple[Floats, Floats]:
    """Return what lies above a hem, (H, W) 0..1, and what so far that its cloth is the top's."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    down = (x - body.neck[0]) * body.down[0] + (y - body.neck[1]) * body.down[1]
    above = np.clip((hem + 0.03 * body.width - down) / 6, 0, 1)
    return above.astype(np.float32), (down < hem * 0.6).astype(np.float32)


def motion(then: Body, now: Body) -> Points:
    """Return the similarity (2, 3) that takes a torso of then nearest to that of now."""
    one, other = (each.joints[:, [0, 3]].reshape(4, 2).astype(np.float64) for each in (then, now))
    if np.array_equal(one, other):
        return np.eye(2, 3, dtype=np.float32)
    a, b = one - one.mean(0), other - other.mean(0)
    # Least squares of a similarity in the plane (Umeyama 1991), as one complex number.
    a_, b_ = a[:, 0] + 1j * a[:, 1], b[:, 0] + 1j * b[:, 1]
    turn = (np.conj(a_) @ b_) / max(float((np.abs(a_) ** 2).sum()), 1e-6)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.asarray(np.c_[matrix, other.mean(0) - matrix @ one.mean(0)], np.float32)
