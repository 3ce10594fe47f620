"""The points of a face that have a name, as FaceMesh numbers its 468 (Kartynnik et al., 2019).

Left and right are the person's own; each contour goes from the picture's left to its right, or
around clockwise from the top.
"""

from __future__ import annotations

POINTS = 468

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288),
    *(397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136),
    *(172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
# Of the lips, from corner to corner; the inner edges meet where the mouth is shut.
UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
UPPER_LIP_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
# Of an eye, from corner to corner.
RIGHT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
RIGHT_BROW = (70, 63, 105, 66, 107)
LEFT_BROW = (336, 296, 334, 293, 300)
NOSE = (168, 6, 197, 195, 5, 4, 1, 2)  # down its bridge to under its tip

FOREHEAD, CHIN, NOSE_TIP = 10, 152, 1
RIGHT_CHEEK, LEFT_CHEEK = 234, 454  # the face's edges before the ears
EYE_CORNERS = (33, 263)  # the outer ones

CONTOURS: dict[str, tuple[int, ...]] = {
    "oval": OVAL,
    "upper_lip": UPPER_LIP,
    "upper_lip_inner": UPPER_LIP_INNER,
    "lower_lip_inner": LOWER_LIP_INNER,
    "lower_lip": LOWER_LIP,
    "right_upper_lid": RIGHT_UPPER_LID,
    "right_lower_lid": RIGHT_LOWER_LID,
    "left_upper_lid": LEFT_UPPER_LID,
    "left_lower_lid": LEFT_LOWER_LID,
    "right_brow": RIGHT_BROW,
    "left_brow": LEFT_BROW,
    "nose": NOSE,
}
