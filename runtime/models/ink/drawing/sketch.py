"""Read a user's picture as a sketch: where the ink lies, and which strokes say a colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..colour import Floats, srgb_to_oklab
from ..layout import CELLS, REGIONS, SIZE, SIZES
from .regions import Mask, inked, regions_of
from .stray import outside
from .tracing import redrawn

BEYOND = 3  # px at 256, twice what a picture may reach over its hull
PAINTED = 0.5  # share of inked pixels above which a picture is a painting, not line art
PASTEL = 2.5  # on white paper, how much paler than full ink a coloured stroke may be
GRAIN = 0.08  # coverage below which ink is paper's grain, or JPEG's noise
PAPER = 255 * (1 - GRAIN / PASTEL)  # of 255: what is nowhere darker has no ink, however coloured

Picture = NDArray[np.uint8]  # (H, W, 3 | 4), straight alpha


@dataclass(frozen=True)
class Outline:
    """What a drawing has at one size S, in 0..1 each, (S, S)."""

    lines: Floats  # coverage by strokes of any colour
    ink: Floats  # coverage by strokes that are lines and no hints
    reach: Floats  # 1 within the convex hull of the ink and a little beyond, else 0


@dataclass(frozen=True)
class Sketch:
    """A drawing taken apart: what the networks read, and what frames the picture."""

    hints: Floats  # (1, 4, 64, 64), coloured strokes, premultiplied RGBA
    regions: Floats  # (1, 32, 64, 64), what the lines enclose
    outline: Outline  # at 256
    walls: Mask  # (128, 128), where there is ink
    outside: Mask  # (128, 128), what the lines do not enclose
    painted: bool = False  # a painting or a photograph, whose lines are its edges

    @property
    def lines(self) -> Floats:
        """Coverage by strokes of any colour, (1, 1, 256, 256)."""
        return self.outline.lines[None, None]


def read_sketch(pixels: Picture) -> Sketch:
    """Letterbox a picture (H, W, 3 | 4) of any size to a square and separate ink from paper.

    Transparent pixels are paper; in a picture without any, white is. Ink of any colour is a line;
    chromatic ink, and light ink on transparent paper, is a hint too. A picture that covers most of
    its area gives its edges as lines and itself as the hint.
    """
    strokes = _Strokes.read(pixels, SIZE)
    lines, hinted, ink = strokes.parted()
    walls = inked(lines)
    outline = Outline(lines, ink, hull(strokes.cover))
    # a painting's edges part colours and enclose nothing
    out = np.zeros_like(walls) if strokes.painted else outside(walls)
    return Sketch(
        strokes.hints(hinted), regions_of(walls)[None], outline, walls, out, strokes.painted
    )


def read_outline(pixels: Picture, size: int, sketch: Sketch) -> Outline:
    """Read the lines of a picture, whose sketch is known, at a larger size, and redraw them.

    A painting's edges are those of its 256 px: they get no finer, only fainter, with the size.
    """
    strokes = _Strokes.read(pixels, size)
    if strokes.painted:
        lines = np.asarray(cv2.resize(sketch.outline.lines, (size, size)), np.float32)
        return Outline(lines, np.zeros_like(lines), hull(strokes.cover))
    cover, hinted, ink = strokes.parted()
    lines = redrawn(cover)
    return Outline(lines, redrawn(ink) if hinted.any() else lines, hull(strokes.cover))


def read_outlines(pixels: Picture | None, size: int, sketch: Sketch) -> tuple[Outline, ...]:
    """Read a sketch, that of a picture or of none, at each size from 256 px up to one of `SIZES`.

    None is kept: at 1024 px it takes 12 MiB, which a session would hold for a refine that may never
    come.
    """
    larger = [side for side in SIZES if SIZE < side <= size]
    if pixels is None:
        return sketch.outline, *(bare(side) for side in larger)
    return sketch.outline, *(read_outline(pixels, side, sketch) for side in larger)


def read_photograph(pixels: Picture, size: int) -> Floats:
    """Letterbox a picture (H, W, 3 | 4) to (S, S, 4), straight in 0..1, with transparent bars."""
    premultiplied = _letterbox(pixels, size).astype(np.float32)
    premultiplied /= 255
    cover, rgb = _straight(premultiplied)
    return np.concatenate([rgb, cover[..., None]], 2)


def blank() -> Sketch:
    """Return the sketch of an empty canvas."""
    hints = np.zeros((1, 4, CELLS, CELLS), np.float32)
    regions = np.zeros((1, REGIONS, CELLS, CELLS), np.float32)
    nowhere = np.zeros((SIZE // 2, SIZE // 2), bool)
    return Sketch(hints, regions, bare(SIZE), nowhere, ~nowhere)


def bare(size: int) -> Outline:
    """Return the outline of an empty canvas."""
    nothing = np.zeros((size, size), np.float32)
    return Outline(nothing, nothing, nothing)


def hull(cover: Floats) -> Floats:
    """Return where a picture of this ink may be: no drawing is larger than its strokes' hull.

    A single line has none, so the first strokes of a drawing are not guessed into a body.
    """
    reach = np.zeros(cover.shape, np.uint8)
    inked = cv2.findNonZero((cover > 0.3).astype(np.uint8))
    if inked is not None:
        cv2.fillConvexPoly(reach, cv2.convexHull(inked), 1)
    beyond = BEYOND * len(cover) // SIZE | 1
    grown = cv2.dilate(reach, np.ones((beyond, beyond), np.uint8))
    return np.asarray(cv2.blur(grown.astype(np.float32), (3, 3)), np.float32)


@dataclass(frozen=True)
class _Strokes:
    """A square picture as ink over paper: coverage (S, S), and colours where there is any.

    Few pixels of line art have ink, and only those are looked at one by one.
    """

    cover: Floats
    where: NDArray[np.intp]  # (N,), of the pixels with ink, row by row
    rgb: Floats  # (N, 3), their straight colours
    opaque: bool  # no transparent paper below

    @classmethod
    def read(cls, pixels: Picture, size: int) -> _Strokes:
        opaque = pixels.shape[2] == 3 or int(pixels[..., 3].min()) > 250
        square = _letterbox(pixels, size)
        if opaque:
            where = np.flatnonzero(_darkest(square) < PAPER)
            ink = square.reshape(-1, 4)[where].astype(np.float32)
            ink /= 255
            amount, rgb = _off_white(ink)
            where, amount, rgb = where[amount > 0], amount[amount > 0], rgb[amount > 0]
        else:
            where = np.flatnonzero(square[..., 3])
            ink = square.reshape(-1, 4)[where].astype(np.float32)
            ink /= 255
            amount, rgb = _straight(ink)
        cover = np.zeros((size, size), np.float32)
        cover.reshape(-1)[where] = amount
        return cls(cover, where, rgb, opaque)

    @cached_property
    def painted(self) -> bool:
        """Whether this is a painting or a photograph."""
        return int(np.count_nonzero(self.cover > 0.3)) > PAINTED * self.cover.size

    @cached_property
    def lab(self) -> Floats:
        """The ink's colours in OKLab, (N, 3)."""
        return srgb_to_oklab(self.rgb)

    def parted(self) -> tuple[Floats, Floats, Floats]:
        """Return coverage by lines, by what says a colour, and by lines that say none."""
        if self.painted:
            return _edges(self.lightness()), self.cover, np.zeros_like(self.cover)
        chromatic = self.chromatic()
        if not chromatic.any():
            return self.cover, np.zeros_like(self.cover), self.cover
        hinted = self._placed(chromatic)
        hinted *= self.cover
        return self.cover, hinted, self.cover - hinted

    def lightness(self) -> Floats:
        """Return how light the ink is, 0 on paper."""
        return self._placed(self.lab[:, 0]) * self.cover

    def chromatic(self) -> Floats:
        """Return how far each pixel of the ink says a colour: 1 chromatic, 0 dark or grey."""
        if not self.rgb.any():
            return np.zeros(len(self.rgb), np.float32)
        lab = self.lab
        share: Floats = np.clip((np.hypot(lab[:, 1], lab[:, 2]) - 0.04) / 0.05, 0, 1)
        if not self.opaque:
            share = np.maximum(share, np.clip((lab[:, 0] - 0.5) / 0.15, 0, 1))
        return share

    def hints(self, hinted: Floats) -> Floats:
        """Return ink that says colours, (S, S), by cells: (1, 4, 64, 64), premultiplied RGBA."""
        if not hinted.any():
            return np.zeros((1, 4, CELLS, CELLS), np.float32)
        amount = hinted.reshape(-1)[self.where]
        planes = [self._placed(self.rgb[:, channel] * amount) for channel in range(3)]
        return np.stack([_by_cells(plane) for plane in (*planes, hinted)])[None]

    def _placed(self, values: Floats) -> Floats:
        """Return a map (S, S) of values of the ink's pixels, 0 elsewhere."""
        found = np.zeros_like(self.cover)
        found.reshape(-1)[self.where] = values
        return found


