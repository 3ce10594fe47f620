"""Light by rules that are searched: surfaces, what is known of art, the search, a blind look."""

from __future__ import annotations

import json
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from training.ink.data.surfaces import surfaces
from training.ink.evaluate import blind
from training.ink.train import light_data
from training.ink.train.light import Search, search
from training.ink.train.light_data import CHANNELS, FILE, INDEX

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.finish.light import RULES, Rule
from livedraft.runtime.models.ink.finish.relief import SIDE, relief


def halves(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[Pixels, Pixels]:
    """Return a disc of two colours, and its lines: the contour, and between the halves."""
    picture = np.zeros((256, 256, 4), np.uint8)
    picture[:, :128, :3], picture[:, 128:, :3] = left, right
    cover, ink = np.zeros((2, 256, 256), np.uint8)
    cv2.circle(cover, (128, 128), 90, 255, -1)
    cv2.circle(ink, (128, 128), 90, 255, 4)
    cv2.line(ink, (128, 38), (128, 218), 255, 4)
    picture[..., 3] = cover
    return picture, ink


def test_a_darker_half_is_a_shadow_and_another_hue_is_another_thing() -> None:
    shadow = surfaces(*halves((220, 60, 60), (170, 45, 50)))
    assert shadow.labels[128, 80] == shadow.labels[128, 176] > 0
    assert not shadow.ink[128, 128], "the line between light and shadow is none"
    assert shadow.inside[128, 128]
    other = surfaces(*halves((220, 60, 60), (60, 60, 220)))
    assert other.labels[128, 80] != other.labels[128, 176]
    assert other.ink[128, 128]
    apart = surfaces(*halves((220, 60, 60), (170, 45, 50)), apart=True)
    assert apart.labels[128, 80] != apart.labels[128, 176]


def test_a_surface_has_one_mean_colour() -> None:
    picture, ink = halves((200, 100, 100), (100, 50, 50))
    found = surfaces(picture, ink)
    means = found.means((picture[..., :3] / 255).astype(np.float32))[found.inside]
    assert (np.ptp(means, axis=0) == 0).all()
    np.testing.assert_allclose(means[0] * 255, (150, 75, 75), atol=6)


@pytest.mark.parametrize("painting", [True, False])
def test_an_empty_picture_has_no_surfaces(painting: bool) -> None:
    nothing = np.zeros((256, 256, 4), np.uint8)
    assert not surfaces(nothing, np.full((256, 256), 255 * painting, np.uint8)).inside.any()


def ball(size: int) -> Pixels:
    """Return what `light_data` keeps of a ball that is lit from the upper right, (128, 128, 11)."""
    cover = np.zeros((256, 256), np.float32)
    cv2.circle(cover, (128, 128), size, 1.0, -1)
    normals = relief(np.zeros_like(cover), cover)
    small = np.asarray(cv2.resize(cover, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    base = np.full((SIDE, SIDE, 3), (0.6, 0.4, 0.2), np.float32)
    lit = base + 0.2 * (normals[..., :1] - normals[..., 1:2])
    inside = (small > 0.99).astype(np.float32)
    planes = (base, lit, small, inside)
    maps = np.concatenate([p.reshape(SIDE, SIDE, -1) * 255 for p in planes], 2)
    every = np.concatenate([maps, normals * 127 + 128], 2)
    return np.asarray(np.rint(every).clip(0, 255), np.uint8)


@pytest.fixture(scope="module")
def balls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache of balls in two styles."""
    folder = tmp_path_factory.mktemp("light")
    sizes = range(60, 92, 8)
    np.save(folder / FILE, np.stack([ball(size) for size in sizes for _ in RULES]))
    told = [{"style": style, "whole": style == "3d"} for _ in sizes for style in RULES]
    (folder / INDEX).write_text(json.dumps(told))
    return folder


def test_the_arrays_hold_what_is_known_of_a_drawing(cache: Path, tmp_path: Path) -> None:
    for name in ("picture.npy", "lines.npy", "small.npy", "palette.npy", "records.json"):
        (tmp_path / name).symlink_to(cache / name)
    light_data.build(tmp_path, workers=0)
    told = json.loads((tmp_path / INDEX).read_text())
    assert [(t["style"], t["whole"]) for t in told] == [("shaded", False), ("shaded", True)]
    maps = np.load(tmp_path / FILE)[0]
    inside = maps[..., CHANNELS["inside"]][..., 0] > 0
    base, art = (maps[..., CHANNELS[name]][inside] for name in ("base", "art"))
    np.testing.assert_array_equal(base, art, "a flat drawing has its surfaces' colours")
    before = (tmp_path / INDEX).stat().st_mtime_ns
    light_data.build(tmp_path, workers=0)
    assert (tmp_path / INDEX).stat().st_mtime_ns == before, "its work is done"


@pytest.mark.parametrize("style", RULES)
def test_a_search_comes_closer_to_the_art(balls: Path, style: str) -> None:
    searched = Search(balls, style, 3)
    before = searched.distance(RULES[style])
    rule, after = search(searched, RULES[style], 6, random.Random(0))
    assert type(rule) is type(RULES[style])
    assert after <= before
    assert searched.distance(rule) == after
    assert searched.distance(Rule(0.0, 0.0, 0.0)) > 0


def test_a_blind_look_is_told_by_its_key(tmp_path: Path) -> None:
    key = [
        {"label": n, "style": s, "lit": side}
        for n, s, side in zip("abc", ("3d", "noto", "noto"), "lrl", strict=True)
    ]
    (tmp_path / blind.KEY).write_text(json.dumps(key))
    told = blind.tally(tmp_path, "ll=")
    assert told.splitlines()[0] == "all: lit 1, alike 1, of 3"
    assert "noto: lit 0, alike 1, of 2" in told
    assert told.endswith("b")
    with pytest.raises(SystemExit):
        blind.tally(tmp_path, "l")
