"""A person's own skin tone, from the skin that is seen: never a default."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Floats, Mask, Pixels, Points, Vector

FLOOR = 10.0  # of 255: what is darker is noise, and its logarithm would be loud
LEAST = 0.004  # of the squared shoulder width: less skin than this is too little to tell a tone
MANY = 6000  # pixels are enough to tell a median
ROUNDS = 4
# Bands of lightness within which skin is taken: below lie shadows, brows, beards and the hair's
# edge, above highlights.
DARK, BRIGHT = 30, 90  # percentiles
SPREAD = 2.2  # median deviations from the median chroma: lips, make-up, stubble
# How much each says of an arm's tone: bare parts of the arms themselves most, hands least, which
# are redder and darker than arms; necks are paler than faces, and arms between both.
TRUST = {"arm": 3.0, "neck": 1.2, "face": 1.0, "hand": 0.35}
# What other skin may differ from the face's, L* and a*b*: tan and shadows are darker.
BRIGHTER, DARKER, OTHER_HUE = 14.0, 32.0, 18.0
SHADE = 16.0  # L* by which the darker of two parts counts 1/e: it lies in a shadow


@dataclass(frozen=True, eq=False)
class Skin:
    """What was seen of somebody's skin."""

    tone: Vector  # (3,) sRGB 0..255
    pixels: int  # how many told it
    spread: float  # L* between the parts that told it: how unsure it is


def relative(colours: Floats, tone: Vector) -> Floats:
    """Return sRGB colours (…, 3), 0..255, as logarithms against a tone's: 0 is the tone."""
    floor = np.float32(FLOOR)
    logs = np.log(colours.astype(np.float32) + floor) - np.log(tone.astype(np.float32) + floor)
    return np.asarray(logs, np.float32)


def absolute(logs: Floats, tone: Vector) -> Floats:
    """Return the colours, 0..255, whose `relative` these are."""
    floor = np.float32(FLOOR)
    colours = np.exp(logs) * (tone.astype(np.float32) + floor) - floor
    return np.asarray(np.clip(colours, 0, 255), np.float32)


def seen(image: Pixels, face: Floats, skin: Floats, arms: Points, width: float) -> Skin | None:
    """Return the tone of the skin that is seen in a picture (H, W, 3), or None of too little.

    `face` and `skin` (H, W) 0..1 say where it is seen; `arms` (2, 3, 2) are shoulders, elbows and
    wrists, and `width` is the shoulders', in px.
    """
    least = max(24.0, LEAST * width * width)
    labs: list[Floats] = []
    weights, count = [], 0
    for name, mask in _parts(face, skin, arms, width).items():
        pixels = int(np.count_nonzero(mask))
        if pixels < least / 3:
            continue
        colours = image[mask]
        if pixels > MANY:
            colours = colours[:: pixels // MANY + 1]
        lab = _median(colours)
        if labs and not _alike(lab, labs[0]):  # the face comes first
            continue
        labs.append(lab)
        weights.append(TRUST[name] * min(1.0, pixels / (4 * least)))
        count += pixels
    if count < least:
        return None
    found, trust = np.stack(labs), np.array(weights, np.float32)
    # A neck lies in the chin's shadow, hands at the edge of the light: an arm is lit as the
    # brightest is. Chroma is their mean.
    lit = trust * np.exp((found[:, 0] - found[:, 0].max()) / np.float32(SHADE))
    lab = (found * trust[:, None]).sum(0) / trust.sum()
    lab[0] = (found[:, 0] * lit).sum() / lit.sum()
    tone = cv2.cvtColor(lab.reshape(1, 1, 3).astype(np.float32), cv2.COLOR_LAB2RGB).reshape(3) * 255
    return Skin(np.clip(tone, 0, 255).astype(np.float32), count, float(np.ptp(found[:, 0])))


def _parts(face: Floats, skin: Floats, arms: Points, width: float) -> dict[str, Mask]:
    """Return where skin of which part is surely seen: away from borders, where colours mix."""
    rim = 2 * max(1, round(width * 0.012)) + 1
    disc = np.ones((rim, rim), np.uint8)
    inside = [cv2.erode((mask > 0.75).astype(np.uint8), disc) > 0 for mask in (face, skin)]
    height, across = skin.shape
    limbs, hands = np.zeros((2, height, across), np.uint8)
    for shoulder, elbow, wrist in arms:
        hand = wrist + (wrist - elbow) * np.float32(0.5)
        for canvas, line, thick in (
            (limbs, (shoulder, elbow, wrist), 0.26),
            (hands, (wrist, hand), 0.3),
        ):
            points = np.round(np.stack(line)).astype(np.int32)
            cv2.polylines(canvas, [points], False, 1, max(1, round(width * thick)))
    of_hands, of_arms = hands > 0, limbs > 0
    return {
        "face": inside[0],
        "arm": inside[1] & of_arms & ~of_hands,
        "hand": inside[1] & of_hands,
        "neck": inside[1] & ~of_arms & ~of_hands,
    }


def _alike(lab: Floats, face: Floats) -> bool:
    """Return whether this can be skin of who has that face; a wall, taken for skin, cannot."""
    darker = float(face[0] - lab[0])
    return -BRIGHTER < darker < DARKER and float(np.hypot(*(lab[1:] - face[1:]))) < OTHER_HUE


def _median(colours: Pixels) -> Floats:
    """Return the L*a*b* of skin without its shadows, highlights and what is coloured otherwise."""
    lab = cv2.cvtColor(colours.reshape(1, -1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    low, high = np.percentile(lab[:, 0], (DARK, BRIGHT))
    lab = lab[(lab[:, 0] >= low) & (lab[:, 0] <= high)]
    for _ in range(ROUNDS):
        middle = np.median(lab, 0)
        off = np.hypot(*(lab[:, 1:] - middle[1:]).T)
        kept = off <= SPREAD * max(float(np.median(off)), 0.5)
        if kept.all():
            break
        lab = lab[kept]
    return np.asarray(np.median(lab, 0), np.float32)
