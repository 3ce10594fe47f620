"""HDR pixels as sRGB: what PQ and HLG say, with highlights that roll off instead of burning out.

ITU-R BT.2100 has the curves and BT.2408 what white is; all arithmetic is on linear light.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..chunks import Pixels

Deep = NDArray[np.uint16]  # (h, w, channels), full range
Light = NDArray[np.float32]  # linear, 1 is white

PQ, HLG = 16, 18  # transfers, by ITU-T H.273, as what follows
_SDR_PRIMARIES = 1
_WHITE = 203.0  # cd/m2 (BT.2408, 2.2)
_PEAK = 1000.0  # cd/m2: of a display for HLG, and all that is told apart of PQ
_GAMMA = 1.2  # of such a display (BT.2100, table 5)
_KNEE = 0.7  # of white: from where on highlights are pressed together
_LEVELS = 2**16
_TO_SRGB = np.array(  # of BT.2020's primaries (BT.2087)
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


def to_sdr(pixels: Deep, transfer: int, primaries: int) -> Pixels:
    """Return uint8 (h, w, 3) in sRGB of (h, w, 3) in PQ or HLG.

    What is no brighter than ``_KNEE`` of white keeps its light; colours outside sRGB are clipped.
    """
    light = np.take(_decoded(transfer), pixels)
    if transfer == HLG:  # of the scene: as a display shows it
        seen = light @ np.array([0.2627, 0.678, 0.0593], np.float32)
        light *= (_PEAK / _WHITE * seen ** np.float32(_GAMMA - 1))[..., None]
    if primaries != _SDR_PRIMARIES:
        light = np.maximum(light @ _TO_SRGB.T, 0)
    brightest = np.maximum(light.max(axis=2, keepdims=True), np.float32(1e-6))
    light *= _rolled(brightest) / brightest  # all three alike: hues stay
    levels = np.rint(light * (_LEVELS - 1)).astype(np.uint16)
    made: Pixels = np.take(_encoded(), levels)
    return made


def _rolled(light: Light) -> Light:
    """Return light up to 1: a straight line, then Reinhard's curve (2002, eq. 4) to the peak."""
    room = 1 - _KNEE
    beyond = np.clip((light - _KNEE) / room, 0, (_PEAK / _WHITE - _KNEE) / room)
    whitest = (_PEAK / _WHITE - _KNEE) / room
    curve = beyond * (1 + beyond / whitest**2) / (1 + beyond)
    return np.asarray(np.minimum(light, _KNEE) + room * curve, np.float32)


@lru_cache(2)
def _decoded(transfer: int) -> Light:
    """Return the linear light of each level: PQ's by white, HLG's of the scene, up to 1."""
    level = np.arange(_LEVELS) / (_LEVELS - 1)
    if transfer == PQ:  # BT.2100, table 4
        power = level ** (32 / 2523)
        light = np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)
        return np.asarray(10_000 / _WHITE * light ** (16384 / 2610), np.float32)
    a = 0.17883277  # HLG: table 5
    b = 1 - 4 * a
    c = 0.5 - a * np.log(4 * a)
    return np.asarray(
        np.where(level <= 0.5, level**2 / 3, (np.exp((level - c) / a) + b) / 12), np.float32
    )


@lru_cache(1)
def _encoded() -> Pixels:
    """Return the sRGB level of each level of linear light (IEC 61966-2-1)."""
    light = np.arange(_LEVELS) / (_LEVELS - 1)
    made = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * made), np.uint8)
