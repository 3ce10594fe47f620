"""Light on a painted picture, by its style and its seed. A rule, nothing is trained.

The networks settle which region has which colour; their styles differ by tint. How a style is lit
is told here: *shaded* has matt gradients with warm lights and cool shadows, *3d* is a glossy body
with highlights, a rim of light and a soft shadow side, *noto* has one hard shadow and one light.
Diffuse light is Lambert's, highlights are Blinn's (1977), on the relief of the drawing. The weights
of *shaded* and *3d* are where the patches of what is lit come closest to those of Fluent Emoji's
shaded and 3D art (`training.ink.styles`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .colour import Floats
from .layout import SIZE
from .relief import SIDE, relief

DIRECTION = (0.87, -0.49)  # from where the training art is lit, x to the right and y down
RISE = (0.8, 0.75)  # of the light, along the paper and over it
DEFAULT_PUFF = 1.0
DEEPER = 1.3  # how much more shadows darken a glossy body than lights brighten it
_GREY = np.array([0.30, 0.59, 0.11], np.float32)  # brightness of a colour (ITU-R BT.601)
_WHITE = np.ones(3, np.float32)
_WARM = np.array([1.0, 0.93, 0.72], np.float32)
_COOL = np.array([0.72, 0.35, 0.93], np.float32)  # of a shadow of grey
_DUSK = np.array([0.18, 0.21, 0.13], np.float32)  # what a hard shadow takes of red, green and blue


@dataclass(frozen=True, slots=True)
class Look:
    """How a drawing is lit."""

    turn: float = 0.0  # degrees, of the light around the drawing
    puff: float = DEFAULT_PUFF  # how round shapes are
    gloss: float = 1.0  # of highlights
    warmth: float = 0.6  # of lights, and how cool shadows are
    depth: float = 1.0  # contrast of light and shadow

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
    if style == "flat" or not (coverage > 0.5).any():
        return picture
    lights = _Lights.on(relief(lines, coverage, look.puff), coverage, look)
    rgb = picture[:3]
    if style == "noto":
        _lay_hard(rgb, lights, look)
    else:
        _lay_soft(rgb, _matt(lights, look) if style == "shaded" else _glossy(lights, look))
    np.clip(rgb, 0, 1, out=rgb)
    return picture


@dataclass(frozen=True, slots=True)
class _Lights:
    """What falls on a relief, maps of (128, 128)."""

    diffuse: Floats  # more than on paper, -1..1
    across: Floats  # where a pixel lies along the light, over the whole drawing, -1..1
    sheen: Floats  # a wide highlight, more than on what faces the viewer
    glint: Floats  # a narrow one
    rim: Floats  # light from behind on what turns away, 0..1

    @classmethod
    def on(cls, normals: Floats, coverage: Floats, look: Look) -> _Lights:
        towards = look.towards
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
            across=_across(coverage, towards),
            sheen=wide - level**16,
            glint=np.maximum(narrow - max(level**64, 0.2), 0),
            rim=np.clip(1.0 - normals[..., 2] * 1.15, 0, 1) * np.clip(-ahead, 0, 1),
        )


@dataclass(frozen=True, slots=True)
class _Change:
    """What light does to a colour: colour * own + brightness * cool + what it adds, by pixel."""

    own: Floats
    cool: Floats
    added: Floats
    tone: Floats  # of what is added


def _matt(lights: _Lights, look: Look) -> _Change:
    light = (0.15 * lights.diffuse + 0.36 * lights.across) * np.float32(look.depth)
    warm = np.maximum(light, 0) * np.float32(0.29 * look.warmth)
    cool = np.maximum(-light, 0) * np.float32(0.22 * look.warmth)
    own = np.exp(0.69 * light) * (1 - warm) * (1 - cool)
    return _Change(own, cool, warm * (1 - cool), _WARM)


def _glossy(lights: _Lights, look: Look) -> _Change:
    light = (0.32 * lights.diffuse + 0.26 * lights.across) * np.float32(look.depth)
    cool = np.maximum(-light, 0) * np.float32(0.52 * look.warmth)
    shine = np.float32(look.gloss) * (0.04 * lights.sheen + 0.5 * lights.glint)
    shine = np.clip(shine, 0, 1)
    rim = np.float32(0.45 * look.depth) * lights.rim
    kept = (1 - shine) * (1 + 0.75 * rim)
    own = np.exp(0.75 * np.where(light < 0, np.float32(DEEPER) * light, light)) * (1 - cool)
    white = shine * (1 + 0.75 * rim) + 0.25 * rim
    return _Change(own * kept, cool * kept, white, _WHITE)


def _lay_soft(rgb: Floats, change: _Change) -> None:
    side = rgb.shape[1]
    own, cool, added = (_enlarged(m, side) for m in (change.own, change.cool, change.added))
    cool *= sum(plane * share for plane, share in zip(rgb, _GREY, strict=True))
    rgb *= own
    for plane, of_cool, of_added in zip(rgb, _COOL, change.tone, strict=True):
        plane += cool * of_cool
        plane += added * of_added


def _lay_hard(rgb: Floats, lights: _Lights, look: Look) -> None:
    soft = cv2.GaussianBlur(lights.diffuse, (0, 0), 2.0) + 0.16 * lights.across
    light = _enlarged(soft, rgb.shape[1])
    shadow = _step(-0.16 - light) * np.float32(0.6 * look.depth)
    bright = _step(light - 0.26) * np.float32(0.2 * look.gloss)
    for plane, dusk in zip(rgb, _DUSK, strict=True):
        plane *= 1 - shadow * dusk
    rgb += bright * (1 - rgb)


def _across(coverage: Floats, towards: Floats) -> Floats:
    solid = cv2.resize(coverage, (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 0.5
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


def _enlarged(maps: Floats, side: int) -> Floats:
    return np.asarray(cv2.resize(maps, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _step(found: Floats) -> Floats:
    """Return 1 above 0 and 0 below, with a smooth edge."""
    step: Floats = np.clip(found / np.float32(0.035) + np.float32(0.5), 0, 1)
    return step
