"""Types and small sums of arrays that drawing shares."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def floats(values: Any) -> Floats:
    """Return values as float32."""
    return np.asarray(values, np.float32)


def blurred(plane: Floats, spread: float) -> Floats:
    """Return a picture blurred by a Gaussian of this many px."""
    return floats(cv2.GaussianBlur(plane, (0, 0), spread))
