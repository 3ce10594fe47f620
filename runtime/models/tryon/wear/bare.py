"""Which limbs new garments leave bare: arms beyond their sleeves, legs below their hems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats
from ..body.frame import SIDES
from .layers import Fitted
from .limbs import Limbs


def bare_limbs(garments: Sequence[Fitted], limbs: Limbs) -> Floats:
    """Return the distance from bare limbs, (h, w): 0 at a bone, 1 at the rim."""
    found = []
    for fitted in garments:
        kind = fitted.garment.kind
        for side in SIDES:
            if kind != "lower":
                found.append(limbs.bare("arm", side, fitted.end(f"sleeve_{side}")))
            if kind == "dress":
                found.append(limbs.bare("leg", side, fitted.end("body")))
            if kind == "lower":
                end = fitted.end(f"leg_{side}" if fitted.garment.legs else "body")
                found.append(limbs.bare("leg", side, end))
    return np.asarray(np.minimum.reduce(found))
