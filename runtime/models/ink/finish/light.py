"""Light on a painted picture, by its style and its seed. A rule, nothing is trained.

The networks settle which region has which colour; their styles differ by tint. How a style is lit
is told here: *shaded* has matt gradients with warm lights and cool shadows, *3d* is a glossy body
with highlights, a rim of light and a soft shadow side, *noto* has three even tones, lit from above:
a crescent of shadow, one of light, and neither. Diffuse light is Lambert's, highlights are Blinn's
(1977), on the relief of the drawing. The rules' weights are where the patches of what is lit come
closest to those of the training art (`training.ink.train.light`); *noto* has two thirds of the
strength that was found, which looks better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..layout import SIZE
from .relief import SIDE, relief

DIRECTION = (0.87, -0.49)  # from where the training art is lit, x to the right and y down
RISE = (0.8, 0.75)  # of the light, along the paper and over it
DEFAULT_PUFF = 1.0
GREY = np.array([0.30, 0.59, 0.11], np.float32)  # brightness of a colour (ITU-R BT.601)
WARM = np.array([1.0, 0.93, 0.72], np.float32)
COOL = np.array([0.72, 0.35, 0.93], np.float32)  # of a shadow of grey
EDGE = 2.5  # px of 256 over which one tone becomes the next
SOFT = 2.0  # px of 128 by which light is blurred before it is parted, or tones were ragged


@dataclass(frozen=True, slots=True)
class Rule:
    """How a style is lit."""

    slope: float  # weight of what faces the light,
    place: float  # and of what lies towards it
    contrast: float  # of light, in natural logarithms
    deeper: float = 1.0  # how much more shadows darken than lights brighten
    warm: float = 0.0  # how far lights go to a warm white,
    cool: float = 0.0  # and shadows to a cool grey
    sheen: float = 0.0  # a wide highlight,
    glint: float = 0.0  # a narrow one,
    rim: float = 0.0  # and light from behind
    edge: float = 0.0  # how much what turns away from the viewer is darkened
    turn: float = 0.0  # degrees, from where it is lit against `DIRECTION`


@dataclass(frozen=True, slots=True)
class Tones:
    """How a style is lit that has even tones."""

    slope: float  # weights of the light, as a rule's
    place: float
    dusk: float  # light below which there is shadow,
    dawn: float  # and above which there is light
    darker: float  # how far shadows are darkened,
    cool: float  # go to a cool grey,
    lighter: float  # and lights to white
    turn: float  # degrees, as a rule's


RULES: Mapping[str, Rule | Tones] = MappingProxyType(
    {
        "shaded": Rule(
            slope=0.136,
            place=0.318,
            contrast=0.705,
            deeper=0.739,
            warm=0.143,
            cool=0.05,
            sheen=0.044,
            rim=0.072,
            edge=0.029,
        ),
        "3d": Rule(
            slope=0.327,
            place=0.38,
            contrast=0.587,
            deeper=0.832,
            warm=0.081,
            cool=0.461,
            sheen=0.141,
            glint=0.488,
            rim=0.68,
            edge=0.019,
        ),
        "noto": Tones(
            slope=0.285,
            place=0.236,
            dusk=-0.179,
            dawn=0.069,
            darker=0.147,
            cool=0.098,
            lighter=0.115,
            turn=-77.0,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a drawing is lit."""

    turn: float = 0.0  # degrees, of the light around the drawing
    puff: float = DEFAULT_PUFF  # how round shapes are
    gloss: float = 1.0  # of highlights
    warmth: float = 0.6  # of lights, and how cool shadows are
    depth: float = 1.0  # contrast of light and shadow; 0 leaves a picture unlit

    @property
    def towards(self) -> Floats:
        """Where the light is, a unit vector on the paper."""
        x, y = DIRECTION
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        found = np.array([x * cos - y * sin, x * sin + y * cos], np.float32)
        return found / np.linalg.norm(found)


def look_of(seed: int, default: int) -> Look:
    """Return the look of a seed; the default seed's is the likeliest."""
    if seed == default:
        return Look()
    rng = np.random.default_rng(seed)
    return Look(
        turn=float(rng.choice([-110.0, -80.0, -45.0, -20.0, 25.0])),
        puff=float(rng.choice([0.6, 1.0, 1.0, 1.6])),
        gloss=float(rng.uniform(0.4, 1.6)),
        warmth=float(rng.uniform(0.3, 1.0)),
        depth=float(rng.uniform(0.85, 1.2)),
    )


def lit(picture: Floats, lines: Floats, style: str, look: Look) -> Floats:
    """Return a straight picture (4, S, S) in 0..1 under light; `lines` are (256, 256).

    The style *flat* and an empty picture stay as they are. The result is written into `picture`.
    """
    coverage = picture[3]
    if len(coverage) != SIZE:
        coverage = np.asarray(cv2.resize(coverage, (SIZE, SIZE), interpolation=cv2.INTER_AREA))
    if style not in RULES or look.depth == 0 or not (coverage > 0.5).any():
        return picture
    rule = RULES[style]
    solid = np.asarray(cv2.resize(coverage, (SIDE, SIDE), interpolation=cv2.INTER_AREA)) > 0.5
    lights = Lights.on(relief(lines, coverage, look.puff), solid, aimed(look, rule).towards)
    lay(picture[:3], changed(lights, look, rule, picture.shape[1]))
    return picture


def aimed(look: Look, rule: Rule | Tones) -> Look:
    """Return a look whose light comes from where a style has it."""
    return replace(look, turn=look.turn + rule.turn)


def changed(lights: Lights, look: Look, rule: Rule | Tones, side: int) -> Change:
    """Return what light does to a picture of a side."""
    if isinstance(rule, Tones):
        return parted(lights, look, rule, side)
    return ruled(lights, look, rule)


