"""What a person wears: where the top ends, which cloth is the top's, and their seen skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Pixels, Vector, grown, planes
from .frame import Body

_LIGHTNESS = np.array([0.7, 1, 1], np.float32)
_DOWN = np.arange(0.15, 1.45, 0.02)  # probed, in heights from shoulders to hips
_ACROSS = np.array([-0.33, -0.2, -0.12, 0.12, 0.2, 0.33])  # in their width; not along a zip
_PAIRS = (0, -1), (1, -2), (2, -3)  # of them, the outermost first
_OF_TOP, _OF_BOTTOM, _ENDS = slice(0, 15), slice(47, 62), (25, 54)  # of the probed rows
_DIFFERENT = 14.0  # of colour between top and bottom: below it they cannot be told apart
_COLOURS, _COMMON = 4, 0.06  # of a piece of clothing: at most so many, each at least that share
# Below a hem lies its shadow, which is told as the top's: so much, in heights, of drawn people.
_SHADE = 0.03
_TELLS, _AGREED = 25.0, 4.0  # of colour: what a place tells at most, and the mean that is believed
_SURE = 0.5  # a part that is seen, not only mixed into a border of two others
_BESIDE, _ABOVE = 0.55, 0.5  # how far a trunk with its neck reaches, in the shoulders' width
_FAINT, _CHIN = 0.25, 0.05  # of a parse; above the shoulders' line, in their width
_SHADED = 0.36  # how dark skin in shade may be, of its usual brightness
# Skin that is so much brighter than usual, and less warm by so much, is none where most of it is.
_PALE, _FADED, _MOSTLY = 1.3, 0.8, 0.4
# A hand, in the shoulders' width: so far from its wrist; what is smaller is a shadow or a print.
_HAND, _LEAST_HAND = 0.32, 0.004
_SHADOWED, _LIT, _OTHER_HUE = 40.0, 25.0, 14.0  # of colour: what a hand is off the tone of skin
_DEEP = 90.0  # of 255: skin that is lighter a parse knows better than colours do
_UNLIKE = 10.0  # and off all colours of the clothes there, at least
# Where colours cannot be told apart, a top ends about here, in heights below the shoulders.
USUAL_HEM = 1.02


@dataclass(frozen=True, eq=False)
class Worn:
    """``hem``: px below the shoulders where the top ends, None if it cannot be told.

    ``top`` (H, W): cloth that has the top's colours; all of it where the hem is not known.
    """

    hem: float | None
    top: Mask


def worn(lab: Pixels, clothes: Floats, body: Body) -> Worn:
    """Return where the worn top ends, by the colours along the body's middle."""
    down = _DOWN * body.height
    height, width = clothes.shape
    x, y = _probed(body, clothes.shape)
    colours = lab[y, x].astype(np.float32) * _LIGHTNESS  # (rows, columns, 3)
    tops, bottoms = _palette(colours[_OF_TOP]), _palette(colours[_OF_BOTTOM])
    # A long top's colours lie below as well; but stripes of a colour that both have tell nothing.
    own = bottoms[_off(bottoms, tops) > _DIFFERENT]
    if not len(own):
        return Worn(None, np.ones((height, width), bool))
    dressed = (clothes[y, x][: _OF_BOTTOM.start] > 0.5).mean(0) > 0.8
    ends = _ends(_told(colours, tops, own), dressed) or _ends(
        _told(colours, tops, bottoms), dressed
    )
    if not ends:
        return Worn(None, np.ones((height, width), bool))
    hem = float(down[max(ends)]) - _SHADE * body.height
    blur = 2 * max(1, round(body.width / 60)) + 1  # a thread of another colour is no trousers
    nearer = _nearer(lab, tops, own).astype(np.uint8)
    top = cv2.medianBlur(nearer, min(blur, 5)).astype(bool)
    return Worn(hem, top)


