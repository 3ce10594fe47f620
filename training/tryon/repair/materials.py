"""Skin of all tones, cloth and light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from .arrays import Floats, floats
from .grounds import clouds

# Groups of skin by its L*, each as often in training; from deep brown to very pale.
GROUPS = ((14, 24), (24, 36), (36, 50), (50, 64), (64, 78), (78, 93))


def skin_tone(rng: Generator, group: int) -> Floats:
    """Return a skin's albedo of a group as linear RGB (3,), 0..1.

    Hue and chroma over lightness follow the spread of measured skin: pale skin is pink to
    yellowish, brown skin most saturated, the deepest dull again.
    """
    light = rng.uniform(*GROUPS[group])
    red = np.interp(light, (14, 24, 35, 50, 65, 80, 93), (3, 7, 11, 14, 12, 7, 2)) + rng.normal(
        0, 1.6
    )
    yellow = np.interp(light, (14, 24, 35, 50, 65, 80, 93), (3, 8, 15, 20, 19, 13, 6)) + rng.normal(
        0, 2.4
    )
    lab = np.array([[[light, max(red, 1), max(yellow, 2)]]], np.float32)
    return linear(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[0, 0] * 255)


def linear(srgb: Floats) -> Floats:
    """Return sRGB 0..255 as linear light 0..1."""
    share = np.clip(np.asarray(srgb, np.float32) / 255, 0, None)
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def srgb(light: Floats) -> Floats:
    """Return linear light as sRGB 0..255, clipped."""
    share = np.clip(light, 0, 1)
    low = share * 12.92
    high = 1.055 * np.sqrt(np.sqrt(share)) * np.power(share, np.float32(1 / 2.4 - 0.25)) - 0.055
    return (np.where(share <= 0.0031308, low, high) * 255).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Light:
    """A lamp, the sky around, and how they are seen."""

    towards: Floats  # (3,) unit
    lamp: float
    sky: float
    wrap: float  # how far around a form soft light reaches
    tint: Floats  # (3,) of the camera

    @staticmethod
    def drawn(rng: Generator) -> Light:
        """Draw a light."""
        way = np.array(
            [rng.normal(0, 0.6), -abs(rng.normal(0.35, 0.4)), rng.uniform(0.25, 1.0)], np.float32
        )
        way /= np.linalg.norm(way)
        lamp = rng.uniform(0.15, 0.85)
        tint = 1 + rng.normal(0, 0.05, 3)
        return Light(
            way,
            lamp,
            1 - lamp * rng.uniform(0.6, 0.9),
            rng.uniform(0, 0.6),
            tint.astype(np.float32),
        )

    def on(self, normal: Floats, hollow: Floats) -> Floats:
        """Return the light on normals (…, 3); the sky does not reach where `hollow` is 1."""
        facing = normal @ self.towards
        soft = np.clip((facing + self.wrap) / (1 + self.wrap), 0, 1)
        open_ = 0.75 - 0.25 * normal[..., 1]
        direct = self.lamp * soft * 1.25 * (1 - 0.5 * hollow)
        return floats(direct + self.sky * open_ * (1 - hollow))

    def gloss(self, normal: Floats, power: float) -> Floats:
        """Return the highlight on a surface, towards a viewer straight ahead."""
        half = self.towards + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        facing = floats(np.clip(normal @ half, 0, 1))
        return floats(np.power(facing, np.float32(power)) * np.float32(self.lamp))


def cloth(rng: Generator, size: int) -> Floats:
    """Return a cloth's albedo (size, size, 3), linear: plain, striped, checked, dotted, printed."""
    first, second = (linear(_dye(rng)) for _ in range(2))
    made = np.zeros((size, size, 3), np.float32) + first
    ys, xs = np.mgrid[:size, :size]
    pitch = int(rng.integers(6, 40))
    kind = rng.random()
    if kind < 0.45:
        pass
    elif kind < 0.6:
        made[((ys if rng.random() < 0.6 else xs) // pitch) % 2 == 0] = second
    elif kind < 0.7:
        made = (first + second) / 2 + (first - second) / 4 * (
            ((ys // pitch) % 2 * 2 - 1)[..., None] + ((xs // pitch) % 2 * 2 - 1)[..., None]
        )
    elif kind < 0.8:
        dots = (xs % pitch - pitch / 2) ** 2 + (ys % pitch - pitch / 2) ** 2 < (pitch * 0.28) ** 2
        made[dots] = second
    else:
        made[clouds(rng, size, int(rng.integers(4, 20))) > rng.uniform(-0.5, 1)] = second
    return np.ascontiguousarray(made, np.float32)


def _dye(rng: Generator) -> Floats:
    hue, full, bright = rng.uniform(0, 180), rng.uniform(0, 200), rng.uniform(15, 250)
    dye = np.array([[[hue, full * rng.random(), bright]]], np.uint8)
    return floats(cv2.cvtColor(dye, cv2.COLOR_HSV2RGB)[0, 0])


def folds(rng: Generator, size: int) -> Floats:
    """Return the lightness of folded cloth around 1, (size, size)."""
    half = size // 2
    ys, xs = np.mgrid[:half, :half].astype(np.float32) / np.float32(half)
    bend = clouds(rng, half, 6) * np.float32(0.02)
    total = clouds(rng, half, 14)
    for _ in range(4):
        angle, pitch, phase = rng.uniform((0, 40, 0), (np.pi, 160, 6.28))
        across = xs * np.float32(np.cos(angle)) + ys * np.float32(np.sin(angle)) + bend
        total += np.float32(0.5) * np.sin(across * np.float32(pitch) + np.float32(phase))
    total = 1 + np.float32(rng.uniform(0.02, 0.12)) * total
    return floats(cv2.resize(total, (size, size), interpolation=cv2.INTER_LINEAR))
