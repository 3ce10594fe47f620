"""The 15 visemes, and the mouth that each shows by itself.

The classes are those of MPEG-4 (ISO/IEC 14496-2, face animation) as Oculus' LipSync names them,
which most avatars speak.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VISEMES = (
    "sil",
    "PP",
    "FF",
    "TH",
    "DD",
    "kk",
    "CH",
    "SS",
    "nn",
    "RR",
    "aa",
    "E",
    "I",
    "O",
    "U",
)

# What moves a mouth. ``open``: the gap of the lips; ``wide``: -1..1, corners drawn in or apart;
# ``pucker``: lips pushed forward; ``tuck``: the lower lip under the upper teeth; ``tongue``: it is
# up and seen; ``press``: lips pressed on each other. All but ``wide`` are 0..1.
CONTROLS = ("open", "wide", "pucker", "tuck", "tongue", "press")

# (15, 6): a row a viseme, in the order above.
POSES: NDArray[np.float32] = np.array(
    [
        [0.00, 0.00, 0.00, 0.0, 0.0, 0.15],
        [0.00, 0.00, 0.05, 0.0, 0.0, 1.00],
        [0.12, 0.05, 0.00, 1.0, 0.0, 0.00],
        [0.25, 0.05, 0.00, 0.0, 1.0, 0.00],
        [0.26, 0.12, 0.00, 0.0, 0.5, 0.00],
        [0.34, 0.05, 0.00, 0.0, 0.1, 0.00],
        [0.26, -0.25, 0.60, 0.0, 0.1, 0.00],
        [0.14, 0.35, 0.00, 0.0, 0.1, 0.00],
        [0.28, 0.10, 0.00, 0.0, 0.7, 0.00],
        [0.30, -0.20, 0.45, 0.0, 0.2, 0.00],
        [0.92, 0.05, 0.00, 0.0, 0.0, 0.00],
        [0.55, 0.25, 0.00, 0.0, 0.1, 0.00],
        [0.32, 0.45, 0.00, 0.0, 0.1, 0.00],
        [0.62, -0.30, 0.55, 0.0, 0.0, 0.00],
        [0.26, -0.55, 1.00, 0.0, 0.0, 0.00],
    ],
    np.float32,
)
