"""A drawn person, dressed by the shipped try-on; and by a sticker, to tell what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.errors import LivedraftError
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.eyes import Eyes
from livedraft.runtime.models.tryon.fit.controls import Part
from livedraft.runtime.models.tryon.fit.learned import Offsets
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment, Kind, prepare
from livedraft.runtime.models.tryon.person import found
from livedraft.runtime.models.tryon.wear.layers import Fitted, Sheets
from livedraft.runtime.models.tryon.wear.wear import wear

from ..data.paint import Sample

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Dressed:
    """A person in a garment, as try-on made it; all of the person's picture's size."""

    picture: Pixels
    mask: Mask  # what it says that may differ
    garment: Floats  # (h, w) 0..1: how much of it is the garment
    map: Floats  # (h, w, 2) px of the garment's picture, NaN where there is none
    sticker: Pixels  # the garment by one affine map from its shoulders and hem, or waist and hem


class Fitter:
    """Try-on with its networks opened."""

    def __init__(self, learned: bool = True) -> None:
        self.eyes = Eyes.load(Plan(threads=1))
        self.offsets = Offsets.load() if learned else None

    def dress(self, sample: Sample, kind: Kind) -> Dressed | str:
        """Dress a sample's person; a word where that cannot be."""
        person = found(self.eyes, sample.person, None, {})
        if person is None:
            return "nobody found"
        try:
            garment = prepare(sample.garment, kind)
        except LivedraftError as error:
            return f"garment refused: {error}"
        look = person.look(self.eyes, whole=kind != "upper")
        body, outline = person.body, look.outline(person.body)
        hem = None if look.hem is None else look.hem * body.height
        parts = self.place(garment, body, outline, hem)
        worn = wear(sample.person, look, body, [Fitted(Sheets(garment), parts)])
        x0, y0, x1, y1 = worn.box
        visible = np.zeros(worn.mask.shape, np.float32)
        visible[y0:y1, x0:x1] = worn.garment
        where = np.full((*worn.mask.shape, 2), np.nan, np.float32)
        where[y0:y1, x0:x1] = worn.map
        pasted = _sticker(sample.person, garment, body)
        return Dressed(worn.picture, worn.mask, visible, where, pasted)

    def place(
        self, garment: Garment, body: Body, outline: Outline, hem: float | None
    ) -> tuple[Part, ...]:
        """Return a garment's control points; ``hem`` is in px."""
        if self.offsets is None:
            return targets(garment, body, outline, hem)
        return self.offsets.placed(garment, body, outline, hem)


def _sticker(image: Pixels, garment: Garment, body: Body) -> Pixels:
    """Paste a garment by the affine map of three points: what needs no model of a body."""
    names = ("waist_l", "waist_r") if garment.kind == "lower" else ("shoulder_l", "shoulder_r")
    low = [name for name in ("hem_l", "hem_r", "hem_out_l", "hem_out_r") if name in garment.points]
    flat = [garment.points[name] for name in names]
    flat.append(tuple(np.mean([garment.points[name] for name in low], axis=0)))
    ends = "hip" if garment.kind == "lower" else "shoulder"
    to = [body.at("l", ends), body.at("r", ends)]
    last = "ankle" if garment.kind == "lower" else "knee" if garment.kind == "dress" else "hip"
    to.append((body.at("l", last) + body.at("r", last)) / 2)
    matrix = cv2.getAffineTransform(np.array(flat, np.float32), np.array(to, np.float32))
    size = image.shape[1], image.shape[0]
    colour = cv2.warpAffine(garment.colour, matrix, size)
    alpha = cv2.warpAffine(np.asarray(garment.alpha, np.float32), matrix, size)[..., None]
    return np.asarray(np.clip(image * (1 - alpha) + colour * alpha + 0.5, 0, 255), np.uint8)
