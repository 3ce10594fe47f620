"""What tells whether the styles are styles: shading apart from colour, and its distance to art."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from training.ink.cases import Case, Painter
from training.ink.open_lines import stray_shares, with_open_lines
from training.ink.styles import (
    between,
    distance,
    follows_the_light,
    patches,
    shading,
    shading_between,
)

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink


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
