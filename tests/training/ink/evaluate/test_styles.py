"""What tells whether the styles are styles: shading apart from colour, and its distance to art."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from training.ink.card.styles import LIT, against_flat, style_goals
from training.ink.evaluate.cases import Case, Painter
from training.ink.evaluate.open_lines import stray_shares, with_open_lines
from training.ink.evaluate.style_judge import OLD, StyleJudge, accuracy, numbers_of, train
from training.ink.evaluate.styles import (
    between,
    distance,
    follows_the_light,
    patches,
    shading,
    shading_between,
    strength,
    surface_shading,
    without_shapes,
)

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.layout import STYLES


def drawing() -> tuple[Pixels, Pixels]:
    """Return a circle parted in two, and its two halves in two colours."""
    sketch = np.zeros((256, 256, 4), np.uint8)
    ink = np.zeros((256, 256), np.uint8)
    cv2.circle(ink, (128, 128), 80, 255, 4)
    cv2.line(ink, (128, 48), (128, 208), 255, 4)
    sketch[..., 3] = ink
    picture = np.zeros((256, 256, 4), np.uint8)
    picture[:, :128, :3], picture[:, 128:, :3] = (200, 40, 40), (40, 40, 200)
    cover = np.zeros((256, 256), np.uint8)
    cv2.circle(cover, (128, 128), 80, 255, -1)
    picture[..., 3] = cover
    return sketch, picture


def shaded(amount: float) -> Pixels:
    """Return the picture with a gradient over it."""
    picture = drawing()[1].astype(np.float32)
    picture[..., :3] *= 1 - amount * np.linspace(0, 1, 256, dtype=np.float32)[:, None, None]
    return picture.astype(np.uint8)


def test_flat_colours_have_no_shading_and_a_gradient_has() -> None:
    sketch, picture = drawing()
    flat, lit = shading(picture, sketch), shading(shaded(0.4), sketch)
    assert np.abs(flat.residual).max() < 0.01
    assert flat.inside.sum() > 15_000
    assert shading_between(flat, lit) > 3
    assert between(picture, shaded(0.4)) > shading_between(flat, lit), "its mean colour counts, too"


def test_patches_are_nearer_to_those_that_are_lit_alike() -> None:
    sketch, picture = drawing()
    flat, weak, strong = (
        [patches(shading(each, sketch))] for each in (picture, shaded(0.3), shaded(0.8))
    )
    assert distance(weak, weak) == 0
    assert distance(flat, weak) < distance(flat, strong)
    assert distance(strong, weak) < distance(strong, flat)


@pytest.mark.parametrize("style", ["shaded", "3d"])
def test_light_is_followed_and_its_lack_is_seen(style: str) -> None:
    sketch, picture = drawing()
    case = Case("ball", "fluent-flat", style, "ball", sketch, picture)
    assert follows_the_light(case, picture, style)
    assert not follows_the_light(case, picture, "flat")


def test_open_lines_enclose_nothing_and_are_the_same_again() -> None:
    sketch, _ = drawing()
    opened = with_open_lines(sketch, np.random.default_rng(0))
    assert (opened[..., 3] >= sketch[..., 3]).all()
    assert (opened != sketch).any()
    np.testing.assert_array_equal(opened, with_open_lines(sketch, np.random.default_rng(0)))


def test_what_is_painted_beside_open_lines_is_counted() -> None:
    class Spilling(Painter):
        def draw(
            self, case: Case, steps: int = 1, sketch: Pixels | None = None, **_: object
        ) -> Pixels:
            picture = drawing()[1].copy()
            if sketch is not None:
                picture[:40] = 255  # a cloud above
            return picture

    case = Case("ball", "fluent-flat", "flat", "ball", *drawing())
    spilled = stray_shares(Spilling(Ink.tiny()), [case])
    assert spilled["within_1_percent"] == 0
    assert spilled["largest"] > 0.3


def test_a_crescent_is_shading_of_a_surface_and_none_within_regions() -> None:
    sketch, picture = drawing()
    picture[:, :128, :3], picture[:, 128:, :3] = (200, 60, 60), (150, 45, 45)
    assert strength([shading(picture, sketch)]) < 0.1
    assert strength([surface_shading(picture, sketch)]) > 10


def lit_cases(style: str, steep: float) -> list[Case]:
    """Return balls of several sizes and colours, some lighter to one side."""
    cases = []
    for size in range(60, 100, 5):
        sketch, picture = np.zeros((2, 256, 256, 4), np.uint8)
        cv2.circle(sketch, (128, 128), size, (0, 0, 0, 255), 4)
        cv2.circle(picture, (128, 128), size, (2 * size, 120, 60, 255), -1)
        across = np.linspace(1 - steep, 1, 256)[:, None, None]
        picture[..., :3] = (picture[..., :3] * across).astype(np.uint8)
        cases.append(Case(f"{size}", "noto", style, "ball", sketch, picture))
    return cases


def test_the_judge_of_styles_tells_even_from_lit() -> None:
    judge = StyleJudge()
    cases = [*lit_cases("flat", 0.0), *lit_cases("shaded", 0.6)]
    old = Case("old", OLD, "noto", "ball", *drawing())
    train(judge, [*cases[::2], old], workers=0, updates=80)
    told = accuracy(judge.eval(), [*cases[1::2], old])
    assert told["right"] == 1
    assert set(told) == {"flat", "shaded", "right"}, "what the judge does not know is not asked"


def test_an_empty_picture_has_numbers() -> None:
    nothing = np.zeros((256, 256, 4), np.uint8)
    found = numbers_of(nothing, nothing[..., 3])
    assert np.isfinite(found).all()
    assert found.shape == numbers_of(drawing()[1], drawing()[0][..., 3]).shape


def test_the_card_tells_reached_goals_of_styles_from_missed_ones() -> None:
    apart = {"flat": {f"to {s}": 1.0 for s in STYLES}}
    apart |= {s: {f"to {t}": 0.1 if s == t else 0.5 for t in STYLES} for s in LIT}
    told = {
        "shading_difference": {"flat to noto": 9.0},
        "patch_distance": apart,
        "surface_patch_distance": apart,
        "judged": {"ours": {s: {t: float(s == t) for t in STYLES} for s in STYLES}},
        "light_followed": {"3d": 1.0},
        "seeds": {"flat": 7.0},
        "open_lines": {"within_1_percent": 1.0},
    }
    for what, value, sign, limit in style_goals(told):
        assert value >= limit if sign == "≥" else value <= limit, what
    assert against_flat(apart, "noto") == pytest.approx(0.1)


def test_a_shading_shape_s_line_is_left_out() -> None:
    sketch, picture = drawing()
    assert without_shapes(Case("ball", "noto", "noto", "ball", sketch, picture)).sketch[128, 128, 3]
    picture[:, :128, :3], picture[:, 128:, :3] = (200, 60, 60), (150, 45, 45)
    plain = without_shapes(Case("ball", "noto", "noto", "ball", sketch, picture)).sketch
    assert plain[128, 128, 3] == 0
    assert plain[128, 48, 3] > 0, "the contour stays"