def _by_cells(plane: Floats) -> Floats:
    return np.asarray(cv2.resize(plane, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.float32)


def _letterbox(pixels: Picture, side: int) -> Picture:
    """Fit into a square, premultiplied RGBA; the bars are transparent."""
    image = Image.fromarray(pixels).convert("RGBA").convert("RGBa")
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.size != size:
        image = image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    if size == (side, side):
        return np.array(image)
    square = Image.new("RGBa", (side, side))
    square.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.array(square)


def _straight(premultiplied: Floats) -> tuple[Floats, Floats]:
    cover = np.ascontiguousarray(premultiplied[..., 3])
    return cover, np.minimum(premultiplied[..., :3] / np.maximum(cover, 1 / 255)[..., None], 1)


def _darkest(square: Picture) -> Picture:
    """Return the least of red, green and blue of a premultiplied picture, over white paper."""
    red, green, blue, cover = cv2.split(square)
    least = cv2.min(cv2.min(red, green), blue)
    return np.asarray(cv2.add(least, cv2.bitwise_not(cover)), np.uint8)


def _off_white(premultiplied: Floats) -> tuple[Floats, Floats]:
    """Explain opaque pixels as ink over white paper (and letterbox bars as paper)."""
    rgb = premultiplied[..., :3] + 1 - premultiplied[..., 3:]
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    least = np.minimum(np.minimum(red, green), blue)
    most = np.maximum(np.maximum(red, green), blue)
    coloured = np.clip((most - least - 0.06) / 0.1, 0, 1)
    cover = np.clip((1 - least) * (1 + (PASTEL - 1) * coloured), 0, 1)
    cover[cover < GRAIN] = 0
    ink: Floats = (rgb - (1 - cover)[..., None]) / np.maximum(cover, 1 / 255)[..., None]
    return cover, np.clip(ink, 0, 1)


def _edges(light: Floats) -> Floats:
    """Return where lightness changes, 0..1: the nearest thing to lines that a painting has."""
    padded = np.pad(light, 1, mode="edge")
    right = np.abs(padded[1:-1, 2:] - padded[1:-1, :-2])
    down = np.abs(padded[2:, 1:-1] - padded[:-2, 1:-1])
    edges: Floats = np.clip((right + down) * 3 - 0.15, 0, 1).astype(np.float32)
    return edges
