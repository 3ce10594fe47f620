"""From a seen person and prepared garments to what a client gets: picture, notes, data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from livedraft.protocol.messages import Note

from . import notes
from .arrays import Pixels
from .body.frame import SIDES, Body
from .body.look import Look
from .body.outline import Outline
from .body.pictured import dressable, legs_pictured
from .body.reading import named
from .exposure import DARK, exposure
from .fit.controls import Part
from .fit.tops import Ease
from .garment import Garment
from .outfit import main_of
from .params import View
from .state import TryOnJob
from .wear.layers import Fitted, Sheets
from .wear.limbs import Limbs
from .wear.wear import Worn, wear

Data = dict[str, object]


class Fit(Protocol):
    """Where garments lie on bodies: `Offsets` of the trained nets, or another."""

    def placed(
        self, garment: Garment, body: Body, outline: Outline, hem: float | None, ease: Ease
    ) -> tuple[Part, ...]:
        """Return a garment's control points; ``hem`` is where the worn top ends, px down."""
        ...


def dress(job: TryOnJob, fit: Fit) -> Worn | None:
    """Dress the person of a job; None where nothing was chosen, or nothing can be worn."""
    person, look, garments = job.person, job.look, _wearable(job)
    if person is None or look is None or not garments:
        return None
    outline = look.outline(person.body)
    hem = None if look.hem is None else look.hem * person.body.height
    ease = Ease(job.params.fit)
    fitted = []
    for sheets in garments:
        parts = fit.placed(sheets.garment, person.body, outline, hem, ease)
        if job.camera is not None and job.frame is not None:
            parts = job.camera.steady.steadied(parts, person.body, job.frame.pts)
        fitted.append(Fitted(sheets, parts))
    return wear(person.image, look, person.body, fitted, job.allowed)


def notes_of(job: TryOnJob) -> tuple[Note, ...]:
    """Return what a user should know of a picture."""
    person, look = job.person, job.look
    if job.image is None:
        return ()
    if person is None:
        return (notes.NO_PERSON,)
    found: list[Note] = []
    if len(person.people) > 1 and job.params.subject is None:
        found.append(notes.SEVERAL_PEOPLE)
    if not job.garments or look is None:
        return (*found, notes.GARMENT_MISSING)
    found += notes.of_body(person.body)
    if exposure(job.image) < DARK:
        found.append(notes.TOO_DARK)
    worn = _wearable(job)
    if dressable(person.body) and len(worn) < len(job.garments):
        found.append(notes.LEGS_UNSEEN)
    if not worn:
        return tuple(found)
    found += [*notes.of_look(person.body, look), *main_of(job.garments).notes]
    return (*found, *_of_arms(person.body, look, worn))


def _wearable(job: TryOnJob) -> list[Sheets]:
    """Return those of the chosen garments for which enough of the person is seen."""
    if job.person is None or job.image is None or not dressable(job.person.body):
        return []
    size = job.image.shape[1], job.image.shape[0]
    legs = legs_pictured(job.person.body, size)
    return [sheets for sheets in job.garments if legs or sheets.garment.kind != "lower"]


def _of_arms(body: Body, look: Look, garments: list[Sheets]) -> list[Note]:
    tops = [sheets.garment for sheets in garments if sheets.garment.kind != "lower"]
    found: list[Note] = []
    if any(garment.sleeves != "long" for garment in tops) and _sleeved(look):
        found.append(notes.SLEEVES_REMOVED if look.tone is not None else notes.SLEEVES_KEPT)
    if any(Limbs(body, (0, 0, 1, 1)).crossing(side) for side in SIDES):
        found.append(notes.HANDS_OVER_CLOTHES)
    return found


def _sleeved(look: Look) -> bool:
    """Return whether a forearm is covered by clothes now."""
    planes, body = look.planes, look.body
    height, width = planes.shape[1:]
    for side, seen in zip(SIDES, body.arms_seen, strict=True):
        middle = (body.at(side, "elbow") * 2 + body.at(side, "wrist")) / 3
        x, y = int(middle[0]), int(middle[1])
        if seen and 0 <= x < width and 0 <= y < height and planes[2, y, x] > 127:
            return True
    return False


def data_of(job: TryOnJob) -> Data:
    """Return what was measured, for the client to show and correct: shares of the pictures."""
    data: Data = {}
    if job.garments:
        garment = main_of(job.garments)
        data |= {"category": garment.kind, "sleeves": garment.sleeves, "points": _points(garment)}
    if job.person is not None:
        height, width = job.person.image.shape[:2]
        data["joints"] = named(job.person.body, (width, height))
        data["people"] = [list(box) for box in job.person.people]
    return data


def _points(garment: Garment) -> Mapping[str, list[float]]:
    height, width = garment.alpha.shape
    return {
        name: [round(x / width, 4), round(y / height, 4)] for name, (x, y) in garment.points.items()
    }


def view_of(view: View, image: Pixels, worn: Worn | None) -> Pixels:
    """Return a view of what is worn: RGB, a layer RGBA, or a mask."""
    if view == "picture":
        return image if worn is None else worn.picture
    veil = np.zeros(image.shape[:2], np.uint8)
    made = image.copy()
    if worn is not None:
        x0, y0, x1, y1 = worn.box
        veil[y0:y1, x0:x1] = (worn.veil * 255 + 0.5).astype(np.uint8)
        made[y0:y1, x0:x1] = (worn.layer(image) + 0.5).astype(np.uint8)
    if view == "layer":
        made[veil == 0] = 0  # nothing of a photograph goes out where nothing changed
        return np.dstack([made, veil])
    return np.repeat(veil[..., None], 3, axis=2)
