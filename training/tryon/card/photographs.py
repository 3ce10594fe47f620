"""Photographs and a painting of people in the public domain, dressed as the demo dresses them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams

from . import ROOT

PEOPLE = ROOT / "demos" / "tryon" / "people"
SHOWN = {  # people, and what of the garments that ship they try on: where it is hard
    "astronaut": ("tee-terracotta", "breton-navy"),
    "rear-admiral": ("breton-navy", "dress-flowers"),
    "young-woman-in-mauve": ("sweatshirt-grey", "tee-terracotta"),
}
HEIGHT, QUALITY = 180, 70  # px and JPEG quality of what is shown


def photographs(file: Path) -> None:
    """Write each person as they are and in garments, side by side."""
    model = TryOn.tiny()
    shown: list[Pixels] = []
    for name, skus in SHOWN.items():
        person = np.array(Image.open(PEOPLE / f"{name}.jpg").convert("RGB"))
        state = model.open()
        shown.append(person)
        for sku in skus:
            asked = Request(TryOnParams(sku=sku), {"person": person}, Stage.DRAFT, 1)
            (job,) = model.prepare([(state, asked)])
            model.step([job])
            shown.append(person if job.worn is None else job.worn.picture)
    Image.fromarray(np.concatenate([_small(each) for each in shown], 1)).save(file, quality=QUALITY)


def _small(picture: Pixels) -> Pixels:
    size = round(HEIGHT * picture.shape[1] / picture.shape[0]), HEIGHT
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