def _probed(body: Body, shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places (rows, columns) along a body's middle that tell what is worn."""
    at = (
        body.neck
        + (_DOWN * body.height)[:, None, None].astype(np.float32) * body.down
        + (_ACROSS * body.width)[None, :, None].astype(np.float32) * body.across
    )
    # Beyond the picture the last row goes on, which is no other colour: no hem is found there.
    x = np.clip(at[..., 0].astype(np.intp), 0, shape[1] - 1)
    return x, np.clip(at[..., 1].astype(np.intp), 0, shape[0] - 1)


def _palette(colours: Floats) -> Floats:
    """Return the few colours (n, 3) that some (…, 3) are of: stripes and prints have several.

    The most usual first; each further one lies furthest from those before it, and is not rare.
    """
    every = colours.reshape(-1, 3)
    found = every[[_off(every, np.median(every, 0)[None]).argmin()]]
    least = _COMMON * len(every)
    while len(found) < _COLOURS:
        off = _off(every, found)
        for place in np.argsort(-off):
            one = every[[place]]
            if off[place] < _DIFFERENT:
                return found
            if (_off(every, one) < _DIFFERENT / 2).sum() >= least:
                found = np.concatenate([found, one])
                break
        else:
            break
    return found


def _off(colours: Floats, palette: Floats) -> Floats:
    """Return how far colours (…, 3) are from the nearest of a palette."""
    return np.asarray(np.linalg.norm(colours[..., None, :] - palette, axis=-1).min(-1), np.float32)


def _told(colours: Floats, tops: Floats, bottoms: Floats) -> Floats:
    """Return how much nearer colours (rows, columns, 3) are to a bottom's than to a top's."""
    off = _off(colours, tops) - _off(colours, bottoms)
    return np.asarray(np.clip(off, -_TELLS, _TELLS), np.float32)


def _ends(of_bottom: Floats, dressed: Mask) -> list[int]:
    """Return the probed rows where the outermost columns on clothes say that the top ends.

    Of an open jacket over a tucked shirt the jacket counts: it is what a new top must cover. Where
    the outermost tell nothing, where it ends is not known.
    """
    rows = [_end(column) for column in of_bottom.T]
    for pair in _PAIRS:
        on = [column for column in pair if dressed[column]]
        if on:
            return [row for row in (rows[column] for column in on) if row is not None]
    # Clothes that a parse takes for skin or for background end where most columns agree.
    found = [row for row in rows if row is not None]
    return [int(np.median(found))] if len(found) > len(_PAIRS) else []


def _end(of_bottom: Floats) -> int | None:
    """Return the probed row from which on colours are the bottom's, of one column.

    The row that most of what is told on both sides agrees with; a stripe or a belt is outvoted.
    """
    told = np.concatenate([[0.0], np.cumsum(of_bottom, dtype=np.float64)])
    rows = np.arange(*_ENDS)
    row = int(rows[np.argmin(told[rows])])
    above, below = -told[row] / row, (told[-1] - told[row]) / (len(of_bottom) - row)
    return row if min(above, below) > _AGREED else None


def _nearer(lab: Pixels, some: Floats, others: Floats) -> Mask:
    """Return where pixels (H, W, 3) are nearer to one of some colours (n, 3) than to all others."""
    own = planes(lab)
    return np.asarray(_least(own, some) < _least(own, others))


def _least(own: list[Floats], colours: Floats) -> Floats:
    """Return the squared distance to the nearest of some colours (n, 3), less the pixel's own.

    Of |p - c|² the share |p|² is the same for all colours: it costs most, and decides nothing.
    """
    least = np.full(own[0].shape, np.inf, np.float32)
    for colour in colours.astype(np.float32):
        weights = -2 * _LIGHTNESS * colour
        off = own[0] * weights[0] + own[1] * weights[1] + own[2] * weights[2]
        np.minimum(least, off + colour @ colour, out=least)
    return least


def firm(share: Floats, unit: float) -> Floats:
    """Return a share of a parse without what is faint and near to nothing surer.

    Along every outline a parse gives a little to each part, which would be kept as ghosts of it.
    """
    sure = (share > _SURE).astype(np.float32)
    return np.asarray(share * grown(sure, max(1.0, 0.02 * unit)), np.float32)


def trunk(body: Body, shape: tuple[int, ...]) -> Floats:
    """Return where a trunk and its neck are, (H, W) 0..1: there other things are worn, as rings.

    Hats, glasses, shoes and what is held aside lie elsewhere.
    """
    y, x = np.ogrid[: shape[0], : shape[1]]
    down = (x - body.neck[0]) * body.down[0] + (y - body.neck[1]) * body.down[1]
    across = (x - body.neck[0]) * body.across[0] + (y - body.neck[1]) * body.across[1]
    inside = (np.abs(across) < _BESIDE * body.width) & (down > -_ABOVE * body.width)
    return np.asarray(inside & (down < body.height), np.float32)


def told_apart(
    image: Pixels, skin: Floats, clothes: Floats, tone: Vector, unit: float
) -> tuple[Floats, Floats]:
    """Return skin and clothes, where what has not nearly the tone of skin is no skin.

    A parse errs where a sleeve lies close to a hand; shade and light keep skin within bounds.
    """
    red, green, blue = planes(image)
    level = (red + green + blue) / 3 + 10
    warmth = (red + 10) / (blue + 10)
    usual, warm = float(tone.mean()) + 10, float((tone[0] + 10) / (tone[2] + 10))
    near = (level > usual * _SHADED) & (level < usual * 2.2) & (warmth > 0.62 * warm)
    sure = skin > _SURE
    pale = sure & (level > usual * _PALE) & (warmth < _FADED * warm)
    if pale.sum() > _MOSTLY * sure.sum():  # a white top taken for skin; its shadows are no warmer
        near &= warmth > np.sqrt(warm * np.median(warmth[pale]))
    wrong = (~near & (skin > 0.3)).astype(np.uint8)
    side = 2 * max(1, round(0.03 * unit)) + 1  # rims are of mixed colours, and narrow
    kernel = np.ones((side, side), np.uint8)
    large = cv2.dilate(cv2.morphologyEx(wrong, cv2.MORPH_OPEN, kernel), kernel)
    wrong = np.asarray(large, np.uint8) * (~near).astype(np.uint8)
    return skin * (1 - wrong), clothes + skin * wrong


def hands_apart(
    lab: Pixels, skin: Floats, clothes: Floats, tone: Vector, body: Body, hem: float | None
) -> tuple[Floats, Floats]:
    """Return skin and clothes, where cloth by a wrist that has the tone of skin is a hand.

    A parse takes very dark hands on hips for clothes. What has a colour of the clothes there stays
    cloth: above the ``hem``, px below the shoulders, trousers are none of them.
    """
    usual = cv2.cvtColor(tone.reshape(1, 1, 3).astype(np.uint8), cv2.COLOR_RGB2LAB)[0, 0]
    if usual[0] > _DEEP:
        return skin, clothes
    zone = np.zeros(clothes.shape, np.uint8)
    for wrist in body.joints[list(body.arms_seen), 2].round().astype(int).tolist():
        cv2.circle(zone, wrist, max(2, round(_HAND * body.width)), 1, -1)
    inside = (zone > 0) & (clothes > _FAINT)
    x, y = _probed(body, clothes.shape)
    colours = lab[y, x].astype(np.float32) * _LIGHTNESS
    own = lab[inside].astype(np.float32) * _LIGHTNESS
    of_top, of_bottom = (_off(own, _palette(colours[rows])) for rows in (_OF_TOP, _OF_BOTTOM))
    cloth = np.minimum(of_top, of_bottom)
    if hem is not None:
        rows, columns = np.nonzero(inside)
        down = (columns - body.neck[0]) * body.down[0] + (rows - body.neck[1]) * body.down[1]
        cloth = np.where(down < hem, of_top, cloth)
    off = own - usual.astype(np.float32) * _LIGHTNESS
    near = np.linalg.norm(off[:, 1:], axis=-1) < _OTHER_HUE
    near &= (off[:, 0] > -_SHADOWED) & (off[:, 0] < _LIT)
    found = np.zeros(clothes.shape, np.uint8)
    found[inside] = near & (cloth > np.maximum(_UNLIKE, np.linalg.norm(off, axis=-1)))
    side = 2 * max(1, round(0.02 * body.width)) + 1
    whole = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(whole, np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] >= _LEAST_HAND * body.width**2
    large[0] = False  # the ground
    hand = large[labels].astype(np.float32) * zone
    return np.asarray(skin + clothes * hand, np.float32), np.asarray(
        clothes * (1 - hand), np.float32
    )


def strays(head: Floats, body: Body) -> Floats:
    """Return what of hair and face, (H, W), is neither: it lies on the trunk, away from the head.

    Brooches, flowers and prints are taken for faces; nobody has a second one on the chest.
    """
    count, found = cv2.connectedComponents((head > _FAINT).astype(np.uint8))
    labels = np.asarray(found, np.intp)
    if count <= 2:  # the ground, and one head
        return np.zeros_like(head)
    y, x = np.ogrid[: head.shape[0], : head.shape[1]]
    down = (x - body.neck[0]) * body.down[0] + (y - body.neck[1]) * body.down[1]
    reaches_up = np.zeros(count, bool)
    reaches_up[np.unique(labels[down < -_CHIN * body.width])] = True
    reaches_up[0] = True  # the ground
    apart = ~reaches_up[labels] & (trunk(body, head.shape) > 0)
    return grown(apart, max(1.0, 0.02 * body.width))
