"""A photograph becomes an illustration of its own colours, and says that words do not count."""

from __future__ import annotations

import numpy as np
import pytest

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.finish.poster import OF_A_PHOTOGRAPH

STYLES = ("flat", "shaded", "3d", "noto")


def photograph(side: int = 256) -> Pixels:
    """Return a red ball on a green ground under a blue gradient, with grain."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    rgb = np.stack([0.2 + 0 * x, 0.3 + 0.2 * y, 0.9 - 0.5 * y], 2)
    rgb[y > 0.7] = (0.2, 0.5, 0.2)
    rgb[(x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.05] = (0.8, 0.15, 0.1)
    rgb += np.random.default_rng(1).normal(0, 0.03, rgb.shape)
    rgb[(x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.003] = 0.05  # a hole in it
    made: Pixels = (np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    return made


def draw(model: Ink, picture: Pixels, stage: Stage = Stage.DRAFT, **params: object) -> Pixels:
    asked = InkParams.model_validate(params)
    job = model.prepare([(model.open(), Request(asked, {"sketch": picture}, stage, 1))])[0]
    model.step([job])
    assert job.notes[-1] is OF_A_PHOTOGRAPH
    return model.emit([job])[0][0].pixels


def colours_of(picture: Pixels) -> int:
    return len(np.unique(picture.reshape(-1, 4), axis=0))


@pytest.mark.parametrize("style", STYLES)
def test_its_own_colours_stay(shipped: Ink, style: str) -> None:
    made = draw(shipped, photograph(), style=style, prompt="a yellow cat")
    red, blue, green = made[128, 165, :3], made[20, 128, :3], made[230, 128, :3]
    assert red[0] > 2 * max(red[1], red[2])
    assert blue[2] > 1.5 * max(blue[0], blue[1])
    assert green[1] > 1.5 * max(green[0], green[2])
    assert made[..., 3].min() == 255


def test_flat_has_few_colours_and_strength_says_how_few_gradients(shipped: Ink) -> None:
    few = draw(shipped, photograph(), lines=0)
    assert colours_of(few) <= 10
    softer = draw(shipped, photograph(), lines=0, strength=0)
    assert colours_of(softer) > 100


def test_lines_are_where_brightness_drops_and_go_away(shipped: Ink) -> None:
    without, drawn = (draw(shipped, photograph(), lines=lines).astype(int) for lines in (0, 1))
    assert (drawn <= without).all()
    rim = (drawn < without).any(2)
    assert 0.001 < rim.mean() < 0.2
    away = np.hypot(*(np.mgrid[:256, :256] - 128)) / 256
    assert abs(away[rim & (away < 0.1)].mean() - 0.003**0.5) < 0.02, "round the hole"


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_a_refine_is_as_large_as_asked(shipped: Ink, size: int) -> None:
    made = draw(shipped, photograph(512), Stage.FINAL, size=size)
    assert made.shape == (size, size, 4)


def test_it_is_the_same_again(shipped: Ink) -> None:
    first, again = (draw(shipped, photograph()) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_photographs_and_drawings_share_a_batch(shipped: Ink) -> None:
    sketch = np.zeros((256, 256, 4), np.uint8)
    sketch[60:196, 60:196, 3] = 255
    sketch[66:190, 66:190, 3] = 0
    items = [
        (shipped.open(), Request(InkParams(prompt="box"), {"sketch": p}, Stage.DRAFT, 1))
        for p in (sketch, photograph(), sketch)
    ]
    jobs = shipped.prepare(items)
    shipped.step(jobs)
    first, photo, last = (still.pixels for (still,) in shipped.emit(jobs))
    np.testing.assert_array_equal(first, last)
    np.testing.assert_array_equal(photo, draw(shipped, photograph(), prompt="box"))
