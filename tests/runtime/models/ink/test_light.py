"""Styles that are styles: relief, light, seeds, and lines that enclose nothing."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.drawing.regions import inked
from livedraft.runtime.models.ink.drawing.stray import outside, without_stray
from livedraft.runtime.models.ink.finish.light import Look, lit, look_of
from livedraft.runtime.models.ink.finish.planes import under_lines
from livedraft.runtime.models.ink.finish.relief import relief
from livedraft.runtime.models.ink.inference.palette import DEFAULT_SEED, varied

LIT = ("shaded", "3d", "noto")


def disc(side: int = 256, radius: float = 0.3) -> Floats:
    """Return coverage by a disc in the middle."""
    drawn = np.zeros((side, side), np.uint8)
    cv2.circle(drawn, (side // 2, side // 2), int(radius * side), 255, -1, cv2.LINE_AA)
    return (drawn / np.float32(255)).astype(np.float32)


def ring(side: int = 256) -> Floats:
    """Return the contour of `disc`."""
    drawn = np.zeros((side, side), np.uint8)
    cv2.circle(drawn, (side // 2, side // 2), int(0.3 * side), 255, 4, cv2.LINE_AA)
    return (drawn / np.float32(255)).astype(np.float32)


def orange(side: int = 256) -> Floats:
    """Return an orange disc, straight RGBA by planes."""
    colour = np.array([0.9, 0.5, 0.1], np.float32)[:, None, None]
    return np.concatenate([np.broadcast_to(colour, (3, side, side)), disc(side)[None]])


def ball_and(*strokes: list[tuple[int, int]]) -> Pixels:
    """Return a circle and strokes beside it as a user draws them."""
    ink = (ring() * 255).astype(np.uint8)
    for stroke in strokes:
        cv2.polylines(ink, [np.array(stroke, np.int32)], False, 255, 4, cv2.LINE_AA)
    sketch = np.zeros((256, 256, 4), np.uint8)
    sketch[..., 3] = ink
    return sketch


def draw(model: Ink, sketch: Pixels, **params: object) -> Pixels:
    asked = InkParams.model_validate({"prompt": "a ball", "lines": 0} | params)
    job = model.prepare([(model.open(), Request(asked, {"sketch": sketch}, Stage.DRAFT, 1))])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def test_a_disc_bulges_towards_every_side() -> None:
    normals = relief(ring(), disc())
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, rtol=1e-5)
    assert normals[64, 64, 2] > 0.99, "its middle faces the viewer"
    for y, x, axis, sign in ((64, 94, 0, 1), (64, 34, 0, -1), (94, 64, 1, 1), (34, 64, 1, -1)):
        assert sign * normals[y, x, axis] > 0.2


def test_a_line_within_a_shape_does_not_dent_it() -> None:
    smile = ring()
    cv2.ellipse(smile, (128, 140), (30, 18), 0, 20, 160, 1.0, 4, cv2.LINE_AA)
    np.testing.assert_allclose(relief(smile, disc()), relief(ring(), disc()), atol=0.02)


def test_a_line_through_a_shape_parts_it() -> None:
    parted = ring()
    cv2.line(parted, (128, 40), (128, 216), 1.0, 4)
    left, right = relief(parted, disc())[64, 58], relief(parted, disc())[64, 70]
    assert left[0] > 0.1 > -0.1 > right[0], "two bulges, and a valley between them"


@pytest.mark.parametrize("style", LIT)
@pytest.mark.parametrize("side", [256, 512])
def test_a_style_lights_one_side_and_shades_the_other(style: str, side: int) -> None:
    made = lit(orange(side), ring(), style, Look())
    lit_at, dark_at = (int(0.43 * side), int(0.68 * side)), (int(0.57 * side), int(0.32 * side))
    if style == "noto":  # is lit from above
        lit_at, dark_at = (int(0.3 * side), side // 2), (int(0.75 * side), side // 2)
    assert made[:3, *lit_at].sum() > made[:3, *dark_at].sum() + 0.05
    np.testing.assert_array_equal(made[3], orange(side)[3], "the silhouette stays")
    assert 0 <= made.min() <= made.max() <= 1


@pytest.mark.parametrize("style", LIT)
def test_turning_the_light_turns_the_shading(style: str) -> None:
    made = lit(orange(), ring(), style, replace(Look(), turn=180.0))
    upper, lower = ((76, 128), (192, 128)) if style == "noto" else ((110, 174), (146, 82))
    assert made[:3, *upper].sum() < made[:3, *lower].sum() - 0.05


def test_the_styles_differ_from_each_other(shipped: Ink) -> None:
    painted = {s: draw(shipped, ball_and(), style=s).astype(int) for s in ("flat", *LIT)}
    inside = disc() > 0.99
    apart = [
        np.abs(painted[a] - painted[b])[inside].mean() for a in painted for b in painted if a < b
    ]
    assert min(apart) > 3


def test_flat_and_empty_pictures_stay_as_they_are() -> None:
    np.testing.assert_array_equal(lit(orange(), ring(), "flat", Look()), orange())
    nothing = np.zeros((4, 256, 256), np.float32)
    np.testing.assert_array_equal(lit(nothing.copy(), ring(), "3d", Look()), nothing)


@given(st.integers(0, 2**32 - 1), st.sampled_from(LIT))
@settings(max_examples=20, deadline=None)
def test_any_seed_gives_colours(seed: int, style: str) -> None:
    made = lit(orange(), ring(), style, look_of(seed, DEFAULT_SEED))
    assert np.isfinite(made).all()
    assert 0 <= made.min() <= made.max() <= 1


def test_the_default_seed_is_the_plain_look_and_others_are_their_own() -> None:
    assert look_of(DEFAULT_SEED, DEFAULT_SEED) == Look()
    assert len({look_of(seed, DEFAULT_SEED) for seed in range(20)}) == 20
    assert look_of(7, DEFAULT_SEED) == look_of(7, DEFAULT_SEED)


def test_another_seed_turns_hues_but_for_stated_colours() -> None:
    palette = np.array([[[0.6, 0.2, 0.1, 0.7], [0.7, -0.1, 0.1, 0.3]]], np.float32)
    np.testing.assert_array_equal(varied(palette, DEFAULT_SEED, 0), palette)
    turned = varied(palette, 7, 0)
    assert (np.abs(turned - palette)[0, :, 1:3].max(1) > 0.03).all()
    np.testing.assert_array_equal(turned[..., 3], palette[..., 3], "shares stay")
    kept = varied(palette, 7, 1)
    np.testing.assert_array_equal(kept[0, 0], palette[0, 0])
    assert (kept[0, 1] != palette[0, 1]).any()


def test_a_seed_changes_what_is_seen_and_no_stated_colour(shipped: Ink) -> None:
    inside = disc() > 0.99
    plain, other = (draw(shipped, ball_and(), seed=s).astype(int) for s in (42, 7))
    assert np.abs(plain - other)[inside].mean() > 4
    moved = (plain[..., 3] > 127) != (other[..., 3] > 127)
    assert moved.mean() < 1e-3, "the silhouette stays"
    for seed in (42, 7, 8):
        red = draw(shipped, ball_and(), prompt="a red ball", seed=seed)[inside].mean(0)
        assert red[0] > 2 * max(red[1], red[2]), "red is red"


OPEN = {
    "a ground line": [(10, 222), (246, 222)],
    "a whisker": [(206, 128), (250, 120)],
    "steam": [(128, 40), (134, 28), (122, 16), (128, 4)],
    "a tail": [(200, 150), (240, 170), (250, 210)],
}


@pytest.mark.parametrize("stroke", OPEN.values(), ids=OPEN)
def test_what_encloses_nothing_is_a_line_and_no_region(
    shipped: Ink, stroke: list[tuple[int, int]]
) -> None:
    made = draw(shipped, ball_and(stroke), style="flat")[..., 3] > 127
    grown = cv2.dilate((ring() + disc() > 0.1).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    line = cv2.dilate(ball_and(stroke)[..., 3], np.ones((5, 5), np.uint8)) > 0
    assert (made & ~grown & ~line).sum() <= 0.01 * made.sum()


def test_a_gap_of_a_hurried_hand_is_closed() -> None:
    gapped = ring()
    gapped[120:128, 190:220] = 0
    out = outside(inked(gapped))
    assert not out[64, 64]
    assert out[4, 4]


def test_an_open_drawing_keeps_its_body() -> None:
    half = ring()
    half[:128] = 0  # a bowl without a rim
    alpha = disc() * (np.arange(256)[:, None] >= 128)
    kept = without_stray(alpha.astype(np.float32), inked(half), outside(inked(half)))
    assert (kept * alpha).sum() > 0.95 * alpha.sum()


@given(st.binary(min_size=64, max_size=64))
@settings(max_examples=50, deadline=None)
def test_any_lines_have_an_outside(data: bytes) -> None:
    small = np.frombuffer(data, np.uint8).reshape(8, 8)
    large = cv2.resize(small, (256, 256), interpolation=cv2.INTER_NEAREST)
    lines = np.asarray(large, np.float32) / np.float32(255)
    found = outside(inked(lines))
    assert found.shape == (128, 128)
    assert not (found & inked(lines)).any(), "a line is neither in nor out"
    kept = without_stray(disc(), inked(lines), found)
    assert kept.shape == (256, 256)
    assert 0 <= kept.min() <= kept.max() <= 1


def test_a_kept_line_has_one_tone_within_and_outside_of_what_is_painted() -> None:
    made = under_lines(orange(), ring(), 0.8)
    row = made[128]
    inside, rim, beyond = row[56], row[51], row[48]
    assert inside[3] == rim[3] == 255
    np.testing.assert_allclose(rim[:3].astype(int), row[50][:3].astype(int), atol=6)
    assert rim[:3].max() < inside[:3].max() * 0.6, "dark"
    assert beyond[3] == 0 or beyond[:3].max() < inside[:3].max() * 0.6, "no light edge"


def test_lines_far_from_any_colour_are_not_black() -> None:
    alone = ring()
    cv2.line(alone, (128, 10), (128, 30), 1.0, 4)
    r, g, b, a = under_lines(orange(), alone, 0.8)[20, 128]
    assert a == 255
    assert r > g > b, "a tone of the picture's orange"


def test_without_lines_the_picture_stays() -> None:
    bare = under_lines(orange(), ring(), 0.0)
    np.testing.assert_array_equal(bare, under_lines(orange(), np.zeros_like(ring()), 0.8))
