"""A recording that is known: a hum, and the phones that it stands for."""

from __future__ import annotations

import numpy as np
from training.head.data.clips import RATE
from training.head.evaluate.recordings import Recording

SPOKEN = [
    ("SIL", 0.0, 0.4),
    ("M", 0.4, 0.52),
    ("AA1", 0.52, 0.8),
    ("P", 0.8, 0.9),
    ("IY0", 0.9, 1.2),
]


def recording() -> Recording:
    """Return a hum that is loud while a vowel is told, and silence elsewhere."""
    time = np.arange(int(1.2 * RATE)) / RATE
    loud = ((time >= 0.52) & (time < 0.8)) | (time >= 0.9)
    hum = 8000 * np.sin(2 * np.pi * 150 * time) * loud
    return Recording("a hum", hum.astype(np.int16), SPOKEN)
