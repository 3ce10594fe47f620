"""A drawn person, dressed by the model that shops are served; and by a sticker, to compare."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.errors import LivedraftError
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.base import Inputs, Plan, Request
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.dressing import Fit
from livedraft.runtime.models.tryon.eyes import Eyes
from livedraft.runtime.models.tryon.fit.controls import Part
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.fit.tops import Ease
from livedraft.runtime.models.tryon.garment import Garment, Kind
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams

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


class Rules:
    """Garments lie where rules have them: try-on without its trained offsets."""

    def placed(
        self, garment: Garment, body: Body, outline: Outline, hem: float | None, ease: Ease
    ) -> tuple[Part, ...]:
        """Return a garment's control points."""
        return targets(garment, body, outline, hem, ease)


class Fitter:
    """The model `tryon`, asked as a page asks it for the draft of a still: nothing is left out."""

    def __init__(self, fit: Fit | None = None) -> None:
        """Open the networks that ship; with a ``fit`` garments lie where that has them."""
        self.model = TryOn(Eyes.load(Plan(threads=1)), shipped(), AtOnce(), fit)

    def dress(self, sample: Sample, kind: Kind) -> Dressed | str:
        """Dress a sample's person; a word where that cannot be."""
        params = TryOnParams(category=kind)
        inputs: Inputs = {"person": sample.person, "garment": sample.garment}
        request = Request(params, inputs, Stage.DRAFT, self.model.info.draft_steps)
        try:
            (job,) = self.model.prepare([(self.model.open(), request)])
        except LivedraftError as error:
            return f"garment refused: {error}"
        self.model.step([job])
        if job.worn is None or job.person is None:
            return "nobody found"
        worn = job.worn
        x0, y0, x1, y1 = worn.box
        visible = np.zeros(worn.mask.shape, np.float32)
        visible[y0:y1, x0:x1] = worn.garment
        where = np.full((*worn.mask.shape, 2), np.nan, np.float32)
        where[y0:y1, x0:x1] = worn.map
        pasted = _sticker(sample.person, worn.garments[-1].garment, job.person.body)
        return Dressed(worn.picture, worn.mask, visible, where, pasted)


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
