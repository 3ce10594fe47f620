"""How a large picture is finished: redrawn lines, clean edges, the surface of each style."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.drawing.tracing import redrawn
from livedraft.runtime.models.ink.finish.fills import with_clean_edges
from livedraft.runtime.models.ink.finish.texture import brightness, textured, with_cut_light
from livedraft.runtime.models.ink.layout import STYLES

Floats = NDArray[np.float32]
SIZES = (512, 1024)


def inked(strokes: list[list[tuple[float, float]]], size: int, width: float = 4.0) -> Floats:
    """Draw strokes through points in 0..1 with a round pen, `width` px of 256."""
    page = np.zeros((2 * size, 2 * size), np.uint8)
    for points in strokes:
        at = np.rint(np.array(points) * 2 * size * 16).astype(np.int32)
        pen = max(2, round(width * 2 * size / 256))
        cv2.polylines(page, [at], False, 255, pen, cv2.LINE_AA, 4)
    small = cv2.resize(page, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)


def ring(size: int, tremble: float = 0.0) -> list[tuple[float, float]]:
    """Return a circle of radius .3, trembling every 5 px of 256 by some px of it."""
    rng = np.random.default_rng(0)
    turn = np.linspace(0, 2 * np.pi, 98)
    radius = 0.3 + rng.normal(0, tremble / 256, len(turn))
    radius[-1] = radius[0]
    return [(0.5 + r * np.cos(a), 0.5 + r * np.sin(a)) for r, a in zip(radius, turn, strict=True)]


def furthest(one: Floats, other: Floats) -> float:
    """Return how far any ink of one drawing is from the other's, either way, px of 256."""
    away = [
        cv2.distanceTransform((cover <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        for cover in (one, other)
    ]
    apart = max(away[0][other > 0.5].max(initial=0), away[1][one > 0.5].max(initial=0))
    return float(apart) * 256 / len(one)


POINT = st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9))


@settings(max_examples=25, deadline=None)
@given(
    strokes=st.lists(st.lists(POINT, min_size=2, max_size=6), min_size=1, max_size=4),
    width=st.floats(2, 9),
    size=st.sampled_from(SIZES),
)
def test_redrawn_lines_are_where_they_were(
    strokes: list[list[tuple[float, float]]], width: float, size: int
) -> None:
    drawn = inked(strokes, size, width)
    assert furthest(drawn, redrawn(drawn)) <= 1.5


@pytest.mark.parametrize("size", SIZES)
def test_a_tremble_is_gone_and_the_shape_is_not(size: int) -> None:
    def uneven(cover: Floats) -> float:
        rows, columns = np.nonzero(cover > 0.5)
        x, y = (columns + 0.5) / size - 0.5, (rows + 0.5) / size - 0.5
        turn = np.floor((np.arctan2(y, x) + np.pi) / (2 * np.pi) * 180).astype(int).clip(0, 179)
        radius = np.bincount(turn, np.hypot(x, y), 180) / np.bincount(turn, minlength=180)
        assert radius.mean() == pytest.approx(0.3, abs=0.002), "it does not shrink"
        wide = np.concatenate([radius[-2:], radius, radius[:2]])
        return float((radius - np.convolve(wide, np.ones(5) / 5, "valid")).std() * 256)

    drawn = inked([ring(size, 0.8)], size)
    assert uneven(redrawn(drawn)) < 0.6 * uneven(drawn)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("width", [2.0, 4.0, 8.0])
def test_lines_stay_as_wide(size: int, width: float) -> None:
    drawn = inked([ring(size)], size, width)
    assert redrawn(drawn).sum() == pytest.approx(drawn.sum(), rel=0.06)


def test_a_corner_stays_a_corner() -> None:
    square = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)]
    drawn = inked([square], 1024)
    assert furthest(drawn, redrawn(drawn)) < 0.8


