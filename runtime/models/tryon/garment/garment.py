"""A garment that is ready to be worn: its cloth, where its parts lie, and their layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from livedraft.protocol.messages import Note

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Point = tuple[float, float]  # x, y in px of the prepared picture
Kind = Literal["upper", "lower", "dress"]
Sleeves = Literal["none", "short", "long"]

SIDE_PX = 768  # longest side of a prepared garment, at most

# Names of points; "l" is the picture's left. Each stands for two, "…_l" and "…_r", but for the
# single ones. Cuffs are missing without sleeves, and legs' points in a skirt.
TOP = ("neck", "shoulder", "pit", "hem")  # shoulder: where the sleeve begins, on the outline
SLEEVE = ("cuff_out", "cuff_in")  # the far end of a sleeve, its upper and its lower corner
WAIST = ("waist", "hip")
LEG = ("knee_out", "knee_in", "hem_out", "hem_in")
SINGLE = ("collar", "crotch")  # collar: the lowest point of the neck's opening, in front


@dataclass(frozen=True)
class Garment:
    """A garment cut out of its picture; arrays are of one size (H, W), the longest side <= 768.

    A top has points of `TOP` and `SLEEVE` and "collar", a dress those and `WAIST`; trousers have
    `WAIST`, `LEG` and "crotch", a skirt has `WAIST` and "hem_l", "hem_r". The layers overlap where
    they meet, so that no gap opens between them once each is warped by itself.
    """

    colour: Pixels  # (H, W, 3) RGB; beyond the rim the cloth's colour goes on
    alpha: Floats  # (H, W) 0..1: all of the garment that is seen
    kind: Kind
    points: Mapping[str, Point]
    body: Floats  # (H, W): torso, seat or skirt, without what lies in the opening
    limbs: Mapping[str, Floats]  # "sleeve_l", "sleeve_r", "leg_l", "leg_r", as far as there are any
    opening: Floats  # (H, W) 0..1: inside of the collar, up to above the picture's cloth
    back: Floats  # (H, W): the inside of the back, seen in the opening; lies behind the neck
    sleeves: Sleeves
    notes: tuple[Note, ...] = ()

    @property
    def legs(self) -> bool:
        """Whether it has two legs: trousers or shorts, no skirt."""
        return "crotch" in self.points
