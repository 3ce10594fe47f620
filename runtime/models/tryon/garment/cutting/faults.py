"""What is wrong with a garment's picture, said in the shop's words, each with a way out."""

from __future__ import annotations

import numpy as np

from livedraft.errors import InvalidImage

from ..garment import Mask

LEAST_SIDE = 64  # px of the longest side; below it no sleeve is told from a torso
_LEAST_AREA = 0.03  # of the picture: a detail's folds and buttons are smaller
_PIECE_AREA = 0.06  # of the picture, of the larger of two garments: else they are parts of a detail
_MOST_AREA = 0.985
_SECOND = 0.35  # of the largest piece: a second garment, no belt or label beside it

CUT_OUT = "send the garment cut out, as a PNG or WebP with a transparent ground"
PLAIN = f"photograph it alone on a plain ground of another colour, or {CUT_OUT}"


def refuse_shape(picture: object) -> None:
    """Raise InvalidImage unless this is a picture that a garment can be found in."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 3:
        raise InvalidImage(
            "a garment's picture is an array of bytes, (height, width, 3 or 4)",
            fix="hand over RGB or RGBA as uint8",
        )
    height, width, channels = picture.shape
    if channels not in (3, 4):
        raise InvalidImage(
            f"a garment's picture has 3 or 4 channels, this one has {channels}",
            fix="hand over RGB, or RGBA",
        )
    if max(height, width) < LEAST_SIDE or min(height, width) < LEAST_SIDE / 4:
        raise InvalidImage(
            f"the garment's picture is tiny: {width}×{height} px",
            fix="send one with a longest side of 512 px or more",
        )


def busy_ground() -> InvalidImage:
    """Say that the ground is no plain one."""
    return InvalidImage("the garment lies on a busy ground, or fills its picture", fix=PLAIN)


def nothing_there() -> InvalidImage:
    """Say that no cloth is seen."""
    return InvalidImage(
        "no garment is seen in the picture, or it is as bright as its ground",
        fix=f"{PLAIN}; or set four to six of its points by hand",
    )


def several_garments(count: int) -> InvalidImage:
    """Say that several garments lie in one picture."""
    return InvalidImage(
        f"there are {count} garments in one picture",
        fix="send a picture for each, and wear two of them together by `lower`",
    )


def refuse_pieces(pieces: list[Mask]) -> None:
    """Raise InvalidImage unless the pieces, the largest first, are one garment."""
    sizes = [int(piece.sum()) for piece in pieces]
    whole = pieces[0].size if pieces else 1
    if not sizes or sizes[0] < _LEAST_AREA * whole:
        raise nothing_there()
    if sizes[0] > _MOST_AREA * whole:
        raise busy_ground()
    large = sum(size > _SECOND * sizes[0] for size in sizes)
    if large > 1:
        raise several_garments(large) if sizes[0] > _PIECE_AREA * whole else nothing_there()


def cropped_sides(mask: Mask) -> list[str]:
    """Return the sides of the picture that cut the garment off."""
    edges = {"top": mask[0], "bottom": mask[-1], "left": mask[:, 0], "right": mask[:, -1]}
    return [side for side, line in edges.items() if line.mean() > 0.06]
