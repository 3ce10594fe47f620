"""Skin, in groups of tones by lightness, so that no group's errors hide behind another's.

The groups take the ten orbs of the Monk Skin Tone scale (Monk, 2019; skintone.google) by threes and
fours; their CIE L* in full light are given below. Within a group a tone lies anywhere between two
neighbouring orbs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

MONK = (
    "f6ede4 f3e7db f7ead0 eadaba d7bd96 a07e56 825c43 604134 3a312a 292420"
).split()  # orbs 1 to 10
ORBS = {  # group: its first and last orb
    "light": (1, 4),  # L* 87 to 95
    "medium": (5, 6),  # L* 55 to 78
    "deep": (7, 8),  # L* 30 to 43
    "very deep": (9, 10),  # L* 15 to 21
}
TONES = tuple(ORBS)


def tone_of(index: int) -> str:
    """Return the group that a record is painted in: each as often, among held-out ones too."""
    return TONES[index // 10 % len(TONES)]


@dataclass(frozen=True)
class Skin:
    """A complexion; sRGB, 0..255."""

    colour: NDArray[np.float64]  # (3,)
    lips: NDArray[np.float64]  # (3,)


def complexion(group: str, rng: Generator) -> Skin:
    """Draw a complexion of a group."""
    first, last = ORBS[group]
    at = rng.uniform(first - 1, last - 1)
    orbs = np.array([[int(code[k : k + 2], 16) for k in (0, 2, 4)] for code in MONK], float)
    colour = np.array([np.interp(at, np.arange(len(orbs)), orbs[:, k]) for k in range(3)])
    ruddy = rng.uniform(0.0, 0.06)  # the orbs are paler than skin in most photographs is
    colour = np.clip(colour * [1 + ruddy / 3, 1 - ruddy, 1 - 1.6 * ruddy], 0, 255)
    return Skin(colour, colour * [0.92, 0.66, 0.64])