@dataclass(frozen=True, slots=True)
class Lights:
    """What falls on a relief, maps of (128, 128)."""

    diffuse: Floats  # more than on paper, -1..1
    across: Floats  # where a pixel lies along the light, over the whole drawing, -1..1
    sheen: Floats  # a wide highlight, more than on what faces the viewer
    glint: Floats  # a narrow one
    rim: Floats  # light from behind on what turns away, 0..1
    away: Floats  # how far the relief turns away from the viewer, 0..1

    @classmethod
    def on(cls, normals: Floats, solid: NDArray[np.bool_], towards: Floats) -> Lights:
        """Cast a light from a side, a unit vector on the paper, on normals (128, 128, 3)."""
        light = np.array([*(towards * RISE[0]), RISE[1]], np.float32)
        light /= np.linalg.norm(light)
        halfway = light + np.array([0, 0, 1], np.float32)
        halfway /= np.linalg.norm(halfway)
        facing, level = np.maximum(normals @ halfway, 0), halfway[2]
        wide = _to_16(facing)
        narrow = (wide * wide) * (wide * wide)
        ahead = normals[..., :2] @ towards
        return cls(
            diffuse=normals @ light - light[2],
            across=_across(solid, towards),
            sheen=wide - level**16,
            glint=np.maximum(narrow - max(level**64, 0.2), 0),
            rim=np.clip(1.0 - normals[..., 2] * 1.15, 0, 1) * np.clip(-ahead, 0, 1),
            away=1 - normals[..., 2],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What light does to a colour: colour * own + brightness * cool * COOL + more, by pixel."""

    own: Floats  # (128, 128)
    cool: Floats  # (128, 128)
    more: Floats  # (3, 128, 128)


def ruled(lights: Lights, look: Look, rule: Rule) -> Change:
    """Return what light does by a style's rule."""
    light = rule.slope * lights.diffuse + rule.place * lights.across
    light *= np.float32(look.depth)
    warm = np.maximum(light, 0) * np.float32(rule.warm * look.warmth)
    cool = np.maximum(-light, 0) * np.float32(rule.cool * look.warmth)
    shine = rule.sheen * lights.sheen + rule.glint * lights.glint
    shine = np.clip(np.float32(look.gloss) * shine, 0, 1)
    rim = np.float32(rule.rim * look.depth) * lights.rim
    dark = np.where(light < 0, np.float32(rule.deeper) * light, light)
    own = np.exp(np.float32(rule.contrast) * dark) * (1 - warm) * (1 - cool)
    own *= 1 - np.float32(rule.edge) * lights.away
    kept = (1 - shine) * (1 + np.float32(0.75) * rim)
    white = shine * (1 + np.float32(0.75) * rim) + np.float32(0.25) * rim
    more = (warm * (1 - cool) * kept) * WARM[:, None, None] + white
    return Change(own * kept, cool * kept, more)


def parted(lights: Lights, look: Look, tones: Tones, side: int) -> Change:
    """Return what light does in even tones, maps of (side, side): their edges are crisp."""
    light = tones.slope * lights.diffuse + tones.place * lights.across
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), SOFT), np.float32)
    x, y = (cv2.Sobel(light, cv2.CV_32F, *axis, ksize=3) for axis in ((1, 0), (0, 1)))
    slopes = np.asarray(np.hypot(x, y), np.float32)
    slopes *= np.float32(EDGE * SIDE / 256 / 8)
    light, steep = _enlarged(light, side), _enlarged(slopes, side) + np.float32(1e-4)
    shadow = _step((np.float32(tones.dusk) - light) / steep) * np.float32(look.depth)
    bright = _step((light - np.float32(tones.dawn)) / steep) * np.float32(
        tones.lighter * look.gloss
    )
    cool = shadow * np.float32(tones.cool * look.warmth)
    own = (1 - shadow * np.float32(tones.darker)) * (1 - cool) * (1 - bright)
    return Change(own, cool, np.broadcast_to(bright, (3, side, side)))


def lay(rgb: Floats, change: Change) -> None:
    """Lay light on colours (3, S, S), in place."""
    side = rgb.shape[1]
    own, cool = _enlarged(change.own, side), _enlarged(change.cool, side)
    cool *= sum(plane * share for plane, share in zip(rgb, GREY, strict=True))
    rgb *= own
    for plane, tone, more in zip(rgb, COOL, change.more, strict=True):
        plane += cool * tone
        plane += _enlarged(more, side)
    np.clip(rgb, 0, 1, out=rgb)


def _enlarged(maps: Floats, side: int) -> Floats:
    if len(maps) == side:
        return maps.copy()
    return np.asarray(cv2.resize(maps, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _across(solid: NDArray[np.bool_], towards: Floats) -> Floats:
    area = max(int(solid.sum()), 1)
    along = np.arange(SIDE, dtype=np.float32)
    x = along - np.float32((solid.sum(0) * along).sum() / area)
    y = along - np.float32((solid.sum(1) * along).sum() / area)
    reach = np.float32(1.6 * math.sqrt(area / math.pi) + 0.5)
    found: Floats = (x[None, :] * towards[0] + y[:, None] * towards[1]) / reach
    return np.clip(found, -1, 1)


def _to_16(base: Floats) -> Floats:
    """Return a base to its 16th power, without a logarithm."""
    square = base * base
    fourth = square * square
    eighth = fourth * fourth
    power: Floats = eighth * eighth
    return power


def _step(found: Floats) -> Floats:
    """Return 1 above .5 and 0 below -.5."""
    step: Floats = np.clip(found + np.float32(0.5), 0, 1)
    return step
