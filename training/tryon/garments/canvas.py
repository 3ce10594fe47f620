"""A garment as it is sewn: panel upon panel of cloth, with a relief that light falls on."""

from __future__ import annotations

import cv2
import numpy as np

from .cloths import Cloth, Colour, linear
from .paths import Floats, resampled

SCALE = 2  # drawn twice as large, so that edges are smooth
_LIGHT = np.array([-0.34, -0.52, 0.78], np.float32)  # from the upper left


class Canvas:
    """A picture of (height, width) px at 768 scale; places have x from its middle."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.size = width * SCALE, height * SCALE
        shape = self.size[1], self.size[0]
        self.albedo = np.zeros((*shape, 3), np.float32)
        self.relief = np.zeros(shape, np.float32)
        self.alpha = np.zeros(shape, np.float32)
        self.gloss = np.zeros(shape, np.float32)
        self.random = np.random.default_rng(seed)
        self._seed = seed * 1000

    def px(self, line: Floats) -> Floats:
        """Return places as px of the canvas."""
        middle = np.array([self.size[0] / 2, 0])
        return np.asarray(line * SCALE + middle, np.float32)

    def mask(self, line: Floats) -> Floats:
        """Return what a closed line encloses, (H, W) 0..1."""
        inside = np.zeros(self.alpha.shape, np.uint8)
        ring = np.round(self.px(line) * 16).astype(np.int32)
        cv2.fillPoly(inside, [ring], (255,), cv2.LINE_AA, shift=4)
        return inside.astype(np.float32) / 255

    def panel(
        self,
        line: Floats,
        cloth: Cloth,
        *,
        thick: float = 2.0,
        round_: float = 7.0,
        shadow: float = 0.35,
        dim: float = 1.0,
        gloss: float = 0.0,
        stiff: bool = False,
    ) -> Floats:
        """Lay a panel on what is there, and return its mask; it throws a soft shadow downwards.

        `thick` and `round_` are px that it rises by, and within which it does; `dim` is how much
        light reaches it, as on the inside of a neck. What lies below a `stiff` one is not seen.
        """
        mask = self.mask(line)
        self._seed += 17
        height, width = self.alpha.shape
        colour, weave = cloth(height, width, self._seed)
        dark = cv2.GaussianBlur(np.roll(mask, 4, axis=0), (0, 0), 7) * (1 - mask) * shadow
        self.albedo *= (1 - dark)[..., None]
        self.albedo += (colour * np.float32(dim) - self.albedo) * mask[..., None]
        inner = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        rise = thick * SCALE * (1 - np.exp(-inner / (round_ * SCALE * 0.5)))
        base = 0.0 if stiff else cv2.GaussianBlur(self.relief, (0, 0), 3)
        self.relief += (base + rise + weave - self.relief) * mask
        self.gloss += (gloss - self.gloss) * mask
        self.alpha = np.maximum(self.alpha, mask)
        return mask

    def raise_(self, height: Floats, mask: Floats) -> None:
        """Add a relief within a mask, both (H, W); px."""
        self.relief += height * mask

    def seam(self, line: Floats, deep: float = 0.9, wide: float = 1.4) -> None:
        """Press a seam into the cloth, puckered along its sides."""
        drawn = np.zeros_like(self.relief)
        points = [np.round(self.px(line) * 16).astype(np.int32)]
        cv2.polylines(drawn, points, False, (1.0,), 2, cv2.LINE_AA, shift=4)
        groove = cv2.GaussianBlur(drawn, (0, 0), wide)
        sides = cv2.GaussianBlur(drawn, (0, 0), wide * 3.2)
        pucker = cv2.GaussianBlur(
            self.random.normal(0, 1, drawn.shape).astype(np.float32), (0, 0), 3
        )
        self.relief += (sides * (1.6 + 7 * pucker) - groove * 1.9) * deep * self.alpha
        self.albedo *= (1 - 0.22 * np.minimum(groove, 1) * deep)[..., None]

    def stitches(self, line: Floats, colour: Colour, dash: float = 3.2, gap: float = 1.6) -> None:
        """Sew along a line with a thread of its own colour."""
        at = self.px(resampled(line, 0.5))
        period, count = dash + gap, round(dash / 0.5)
        step = max(count + 1, round(period / 0.5))
        thread = np.zeros_like(self.relief)
        for start in range(0, len(at) - 1, step):
            piece = np.round(at[start : start + count] * 16).astype(np.int32)
            if len(piece) > 1:
                cv2.polylines(thread, [piece], False, (1.0,), 2, cv2.LINE_AA, shift=4)
        soft = cv2.GaussianBlur(thread, (0, 0), 0.7) * self.alpha
        self.albedo += (linear(colour) - self.albedo) * np.minimum(soft, 0.9)[..., None]
        self.relief += soft * 0.8

    def button(
        self, x: float, y: float, radius: float, colour: Colour, metal: bool = False
    ) -> None:
        """Sew on a button, with four holes, or a metal one with a rim."""
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        circle = np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], -1)
        line = circle.astype(np.float32)

        def smooth(height: int, width: int, seed: int) -> tuple[Floats, Floats]:
            flat = np.broadcast_to(linear(colour), (height, width, 3)).astype(np.float32)
            return flat, np.zeros((height, width), np.float32)

        self.panel(line, smooth, thick=1.4, round_=2.0, shadow=0.5, gloss=0.6 if metal else 0.25)
        inner = self.mask(np.asarray((line - [x, y]) * 0.62 + [x, y], np.float32))
        self.relief -= cv2.GaussianBlur(inner, (0, 0), 1.2) * (1.2 if metal else 0.8)
        if not metal:
            for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
                at = [x + dx * radius * 0.24, y + dy * radius * 0.24]
                hole = self.mask(np.asarray((line - [x, y]) * 0.13 + at, np.float32))
                self.albedo *= (1 - 0.75 * hole)[..., None]

    def shade(self, line: Floats, strength: float, soft: float) -> None:
        """Darken the cloth within a closed line, softly; a negative strength fades it."""
        area = cv2.GaussianBlur(self.mask(line), (0, 0), soft * SCALE)[..., None]
        if strength >= 0:
            self.albedo *= 1 - strength * area
        else:
            self.albedo += (linear((214, 220, 228)) - self.albedo) * (-strength * area)

    def picture(self) -> Floats:
        """Light the garment, and return (height, width, 4) bytes' values, RGBA in sRGB."""
        relief = self.relief
        across = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=1 / 8)
        down = cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=1 / 8)
        normal = np.stack([-across, -down, np.ones_like(relief)], -1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        light = _LIGHT / np.linalg.norm(_LIGHT)
        facing = normal @ light / light[2]
        diffuse = 0.42 + 0.58 * np.clip(facing, 0, 1.7)
        half = light + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        shine = np.clip(normal @ half, 0, 1) ** 26 - float(half[2]) ** 26
        hollow = relief - cv2.GaussianBlur(relief, (0, 0), 16)
        occluded = np.clip(1 + 0.030 * hollow, 0.62, 1.06)
        y = np.linspace(1.04, 0.95, relief.shape[0], dtype=np.float32)[:, None]
        lit = self.albedo * (diffuse * occluded * y)[..., None]
        lit += (self.gloss * shine * 0.5)[..., None]
        colour = np.clip(lit, 0, 1) ** (1 / 2.2)
        rgba = np.dstack([colour * self.alpha[..., None], self.alpha])
        size = self.size[0] // SCALE, self.size[1] // SCALE
        small = np.asarray(
            cv2.resize(rgba.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32
        )
        small[..., :3] /= np.maximum(small[..., 3:], 1e-3)
        return np.asarray(np.clip(small * 255 + 0.5, 0, 255), np.float32)
