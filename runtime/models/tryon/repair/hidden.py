"""What of a picture counts as unseen, as the worn top hides it."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Points, grown

_SLEEVE = 0.38  # how wide an arm with room for a sleeve is, in the shoulders' width
_UNSURE = 0.97  # of background: less may still be the soft rim of a sleeve


def worn_top(
    clothes: Floats,
    top: Floats,
    kept: Floats,
    background: Floats,
    arms: Points,
    width: float,
    above: Floats,
) -> Floats:
    """Return where a top and its rims are, (H, W) 0..1.

    `clothes`, `kept` (hair, face, skin) and `background` are a parse's shares; `top` 1 where cloth
    has the top's colours; `arms` (2, 3, 2) px; `above` 1 above the top's hem.
    """
    on_arms = np.zeros(clothes.shape, np.uint8)
    thick = max(1, round(_SLEEVE * width))
    for arm in arms:
        cv2.polylines(on_arms, [np.round(arm).astype(np.int32)], False, 1, thick)
    sleeves = on_arms.astype(np.float32)
    rims = np.clip((_UNSURE - background) * 4, 0, 1) * np.clip(1 - kept, 0, 1) * sleeves
    rims = rims * grown((clothes > 0.3).astype(np.float32), 0.03 * width)
    old = np.maximum(clothes, rims) * np.maximum(sleeves, above) * top
    rim = grown(np.asarray(old, np.float32), float(np.clip(0.04 * width, 2, 8)))
    return np.asarray(np.clip(rim * (1 - np.clip(kept, 0, 1)) * 1.8 - 0.2, 0, 1), np.float32)
