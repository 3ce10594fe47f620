"""What golden frames show: drawn and shipped people in shipped garments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams

Pixels = NDArray[np.uint8]

FRAMES = Path(__file__).parent / "frames"
_DRAWN = Path(__file__).parents[1] / "people"
_SHIPPED = Path(__file__).parents[5] / "demos" / "tryon" / "people"
# Person, garment, and a second garment below it.
CASES = [
    ("front", "breton-navy", ""),
    ("front", "jeans-blue", ""),
    ("front", "dress-wine", ""),
    ("dark", "tee-terracotta", ""),
    ("dark", "blouse-ivory", "skirt-green"),
    ("crossed", "sweatshirt-grey", ""),
    ("astronaut", "denim-jacket", ""),
    ("young-woman-in-mauve", "breton-navy", ""),
]


def frame_of(person: str, sku: str, lower: str) -> Path:
    """Return where a case's frame is kept."""
    return FRAMES / f"{person}+{sku}{'+' + lower if lower else ''}.webp"


def made(model: TryOn, person: str, sku: str, lower: str, fit: float = 0) -> Pixels:
    """Return what the model makes of a case now."""
    drawn = _DRAWN / f"{person}.webp"
    path = drawn if drawn.exists() else _SHIPPED / f"{person}.jpg"
    picture = np.asarray(Image.open(path).convert("RGB"))
    asked = TryOnParams(sku=sku, lower_sku=lower, fit=fit)
    (job,) = model.prepare([(model.open(), Request(asked, {"person": picture}, Stage.DRAFT, 1))])
    model.step([job])
    ((still,),) = model.emit([job])
    assert isinstance(still, Still)
    return still.pixels