def test_a_stroke_is_not_pinched_where_it_ends() -> None:
    drawn = inked([[(0.3, 0.5), (0.7, 0.5)]], 1024)
    made = redrawn(drawn)
    for column in range(310, 340, 3):  # the end's half circle is behind
        assert made[:, column].sum() == pytest.approx(drawn[:, column].sum(), rel=0.12)


def test_faint_strokes_stay_faint_and_dots_stay() -> None:
    drawn = inked([ring(512)], 512) * np.float32(0.4)
    made = redrawn(drawn)
    assert made.max() == pytest.approx(0.4, abs=0.06)
    assert made.sum() == pytest.approx(drawn.sum(), rel=0.12)
    dot = inked([[(0.5, 0.5), (0.5, 0.5001)]], 512, 3)
    assert redrawn(dot).sum() == pytest.approx(dot.sum(), rel=0.25)


def test_a_small_drawing_gets_smooth_lines_at_a_large_size() -> None:
    small = inked([[(0.1, 0.3), (0.9, 0.42)]], 256)
    steps = cv2.resize(small, (1024, 1024), interpolation=cv2.INTER_NEAREST)
    made = redrawn(np.asarray(steps, np.float32))
    top = np.argmax(made[:, 200:800] > 0.5, 0).astype(float)
    line = np.polyval(np.polyfit(np.arange(600), top, 1), np.arange(600))
    assert np.abs(top - line).max() < 2.1, "half of what a pixel of 256 would be"


def test_nothing_is_nothing_and_noise_is_left_alone() -> None:
    assert redrawn(np.zeros((512, 512), np.float32)).max() == 0
    noise = np.random.default_rng(0).random((1024, 1024), np.float32)
    assert np.array_equal(redrawn(noise), noise)


def halves(size: int) -> tuple[Floats, Floats]:
    """Return a red and a blue half, soft where they meet, and the line between them."""
    lines = inked([[(0.5, 0.0), (0.5, 1.0)], [(0.7, 0.3), (0.9, 0.3)]], size)
    picture = np.ones((4, size, size), np.float32)
    across = np.clip((np.arange(size) - size / 2) / (size / 40) + 0.5, 0, 1)
    picture[:3] = np.stack([1 - across, 0 * across, across])[:, None]
    return picture, lines


