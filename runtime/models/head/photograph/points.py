"""The points of a mesh that a portrait is moved by, beside the named contours."""

from __future__ import annotations

from ...perception.contours import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    OVAL,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
)

# Eyes, nose, temples: what speaking leaves in place.
STILL = (
    *(1, 2, 98, 327, 4, 6, 197, 168, 27, 257, 230, 450, 119, 348),
    *RIGHT_UPPER_LID,
    *RIGHT_LOWER_LID,
    *LEFT_UPPER_LID,
    *LEFT_LOWER_LID,
)
FOREHEAD_ROW = (151, 9, 108, 337, 69, 299)
# Brows, the upper edge and the lower, each from outside to inside.
RIGHT_BROW_EDGES = ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55))
LEFT_BROW_EDGES = ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285))
CHEEKS = (
    *(50, 280, 205, 425, 187, 411, 207, 427, 36, 266, 214, 434, 212, 432),
    *(202, 422, 57, 287, 43, 273, 92, 322, 165, 391, 164),
)
CHINS = (
    *(18, 200, 199, 175, 83, 313, 182, 406, 204, 424, 194, 418),
    *(201, 421, 208, 428, 32, 262, 211, 431),
)
UNDER_NOSE, CHIN_TIP = 2, 152
FACE = (*OVAL, *STILL, *FOREHEAD_ROW, *CHEEKS)
