"""What cloth looks like from near: its colour and its relief, thread by thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .paths import Floats

Colour = tuple[int, int, int]
# For a canvas of (height, width) px and a seed: linear RGB (H, W, 3), and relief (H, W) in px.
Cloth = Callable[[int, int, int], tuple[Floats, Floats]]


def linear(colour: Colour) -> Floats:
    """Return sRGB bytes as linear light."""
    return np.asarray((np.array(colour, np.float32) / 255) ** 2.2, np.float32)


def noise(height: int, width: int, seed: int, across: float, down: float) -> Floats:
    """Return smooth noise of mean 0 and deviation 1, blurred by px across and down."""
    random = np.random.default_rng(seed)
    grain = random.normal(0, 1, (height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(grain, (0, 0), across, sigmaY=down)
    return np.asarray(smooth / max(float(smooth.std()), 1e-6), np.float32)


def _tinted(colour: Colour, shade: Floats) -> Floats:
    return np.asarray(linear(colour) * np.maximum(shade, 0.05)[..., None], np.float32)


def jersey(colour: Colour, fuzz: float = 0.035) -> Cloth:
    """Knitted cotton: fine columns of loops."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        loops = np.sin(x * (2 * np.pi / 4.2)) * np.sin(y * (2 * np.pi / 5.6))
        grain = noise(height, width, seed, 0.7, 1.4)
        cloud = noise(height, width, seed + 1, 26, 34)
        shade = 1 + fuzz * grain + 0.02 * loops + 0.014 * cloud
        return _tinted(colour, shade), (0.05 * loops + 0.07 * grain).astype(np.float32)

    return weave


def heather(colour: Colour, contrast: float = 0.11) -> Cloth:
    """Mottled sweatshirt cloth: fibres of lighter and darker dye."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        flecks = noise(height, width, seed, 4.5, 1.0) + 0.8 * noise(height, width, seed + 1, 1.4, 1)
        grain = noise(height, width, seed + 2, 0.8, 0.8)
        shade = 1 + contrast * flecks * 0.7 + 0.03 * grain
        return _tinted(colour, shade), (0.10 * grain + 0.05 * flecks).astype(np.float32)

    return weave


def twill(colour: Colour, period: float = 5.0, contrast: float = 0.05, worn: float = 0.0) -> Cloth:
    """Woven diagonals; `worn` denim shows its white weft in flecks and runs of warp."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        slubs = noise(height, width, seed, 0.8, 12)
        rows = np.sin((x + y + 0.6 * slubs) * (2 * np.pi / period))
        grain = noise(height, width, seed + 1, 0.8, 0.8)
        cloud = noise(height, width, seed + 2, 40, 60)
        shade = 1 + contrast * rows + 0.025 * grain + worn * (0.09 * slubs + 0.13 * cloud)
        base = _tinted(colour, shade)
        if worn:
            flecks = np.clip(noise(height, width, seed + 3, 0.8, 2.2) - 1.5, 0, 1)[..., None]
            base += worn * 0.15 * flecks * (linear((205, 212, 222)) - base)
        return base, (0.10 * rows + 0.08 * grain).astype(np.float32)

    return weave


def satin(colour: Colour) -> Cloth:
    """A smooth weave whose light comes from its folds."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        grain = noise(height, width, seed, 0.7, 2.0)
        cloud = noise(height, width, seed + 1, 30, 50)
        return _tinted(colour, 1 + 0.012 * grain + 0.02 * cloud), (0.02 * grain).astype(np.float32)

    return weave


def ribbed(colour: Colour, along: tuple[float, float] = (0, 1), period: float = 8.0) -> Cloth:
    """Rib knit, as of cuffs: ridges that run `along` a direction."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        length = float(np.hypot(*along))
        across = (x * along[1] - y * along[0]) / length
        ridge = np.cos(across * (2 * np.pi / period))
        grain = noise(height, width, seed, 0.9, 0.9)
        shade = 0.97 + 0.05 * ridge + 0.04 * grain
        return _tinted(colour, shade), (0.55 * ridge + 0.06 * grain).astype(np.float32)

    return weave


@dataclass(frozen=True)
class Stripes:
    """Bands of a second colour across a direction; px at 768."""

    colour: Colour
    period: float
    band: float
    down: tuple[float, float] = (0, 1)
    start: float = 0.0
    end: float = 1e6

    def on(self, cloth: Cloth, bend: float = 0.0) -> Cloth:
        """Return a cloth with the bands in it; they sag by `bend` px to the sides."""

        def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
            base, relief = cloth(height, width, seed)
            y, x = np.mgrid[:height, :width].astype(np.float32) / 2
            x -= width / 4
            length = float(np.hypot(*self.down))
            at = (x * self.down[0] + y * self.down[1]) / length - bend * (x / 190) ** 2
            at += 0.25 * noise(height, width, seed + 9, 18, 18)
            phase = np.mod(at - self.start, self.period)
            inside = np.clip((self.band / 2 - np.abs(phase - self.band / 2)) * 2 + 0.5, 0, 1)
            inside *= (at >= self.start) & (at < self.end)
            shade = base / np.maximum(base.mean((0, 1)), 1e-4)
            band = linear(self.colour) * shade
            return np.asarray(base + (band - base) * inside[..., None], np.float32), relief

        return weave


def flowers(cloth: Cloth, petals: Sequence[Colour], leaf: Colour, spacing: float = 42) -> Cloth:
    """Return a cloth printed with small flowers and leaves, scattered evenly."""

    def weave(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
        base, relief = cloth(height, width, seed)
        random = np.random.default_rng(seed + 5)
        ink = base.copy()
        step = spacing * 2
        for row in range(int(height / step * 1.2) + 2):
            for column in range(int(width / step) + 2):
                shift = step / 2 * (row % 2)
                centre = np.array([column * step + shift, row * step / 1.2], np.float32)
                centre += random.uniform(-0.22, 0.22, 2).astype(np.float32) * step
                _flower(ink, centre, random, petals, leaf, step * random.uniform(0.15, 0.26))
        soft = cv2.GaussianBlur(ink, (0, 0), 0.8)
        return np.asarray(soft, np.float32), relief

    return weave


def _flower(
    ink: Floats,
    centre: Floats,
    random: np.random.Generator,
    petals: Sequence[Colour],
    leaf: Colour,
    size: float,
) -> None:
    turn = random.uniform(0, 2 * np.pi)
    tone = linear(petals[int(random.integers(len(petals)))])

    def oval(at: Floats, long: float, wide: float, angle: float, colour: Floats) -> None:
        place = round(float(at[0])), round(float(at[1]))
        axes = max(1, round(long)), max(1, round(wide))
        shade = tuple(float(v) for v in colour)
        cv2.ellipse(ink, place, axes, float(np.degrees(angle)), 0, 360, shade, -1, cv2.LINE_AA)

    for side in (0.9, 3.6):
        way = np.array([np.cos(turn + side), np.sin(turn + side)], np.float32)
        oval(centre + way * size * 1.35, size * 0.62, size * 0.22, turn + side, linear(leaf))
    for i in range(5):
        angle = turn + i * 2 * np.pi / 5
        way = np.array([np.cos(angle), np.sin(angle)], np.float32)
        shade = tone * np.float32(random.uniform(0.86, 1.1))
        oval(centre + way * size * 0.55, size * 0.52, size * 0.36, angle, shade)
    oval(centre, size * 0.24, size * 0.24, 0, linear((236, 196, 92)))