@pytest.mark.parametrize("size", SIZES)
def test_two_colours_meet_in_the_middle_of_their_line(size: int) -> None:
    picture, lines = halves(size)
    picture[3] = np.linspace(0.7, 1, size)
    alpha = picture[3].copy()
    with_clean_edges(picture, lines)
    row = picture[0, size // 2]
    assert np.flatnonzero((row > 0.02) & (row < 0.98)).size <= 4
    assert abs(float((row > 0.5).sum()) - size / 2) <= 2
    assert np.array_equal(picture[3], alpha)


def test_a_line_within_a_shape_is_left_alone() -> None:
    picture, lines = halves(512)
    picture[:3, 146:162, 358:462] *= 0.5  # what is painted along the whisker
    before = picture[:, 140:170, 350:470].copy()
    with_clean_edges(picture, lines)
    assert np.array_equal(picture[:, 140:170, 350:470], before)


def test_a_picture_without_lines_keeps_its_edges() -> None:
    picture, lines = halves(512)
    before = picture.copy()
    with_clean_edges(picture, np.zeros_like(lines))
    assert np.array_equal(picture, before)


def grey(size: int = 512) -> tuple[Floats, Floats]:
    picture = np.full((4, size, size), 0.6, np.float32)
    return picture, inked([[(0.2, 0.5), (0.8, 0.5)]], size)


def test_flat_is_clean_and_other_styles_are_not() -> None:
    changes = {}
    for style in STYLES:
        picture, lines = grey()
        textured(picture, lines, style, 42)
        changes[style] = float(np.abs(picture[:3] - 0.6).mean())
        assert np.all(picture[3] == np.float32(0.6))
    assert changes["flat"] == changes["noto"] == 0
    assert 0.002 < changes["shaded"] < 0.02
    assert 0.002 < changes["3d"] < 0.02


def test_grain_follows_the_seed_and_keeps_the_mean_colour() -> None:
    made = []
    for seed in (42, 42, 43):
        picture, lines = grey()
        textured(picture, lines, "shaded", seed)
        made.append(picture)
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
    assert made[0][:3].mean() == pytest.approx(0.6, abs=0.006)


def test_contact_shadows_lie_along_lines() -> None:
    picture, lines = grey()
    textured(picture, lines, "3d", 42)
    near, far = picture[0, 256 + 8, 200:300].mean(), picture[0, 100, 200:300].mean()
    assert near < far - 0.02
    assert far == pytest.approx(0.6, abs=0.005)


def test_a_soft_edge_of_light_is_cut_and_a_gradient_is_not() -> None:
    size = 1024
    edge = np.clip((np.arange(size) - size / 2) / 20 + 0.5, 0, 1)
    for gain, width in ((0.8 + 0.2 * edge, 4), (0.98 + 0.02 * edge, 30)):
        picture = np.full((4, size, size), 0.5, np.float32)
        unlit = brightness(picture)
        picture[:3] *= gain.astype(np.float32)
        with_cut_light(picture, unlit)
        row = picture[0, size // 2]
        low, high = row.min(), row.max()
        between = (row > low + 0.1 * (high - low)) & (row < high - 0.1 * (high - low))
        assert between.sum() <= width
    assert between.sum() > 10, "what is faint stays soft"


def refined(model: Ink, size: int, style: str, seed: int = 42) -> Pixels:
    sketch = np.zeros((1024, 1024, 4), np.uint8)
    sketch[..., 3] = np.rint(inked([ring(1024, 0.8), [(0.3, 0.5), (0.7, 0.5)]], 1024) * 255)
    asked = {"prompt": "orange", "size": size, "style": style, "seed": seed}
    params = InkParams.model_validate(asked)
    asked_for = Request(params, {"sketch": sketch}, Stage.FINAL, 1)
    (job,) = model.prepare([(model.open(), asked_for)])
    model.step([job])
    return model.emit([job])[0][0].pixels


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("style", STYLES)
def test_a_line_has_no_seam(model: Ink, size: int, style: str) -> None:
    """From either side, what is seen gets darker up to the line's middle, and never lighter."""
    picture = refined(model, size, style).astype(float)
    seen = picture[..., :3].mean(2) * picture[..., 3] / 255 + 255 - picture[..., 3]
    lines = redrawn(inked([ring(1024, 0.8)], 1024))
    middle = size / 2
    for degrees in range(5, 360, 10):
        if min(abs(degrees - 0), abs(degrees - 180), abs(degrees - 360)) < 25:
            continue  # the other stroke is near
        out = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        radii = np.arange(0.27, 0.33, 0.25 / size) * size
        x, y = (middle + radii * out[axis] - 0.5 for axis in (0, 1))
        at = [np.asarray(a, np.float32)[None] for a in (x, y)]
        across = cv2.remap(seen.astype(np.float32), at[0], at[1], cv2.INTER_LINEAR)[0]
        scale = 1024 / size
        grown = [np.asarray((a + 0.5) * scale - 0.5, np.float32) for a in at]
        inner = cv2.remap(lines, grown[0], grown[1], cv2.INTER_LINEAR)[0] > 0.02
        first, last = np.flatnonzero(inner)[[0, -1]]
        centre = (first + last) // 2
        rises = np.diff(across[first : centre + 1])
        falls = np.diff(across[centre : last + 1])
        assert rises.max(initial=0) <= 4, (degrees, across[first : last + 1])
        assert falls.min(initial=0) >= -4, (degrees, across[first : last + 1])


@pytest.mark.parametrize("style", STYLES)
def test_a_refine_repeats_by_its_seed(model: Ink, style: str) -> None:
    first, again = (refined(model, 512, style, 7) for _ in range(2))
    assert np.array_equal(first, again)
